"""The gate: nothing is served to whom it does not know, whatever the client writes into its headers."""

import dataclasses
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from console_visit import PASSWORD
from nightporter.console.accounts import Accounts
from nightporter.console.gate import COOKIE, Gate
from nightporter.console.serve import may_listen
from nightporter.console.signin import routes
from nightporter.errors import SettingsError
from nightporter.settings import Settings, load
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

KEY = "a key that only the proxy knows"
INSIDE = {
    "user": "x-nightporter-user", "roles": "x-nightporter-roles", "session": "x-nightporter-session",
    "address": "x-nightporter-address",
}  # fmt: skip
ADDRESSES = (
    "/", "/person?user=ada", "/media/abc.csv", "/_stcore/stream", "/_stcore/host-config", "/static/js/index.js",
    "/_stcore/upload_file/x/y", "/_stcore/metrics", "/../secrets", "/%2e%2e/secrets/x", "/new-password",
)  # fmt: skip


async def inside(request: Request) -> JSONResponse:
    return JSONResponse({name: request.headers.get(header, "") for name, header in INSIDE.items()})


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(websocket.headers.get("x-nightporter-user", ""))
    await websocket.close()


def client_of(settings: Settings, address: str = "127.0.0.1") -> TestClient:
    pages = [*routes(settings), WebSocketRoute("/_stcore/stream", socket), Route("/{path:path}", inside)]
    app = Starlette(routes=pages, middleware=[Middleware(Gate, settings=settings)])
    return TestClient(app, follow_redirects=False, client=(address, 50000), base_url="http://127.0.0.1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # signing in goes on while the store is away
    monkeypatch.setenv("NIGHTPORTER_HOME", str(tmp_path))
    monkeypatch.setenv("NIGHTPORTER_CLICKHOUSE_URL", "http://127.0.0.1:9")
    return load()


@pytest.fixture
def local(home: Settings) -> Iterator[TestClient]:
    with client_of(home) as client:
        yield client


@pytest.fixture
def behind_proxy(home: Settings) -> Settings:
    path = home.home / "key"
    path.write_text(KEY + "\n")
    return dataclasses.replace(home, console_proxies=(ip_network("10.9.0.0/24"),), console_proxy_key_file=path)


def sign_in(client: TestClient, home: Settings, role: str = "analyst") -> None:
    one_time = Accounts(home.home).add("ada", role)
    assert client.post("/sign-in", data={"name": "ada", "password": one_time}).status_code == 303
    assert client.get("/person", headers={"accept": "text/html"}).headers["location"] == "/new-password"
    new = {"old": one_time, "new": PASSWORD, "again": PASSWORD}
    assert client.post("/new-password", data=new).headers["location"] == "/"


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_answers_without_signing_in(local: TestClient, address: str) -> None:
    spoofed = {"x-nightporter-user": "root", "x-nightporter-roles": "admin", "x-forwarded-user": "root",
               "x-forwarded-groups": "admin", "x-nightporter-key": KEY, "cookie": f"{COOKIE}=guess"}  # fmt: skip
    assert local.get(address).status_code == 401
    answer = local.get(address, headers=spoofed)
    assert answer.status_code == 401 and "root" not in answer.text
    page = local.get(address, headers=spoofed | {"accept": "text/html"})
    assert page.status_code == 303 and page.headers["location"].startswith("/sign-in")


def test_a_socket_needs_a_session_too(local: TestClient, home: Settings) -> None:
    with pytest.raises(WebSocketDisconnect), local.websocket_connect("ws://127.0.0.1/_stcore/stream"):
        pass
    sign_in(local, home)
    with local.websocket_connect("ws://127.0.0.1/_stcore/stream", headers={"x-nightporter-user": "root"}) as socket:
        assert socket.receive_text() == "ada"


def test_signed_in_one_is_who_one_is_until_one_signs_out(local: TestClient, home: Settings) -> None:
    sign_in(local, home)
    told = local.get("/", headers={"x-nightporter-user": "root", "x-nightporter-roles": "admin"}).json()
    assert (told["user"], told["roles"]) == ("ada", "analyst")
    kept = local.cookies[COOKIE]
    local.get("/sign-out")
    local.cookies.set(COOKIE, kept)
    assert local.get("/").status_code == 401, "the session has ended, not only its cookie"


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(local: TestClient, home: Settings) -> None:
    one_time = Accounts(home.home).add("ada", "viewer")
    cookie = local.post("/sign-in", data={"name": "ada", "password": one_time}).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie


def test_one_goes_on_to_where_one_wanted_but_never_to_another_site(local: TestClient, home: Settings) -> None:
    one_time = Accounts(home.home).add("ada", "viewer")
    told = {"name": "ada", "password": one_time}
    for wanted, onward in (("/person?user=x", "/person?user=x"), ("//evil.invalid", "/"), ("https://evil.invalid", "/"),
                           ("/\\evil.invalid", "/"), ("/x\r\nSet-Cookie: a=b", "/")):  # fmt: skip
        answer = local.post("/sign-in", params={"next": wanted}, data=told)
        assert answer.headers["location"] == onward


def test_a_form_of_another_site_or_of_enormous_size_is_not_read(local: TestClient, home: Settings) -> None:
    told = {"name": "ada", "password": Accounts(home.home).add("ada", "viewer")}
    assert local.post("/sign-in", data=told, headers={"origin": "http://evil.invalid"}).status_code == 401
    assert local.post("/sign-in", data=told | {"more": "x" * 100_000}).status_code == 401
    assert "<b>" not in local.post("/sign-in", data={"name": "<b>", "password": "<b>"}).text
    assert local.post("/sign-in", data=told).status_code == 303


def test_only_the_proxy_with_its_key_says_who_somebody_is(behind_proxy: Settings) -> None:
    said = {"x-forwarded-user": "ada", "x-forwarded-groups": "staff, nightporter-auditor", "x-nightporter-key": KEY}
    with client_of(behind_proxy, "10.9.0.5") as proxy:
        told = proxy.get("/", headers=said | {"x-nightporter-user": "root", "x-nightporter-roles": "admin"}).json()
        assert (told["user"], told["roles"]) == ("ada", "auditor")
        for lacking in said:
            assert proxy.get("/", headers={k: v for k, v in said.items() if k != lacking}).status_code == 403
        assert proxy.get("/", headers=said | {"x-nightporter-key": KEY + "!"}).status_code == 403
        assert proxy.get("/", headers=said | {"x-forwarded-groups": "staff"}).status_code == 403, "no role, no access"
        assert proxy.get("/", headers=[*said.items(), ("x-forwarded-user", "root")]).status_code == 403
        assert proxy.get("/sign-in").status_code == 403, "there are no local accounts behind a proxy"
    with client_of(behind_proxy, "10.9.1.5") as other:
        assert other.get("/", headers=said | {"x-forwarded-for": "10.9.0.5"}).status_code == 403


def test_the_readers_address_is_the_proxys_word_and_nobody_elses(home: Settings, behind_proxy: Settings) -> None:
    said = {"x-forwarded-for": "6.6.6.6, 192.0.2.7", "x-nightporter-address": "6.6.6.6"}
    keyed = dataclasses.replace(home, console_proxy_key_file=behind_proxy.console_proxy_key_file)
    token = ""
    for settings, key, found in ((home, KEY, "10.9.0.5"), (keyed, KEY, "192.0.2.7"), (keyed, "guess", "10.9.0.5")):
        with client_of(settings, "10.9.0.5") as client:
            if not token:
                sign_in(client, home)
                token = client.cookies[COOKIE]
            client.cookies.set(COOKIE, token)
            assert client.get("/", headers=said | {"x-nightporter-key": key}).json()["address"] == found
            nonsense = said | {"x-nightporter-key": key, "x-forwarded-for": "<b>"}
            assert client.get("/", headers=nonsense).json()["address"] == "10.9.0.5"


def test_an_address_of_enormous_length_is_not_led_back_to(local: TestClient) -> None:
    page = local.get("/person?user=" + "x" * 50_000, headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")


def test_behind_a_proxy_a_key_is_required_and_without_one_only_this_machine(behind_proxy: Settings) -> None:
    with pytest.raises(SettingsError, match="needs a key"):
        Gate(inside, dataclasses.replace(behind_proxy, console_proxy_key_file=None))  # type: ignore[arg-type]
    may_listen(dataclasses.replace(behind_proxy, console_address="0.0.0.0"))
    with pytest.raises(SettingsError, match="only behind a proxy"):
        may_listen(dataclasses.replace(behind_proxy, console_address="0.0.0.0", console_proxies=()))
    may_listen(dataclasses.replace(behind_proxy, console_address="0.0.0.0", console_proxies=(), console_encrypted=True))
