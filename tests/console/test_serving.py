"""How the console is served: its options, its headers, and what it must not load."""

import asyncio
import base64
import hashlib
import subprocess
import sys
from importlib.resources import files

from nightporter.console import script_path
from nightporter.console.headers import HEADERS, SecurityHeaders, content_policy
from nightporter.console.serve import command
from starlette.types import Message, Receive, Scope, Send


def test_it_listens_on_this_machine_only_and_tells_nobody() -> None:
    options = command(8599)
    for wanted in ("--server.address=127.0.0.1", "--server.port=8599", "--browser.gatherUsageStats=false",
                   "--client.showErrorDetails=none", "--server.allowedHosts=localhost"):  # fmt: skip
        assert wanted in options


def test_the_policy_allows_streamlits_own_inline_script_and_no_other() -> None:
    html = files("streamlit").joinpath("static/index.html").read_text(encoding="utf-8")
    inline = html.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    scripts = next(rule for rule in content_policy().split("; ") if rule.startswith("script-src"))
    assert scripts == f"script-src 'self' 'sha256-{digest}'"
    assert "http" not in content_policy().replace("https:", "")


def test_every_response_carries_the_headers() -> None:
    async def plain_app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"SAMEORIGIN")]})
        await send({"type": "http.response.body", "body": b""})

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(SecurityHeaders(plain_app)({"type": "http"}, receive, send))
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    assert headers == {name.lower(): value for name, value in HEADERS.items()} | {
        "content-security-policy": content_policy()
    }


def test_neither_torch_nor_celery_is_loaded() -> None:
    code = (
        "import sys, nightporter.console.views.queue, nightporter.console.app; "
        "print([name for name in ('torch', 'celery') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_folder_is_called_pages() -> None:
    # Streamlit would serve each file in it by itself, past whatever the entry script checks
    assert not list(script_path().parent.rglob("pages"))
