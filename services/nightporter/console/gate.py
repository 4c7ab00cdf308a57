"""The gate in front of everything the console serves: pages, their data, downloads and media alike.

Without a proxy that signs people in, a request needs the cookie of a session (accounts.py). Behind one, it must come
from the proxy's address and carry the key that only the proxy knows; then the proxy's word on the name and groups
counts. Whatever a client writes into our own headers is thrown away. Any proxy with the key is believed from where a
request comes, so that the audit has the reader's address and not the proxy's.
"""

import hmac
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from nightporter.console.accounts import Accounts, Session, session_id
from nightporter.console.identity import HEADERS, Person, known_roles
from nightporter.errors import SettingsError
from nightporter.settings import Settings

COOKIE = "nightporter"
SIGN_IN, NEW_PASSWORD, SIGN_OUT = "/sign-in", "/new-password", "/sign-out"
OPEN = {"/_stcore/health", SIGN_IN}
"""What anybody may ask for: whether the console runs, and the page to sign in."""

LONGEST_WAY = 2000  # characters of an address that one is led back to after signing in

NO_ENTRY = "You have no access to this console. Sign in through its proxy with an account that has a role in it."


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.accounts = Accounts(settings.home)
        self.key = _key(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass with the visitor's name on it, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        stripped = MutableHeaders(scope=scope)
        for name in HEADERS:
            del stripped[name]
        address = self.address(scope)
        stripped["X-Nightporter-Address"] = address
        path, behind_proxy = scope["path"], bool(self.settings.console_proxies)
        if path in OPEN and not (behind_proxy and path == SIGN_IN):
            await self.app(scope, receive, send)
            return
        person = self.from_proxy(scope) if behind_proxy else self.from_cookie(scope)
        if isinstance(person, Person):
            headers = MutableHeaders(scope=scope)
            headers["X-Nightporter-User"] = quote(person.name)
            headers["X-Nightporter-Roles"] = ",".join(sorted(person.roles))
            headers["X-Nightporter-Session"] = person.session
            headers["X-Nightporter-Address"] = person.address
            await self.app(scope, receive, send)
        elif isinstance(person, Session) and path in (NEW_PASSWORD, SIGN_OUT):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4401})
        else:
            await self._answer(scope, person)(scope, receive, send)

    def from_cookie(self, scope: Scope) -> Person | Session | None:
        """The person of the session in the cookie; the Session itself while it has to choose a password."""
        token = cookie(Headers(scope=scope))
        session = self.accounts.session(session_id(token)) if token else None
        if session is None or session.one_time:
            return session
        return Person(session.name, frozenset({session.role}), session.id, self.address(scope))

    def from_proxy(self, scope: Scope) -> Person | None:
        """The person the proxy names; nobody where the proxy did not send this, or the person has no role."""
        headers = Headers(scope=scope)
        try:
            peer = ip_address(_address(scope))
        except ValueError:
            return None
        known = any(peer in network for network in self.settings.console_proxies)
        if not known or not self.knows_the_key(headers):
            return None
        names, roles = headers.getlist("x-forwarded-user"), known_roles(headers.get("x-forwarded-groups", ""))
        if len(names) != 1 or not names[0].strip() or not roles:
            return None
        return Person(names[0].strip()[:200], roles, "", self.address(scope))

    def knows_the_key(self, headers: Headers) -> bool:
        """Whether the request comes through our proxy: nobody else knows the key."""
        sent = headers.getlist("x-nightporter-key")
        return bool(self.key) and len(sent) == 1 and hmac.compare_digest(sent[0].encode(), self.key.encode())

    def address(self, scope: Scope) -> str:
        """The reader's address: whom our proxy names (the last it has seen), else whoever is connected."""
        headers, connected = Headers(scope=scope), _address(scope)
        if not self.knows_the_key(headers):
            return connected
        named = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        try:
            return str(ip_address(named))
        except ValueError:
            return connected

    def _answer(self, scope: Scope, person: object) -> Response:
        if self.settings.console_proxies:
            return PlainTextResponse(NO_ENTRY, 403)
        headers = Headers(scope=scope)
        if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
            return PlainTextResponse("Sign in first.", 401)
        if isinstance(person, Session):
            return RedirectResponse(NEW_PASSWORD, 303)
        wanted = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        if len(wanted) > LONGEST_WAY:
            wanted = "/"
        return RedirectResponse(SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}", 303)


def cookie(headers: Headers) -> str:
    """The token in the request's cookie, "" without one."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


def _key(settings: Settings) -> str:
    path = settings.console_proxy_key_file
    if not settings.console_proxies and path is None:
        return ""
    try:
        key = path.read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The key file {path} cannot be read ({error}); correct it.") from error
    if len(key) < 16:
        raise SettingsError(
            "Behind a proxy the console needs a key of 16 characters or more that only the proxy knows; "
            "write one to a file and name it in NIGHTPORTER_CONSOLE_PROXY_KEY_FILE."
        )
    return key
