"""Signing in with an account of this machine: three plain pages without any script, served beside Streamlit."""

from html import escape
from importlib.resources import files
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from nightporter.console.accounts import DAY, SHORTEST, Accounts, session_id
from nightporter.console.gate import COOKIE, NEW_PASSWORD, SIGN_IN, SIGN_OUT, cookie
from nightporter.console.stored import note
from nightporter.errors import AccountError
from nightporter.settings import Settings

LARGEST_FORM = 4096  # bytes
ADDRESS = "x-nightporter-address"  # the gate writes it

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Nightporter · {title}</title><style>{style}</style>
<main><h1>Nightporter</h1><h2>{title}</h2>{message}<form method="post" action="{action}">{fields}
<button>{button}</button></form>{hint}</main></html>"""

FIELD = (
    '<label>{label}<input name="{name}" type="{type}" autocomplete="{fill}" maxlength="200" required{focus}></label>'
)


def routes(settings: Settings) -> list[Route]:
    """The pages; none behind a proxy, which has its own."""
    if settings.console_proxies:
        return []
    accounts = Accounts(settings.home)

    async def sign_in(request: Request) -> Response:
        onward = _safe(request.query_params.get("next", ""))
        if request.method == "GET":
            return _sign_in_page(onward)
        form = await _form(request)
        name, password = form.get("name", "").strip().lower(), form.get("password", "")
        address = request.headers.get(ADDRESS, "")
        try:
            token = await run_in_threadpool(accounts.sign_in, name, password)
        except AccountError as error:
            await run_in_threadpool(note, settings, name, "sign-in refused", address)
            return _sign_in_page(onward, str(error), 401)
        await run_in_threadpool(note, settings, name, "signed in", address)
        answer = RedirectResponse(onward, 303)
        # without a proxy that encrypts, this machine's console is plain HTTP on the loopback
        encrypted, lasts = settings.console_encrypted, int(DAY.total_seconds())
        answer.set_cookie(COOKIE, token, max_age=lasts, secure=encrypted, httponly=True, samesite="lax")
        return answer

    async def new_password(request: Request) -> Response:
        session = accounts.session(session_id(cookie(request.headers)))
        if session is None:
            return RedirectResponse(SIGN_IN, 303)
        if request.method == "GET":
            return _password_page(session.one_time)
        form = await _form(request)
        if form.get("new", "") != form.get("again", ""):
            return _password_page(session.one_time, "The two new passwords differ; type them again.", 400)
        try:
            await run_in_threadpool(accounts.change_password, session, form.get("old", ""), form.get("new", ""))
        except AccountError as error:
            return _password_page(session.one_time, str(error), 400)
        await run_in_threadpool(note, settings, session.name, "password changed", request.headers.get(ADDRESS, ""))
        return RedirectResponse("/", 303)

    async def sign_out(request: Request) -> Response:
        session = accounts.session(session_id(cookie(request.headers)))
        if session:
            accounts.sign_out(session.id)
            await run_in_threadpool(note, settings, session.name, "signed out", request.headers.get(ADDRESS, ""))
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(COOKIE)
        return answer

    pages = ((SIGN_IN, sign_in), (NEW_PASSWORD, new_password), (SIGN_OUT, sign_out))
    return [Route(path, page, methods=["GET", "POST"]) for path, page in pages]


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that this site itself has sent; nothing of any other."""
    origin, length = request.headers.get("origin"), request.headers.get("content-length", "")
    if (origin and urlsplit(origin).netloc != request.headers.get("host")) or not length.isdigit():
        return {}
    if int(length) > LARGEST_FORM:
        return {}
    text = (await request.body())[:LARGEST_FORM].decode("utf-8", "replace")
    return {name: values[0] for name, values in parse_qs(text).items()}


def _safe(path: str) -> str:
    """Where to go on to: a path of this site, else its front page."""
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() else "/"


def _sign_in_page(onward: str, message: str = "", status: int = 200) -> Response:
    fields = FIELD.format(label="Name", name="name", type="text", fill="username", focus=" autofocus")
    fields += FIELD.format(label="Password", name="password", type="password", fill="current-password", focus="")
    hint = (
        "<p>No account? An admin makes one: <code>nightporter account add NAME</code>. "
        "No password any more, or locked out: <code>nightporter account reset NAME</code>.</p>"
    )
    action = SIGN_IN if onward == "/" else f"{SIGN_IN}?{urlencode({'next': onward})}"
    return _page("Sign in", message, action, fields, "Sign in", hint, status)


def _password_page(one_time: bool, message: str = "", status: int = 200) -> Response:
    present = "The password you were given" if one_time else "Your present password"
    fields = FIELD.format(label=present, name="old", type="password", fill="current-password", focus=" autofocus")
    fields += FIELD.format(label="New password", name="new", type="password", fill="new-password", focus="")
    fields += FIELD.format(label="New password again", name="again", type="password", fill="new-password", focus="")
    hint = f"<p>At least {SHORTEST} characters. A sentence is easier to remember than a riddle.</p>"
    return _page("Choose your password", message, NEW_PASSWORD, fields, "Set the password", hint, status)


def _page(title: str, message: str, action: str, fields: str, button: str, hint: str, status: int) -> Response:
    said = f'<p class="refused" role="alert">{escape(message)}</p>' if message else ""
    style = files("nightporter.console").joinpath("signin.css").read_text(encoding="utf-8")
    text = PAGE.format(
        title=title, style=style, message=said, action=escape(action), fields=fields, button=button, hint=hint
    )
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})
