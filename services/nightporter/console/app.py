"""The server of the console, as `streamlit run` starts it (see serve.py): Streamlit behind our headers and our gate."""

import os

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route
from streamlit.starlette import App

from nightporter.console import KEYS, keys_path, script_path
from nightporter.console.gate import Gate
from nightporter.console.headers import SecurityHeaders
from nightporter.console.signin import routes
from nightporter.settings import load

# the server must not believe a client's word on its address: the gate compares it with the proxy's
os.environ["FORWARDED_ALLOW_IPS"] = ""


def queue(request: Request) -> RedirectResponse:
    """The queue is the front page; whoever types its name finds it, too."""
    return RedirectResponse("/" + (f"?{request.url.query}" if request.url.query else ""), 308)


def keys(request: Request) -> FileResponse:
    """The only script of our own; asked for again at each visit, so that an update takes effect."""
    del request
    return FileResponse(keys_path(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


settings = load()
app = App(
    script_path(),
    routes=[*routes(settings), Route("/queue", queue), Route(KEYS, keys)],
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.console_hosts)),
        Middleware(SecurityHeaders),
        Middleware(Gate, settings=settings),
    ],
)
