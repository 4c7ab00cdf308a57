"""The receiver: `nightporter receive`. Several may run beside each other; each is one process and keeps nothing.

A host proves its name with its certificate, either to the receiver itself or to a proxy before it. It may write lines
and heartbeats under that name, and nothing else. It hears 200 when they are stored, and 503 with Retry-After when not.
"""

import asyncio
import logging
import signal
import socket
import ssl
import time
from asyncio.sslproto import SSLProtocol
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter import logs
from nightporter.errors import ReceiverError
from nightporter.receiver import heartbeat
from nightporter.receiver.authority import Authority
from nightporter.receiver.commit import Busy, GroupCommit, insert, park
from nightporter.receiver.conversation import Answer, Request, converse
from nightporter.receiver.delivery import HOST, ZONES, Delivery, TooLarge, cleaned, stretch, unpacked
from nightporter.receiver.heartbeat import Heartbeat
from nightporter.settings import Settings, load
from nightporter.store.client import open_client
from nightporter.store.migrate import migrate, require_current

LOOK_EVERY = 10.0  # seconds between looks at which hosts have been removed
COME_BACK = 5  # seconds after which a host may try again; collectors add some of their own, each a different some
STEADY, BURST = 32 << 20, 128 << 20  # bytes a second, and at once, that one host may send
STORE_ANSWERS = 120  # seconds without a byte from the store
MOST_CONNECTIONS = 5000
TLS_BUFFER = 32 << 10  # bytes; a record of TLS has 16 kB
NOTE_EVERY = 60.0  # seconds between two notes about the same host's refused requests

log = logging.getLogger(__name__)


class Door:
    """A client on the store that is opened when it is needed, and again after a failure. For one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None

    def __enter__(self) -> Client:
        if self._client is None:
            client = open_client(self._settings, answer_timeout=STORE_ANSWERS)
            if self._settings.clickhouse_url:
                require_current(client)
            else:
                migrate(client, self._settings)
            self._client = client
        return self._client

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None and self._client is not None:
            with suppress(Exception):
                self._client.close()
            self._client = None


class Budget:
    """How many bytes one host may send: a bucket that fills steadily."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, host: str, size: int) -> bool:
        """Whether `size` more bytes of `host` are within its budget."""
        now = time.monotonic()
        left, since = self._left.get(host, (float(BURST), now))
        left = min(left + (now - since) * STEADY, BURST) - size
        allowed = left >= 0
        self._left[host] = (left if allowed else left + size, now)
        return allowed


class Receiver:
    """Answers requests; `run` keeps storing what they bring."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._inserting, self._looking = Door(settings), Door(settings)
        self._commit = GroupCommit(self._store)
        self._budget = Budget()
        self._removed: set[str] = set()
        self._noted: dict[str, float] = {}
        self._to_park: list[tuple[str, str, bytes]] = []

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commit.run())
            tasks.create_task(self._look_often())

    async def answer(self, host: str, request: Request) -> Answer:
        """Answer a request of `host`, whose name has been proved."""
        if host in self._removed:
            return self._refused(host, 403, f"{host} has been removed from the farm; enrol it again to let it back in")
        claimed = request.headers.get("nightporter-host", host)
        if claimed != host:
            return self._refused(host, 403, f"the certificate is for {host}, the batch says it is of {claimed[:64]!r}")
        if request.method != "POST":
            return Answer(405, {"error": "POST lines or heartbeats"})
        try:
            if request.path == "/v1/lines":
                return await self._lines(host, request)
            if request.path == "/v1/heartbeat":
                return await self._heartbeat(host, request)
        except Busy:
            return Answer(503, {"error": "the store is not taking lines"}, COME_BACK)
        return Answer(404, {"error": "there are /v1/lines and /v1/heartbeat"})

    def health(self) -> Answer:
        """Whether the store took what was last sent to it, or has answered since."""
        return Answer(200, {"status": "well"}) if self._commit.well else Answer(503, {"status": "the store is away"}, 5)

    async def _lines(self, host: str, request: Request) -> Answer:
        if not self._budget.take(host, len(request.body)):
            return Answer(429, {"error": f"{host} sends more than its share"}, COME_BACK)
        try:
            block = unpacked(request.body, request.headers.get("content-encoding", "").lower())
        except TooLarge as refusal:
            return self._refused(host, 413, str(refusal))
        kept, left_out = cleaned(block)
        if left_out:
            self._park(host, left_out, block)
        if kept:
            zone = request.headers.get("nightporter-zone", "")
            zone = self._settings.host_timezones.get(host) or (zone if zone in ZONES else self._settings.timezone)
            boot, origin = (request.headers.get(f"nightporter-{name}", "")[:256] for name in ("boot", "origin"))
            await self._commit.add(Delivery(host, zone, boot, origin, kept, stretch(request.headers)))
        return Answer(200, {"stored": kept.count(b"\n"), "parked": left_out})

    async def _heartbeat(self, host: str, request: Request) -> Answer:
        try:
            if len(request.body) > heartbeat.LONGEST:
                raise ValueError(f"more than {heartbeat.LONGEST} bytes")
            said = heartbeat.read(host, request.body, time.time())
        except (ValueError, RecursionError) as error:
            return self._refused(host, 400, f"this is no heartbeat ({error})")
        await self._commit.add(said)
        return Answer(200, {"stored": 1})

    def _refused(self, host: str, status: int, reason: str) -> Answer:
        now = time.monotonic()
        if now - self._noted.get(host, -NOTE_EVERY) >= NOTE_EVERY:
            self._noted[host] = now
            self._park(host, reason, b"")
        return Answer(status, {"error": reason}, COME_BACK * 12)

    def _park(self, host: str, reason: str, line: bytes) -> None:
        if len(self._to_park) < 1000:
            self._to_park.append((host, reason, line[: 64 << 10]))

    def _store(self, deliveries: Sequence[Delivery], heartbeats: Sequence[Heartbeat]) -> None:
        with self._inserting as client:
            insert(client, deliveries, heartbeats)

    async def _look_often(self) -> None:
        while True:
            await asyncio.to_thread(self._look)
            await asyncio.sleep(LOOK_EVERY)

    def _look(self) -> None:
        try:
            with self._looking as client:
                removed = client.query("SELECT name FROM hosts FINAL WHERE isNotNull(removed_at)").result_rows
                self._removed = {str(name) for (name,) in removed}
                self._commit.well = True  # a proxy may send nothing to the unwell, which then would stay so for ever
                while self._to_park:
                    park(client, *self._to_park[0])
                    self._to_park.pop(0)
        except Exception as error:  # noqa: BLE001  whatever it was, hosts are still received
            log.warning("put off: %s", (str(error).splitlines() or [type(error).__name__])[0][:300])


async def serve(settings: Settings) -> None:
    """Listen until SIGTERM or SIGINT. Raises ReceiverError."""
    receiver = Receiver(settings)
    tls = _tls(settings) if settings.receiver_identity == "tls" else None
    places = asyncio.Semaphore(MOST_CONNECTIONS)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        certificate = writer.get_extra_info("peercert")

        async def handle(request: Request) -> Answer:
            if tls is None and (request.method, request.path) == ("GET", "/health"):
                return receiver.health()
            host = _common_name(certificate) if tls else _passed_on(request.headers.get("x-client-name", ""))
            if not HOST.fullmatch(host):
                return Answer(403, {"error": "no certificate of this appliance names a host"}, COME_BACK * 12)
            return await receiver.answer(host, request)

        if places.locked():
            writer.close()  # the host comes back later
            return
        async with places:
            with suppress(asyncio.CancelledError):  # the receiver is being stopped
                await converse(reader, writer, handle)

    try:
        server = await asyncio.start_server(
            connected,
            settings.receiver_address,
            settings.receiver_port,
            ssl=tls,
            ssl_handshake_timeout=10 if tls else None,
            backlog=2048,
        )
    except OSError as error:
        raise ReceiverError(
            f"The receiver cannot listen on {settings.receiver_address} port {settings.receiver_port} "
            f"({error.strerror}); set NIGHTPORTER_RECEIVER_ADDRESS and NIGHTPORTER_RECEIVER_PORT."
        ) from error
    log.warning("receiving", extra={"fields": {"address": server.sockets[0].getsockname()[:2]}})
    work = asyncio.create_task(receiver.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    async with server:
        with suppress(asyncio.CancelledError):
            await work


def _tls(settings: Settings) -> ssl.SSLContext:
    # asyncio keeps a buffer for each connection, of 256 kB unless told: a quarter of a gigabyte for a thousand hosts
    SSLProtocol.max_size = TLS_BUFFER
    authority = Authority(settings.home / "secrets" / "farm")
    names = dict.fromkeys([*settings.receiver_names, socket.gethostname(), "localhost", "127.0.0.1", "::1"])
    certificate, key = authority.receiver(list(names))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _common_name(certificate: dict[str, Any] | None) -> str:
    names = [value for part in (certificate or {}).get("subject", ()) for name, value in part if name == "commonName"]
    return str(names[0]) if len(names) == 1 else ""


def _passed_on(text: str) -> str:
    """The name in what the proxy passes: the name itself, or a distinguished name with one CN."""
    names = [part.strip()[3:] for part in text.split(",") if part.strip().upper().startswith("CN=")]
    return (names[0] if len(names) == 1 else "") if "=" in text else text


def main() -> None:
    """Run until stopped."""
    logs.configure()
    asyncio.run(serve(load()))


if __name__ == "__main__":
    main()
