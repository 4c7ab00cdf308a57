"""ClickHouse's HTTP protocol in front of the embedded engine: one request, one statement.

Bodies are read, inflated and inserted piece by piece, results are sent as the engine makes them, so neither is ever
in memory whole.
"""

import base64
import hmac
import json
import secrets
import zlib
from collections.abc import Iterator
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import lz4.frame
import zstandard

from nightporter.store.engine import DATA_FOLLOWS, NAMED_FORMAT, ROW_STREAMS, SELECTS, EngineError, Statement
from nightporter.store.engine import FRAMED_STREAMS as FRAMED
from nightporter.store.leases import Leases

PIECE = 1 << 20
LONGEST_PARAMETER = 128 << 10
"""Bytes; ClickHouse's own limit, so that nothing works here that fails on a server."""

LONGEST_HEAD = 1 << 16
"""Bytes within which an insert must have named its format, for its rows to be streamed."""

NOT_SETTINGS = {
    "query", "query_id", "database", "default_format", "compress", "decompress", "session_id", "session_timeout",
    "session_check", "wait_end_of_query", "buffer_size", "enable_http_compression", "client_protocol_version", "role",
    "quota_key", "user", "password", "send_progress_in_http_headers", "http_headers_progress_interval_ms",
    "cancel_http_readonly_queries_on_client_close",
}  # fmt: skip
STATUS = {47: 400, 60: 404, 62: 400, 81: 404, 497: 403, 516: 403}


class Disconnected(Exception):
    """The client went away in the middle of its request."""


class Protocol(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    leases: Leases
    password: str
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        """Serve `/ping`, `/lease` and statements that change nothing or everything, as ClickHouse does."""
        path = urlsplit(self.path).path
        if path == "/ping":
            self._reply(b"Ok.\n")
        elif not self._authorised():
            self._refuse(
                EngineError("Code: 516. DB::Exception: The password is not that of this store. (AUTHENTICATION_FAILED)")
            )
        elif path == "/lease":
            self._lease()
        else:
            self._statement()

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: requests are no news."""

    def _authorised(self) -> bool:
        key = self.headers.get("X-ClickHouse-Key", "")
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            key = base64.b64decode(credentials).decode(errors="replace").partition(":")[2]
        return hmac.compare_digest(key.encode(), self.password.encode())

    def _lease(self) -> None:
        """Hold the connection until the client's process is gone; the gateway stays as long as anyone holds one."""
        self.close_connection = True
        if not self.leases.take():
            self._reply(b"closing\n", status=503)
            return
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nheld\n")
            self.wfile.flush()
            while self.connection.recv(64):
                pass
        except OSError:
            pass
        finally:
            self.leases.give_back()

    def _statement(self) -> None:
        fields = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        mark = f"request-{secrets.token_hex(8)}"
        try:
            with self.leases.running(fields.get("query_id") or mark, mark, self.connection):
                self._answer(fields, mark)
        except EngineError as error:
            self._refuse(error)
        except (Disconnected, ConnectionError, TimeoutError):
            self.close_connection = True

    def _answer(self, fields: dict[str, str], mark: str) -> None:
        body = self._body()
        if self.headers.get_content_type() == "multipart/form-data":
            fields.update(_form(self.headers["Content-Type"], b"".join(body)))
            body = iter(())
        head = fields["query"].encode() + b"\n" if fields.get("query") else b""
        inserts = DATA_FOLLOWS.match(head)
        while inserts is None and len(head) < LONGEST_HEAD and (piece := next(body, b"")):
            head += piece
            inserts = DATA_FOLLOWS.match(head)
        if any(len(value) > LONGEST_PARAMETER for name, value in fields.items() if name.startswith("param_")):
            raise EngineError("Code: 1000. DB::Exception: A parameter is longer than 128 KiB. (POCO_EXCEPTION)")
        settings = {k: v for k, v in fields.items() if k not in NOT_SETTINGS and not k.startswith("param_")}
        parameters = {k.removeprefix("param_"): v for k, v in fields.items() if k.startswith("param_")}
        database = fields.get("database") or "default"
        engine = self.leases.engine
        if inserts:
            rest = head[inserts.end() :]
            text, clause = inserts["insert"].decode(), (inserts["clause"] or b"").decode()
            statement = Statement(text, database, settings, parameters, mark, clause)
            rows, size = engine.insert(statement, inserts["form"].decode(), _joined(rest, body))
            self._reply(
                b"", {"X-ClickHouse-Summary": json.dumps({"written_rows": str(rows), "written_bytes": str(size)})}
            )
            return
        text = b"".join((head, *body)).decode(errors="surrogateescape").strip()
        if not text:
            self._reply(b"Ok.\n")
            return
        named = NAMED_FORMAT.search(text)
        form = named[1] if named else fields.get("default_format", "TabSeparated")
        text = (text[: named.start()] if named else text).rstrip().rstrip(";")
        statement = Statement(text, database, settings, parameters, mark)
        headers = {"X-ClickHouse-Query-Id": fields.get("query_id") or mark, "X-ClickHouse-Timezone": "UTC"}
        if SELECTS.match(text) and form in ROW_STREAMS | FRAMED:
            self._stream(engine.select(statement, form), {**headers, "X-ClickHouse-Format": form})
        else:
            result = engine.run(statement, form)
            self._reply(result, {**headers, "X-ClickHouse-Format": form} if result else headers)

    def _stream(self, pieces: Iterator[bytes], headers: dict[str, str]) -> None:
        """Send pieces as they come; an error after the first goes into the body, marked as ClickHouse does."""
        try:
            first = next(pieces, b"")  # most errors show before the status is sent
            tag = secrets.token_hex(8)
            self._begin(200, {**headers, "X-ClickHouse-Exception-Tag": tag, "Transfer-Encoding": "chunked"})
            self._chunk(first)
            try:
                for piece in pieces:
                    self._chunk(piece)
            except EngineError as error:
                text = str(error)
                self._chunk(
                    f"\r\n__exception__\r\n{tag}\r\n{text}\n{len(text) + 1} {tag}\r\n__exception__\r\n".encode()
                )
            self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
        finally:
            pieces.close()  # type: ignore[attr-defined]

    def _chunk(self, piece: bytes) -> None:
        if piece:
            self.wfile.write(b"%x\r\n" % len(piece))
            self.wfile.write(piece)
            self.wfile.write(b"\r\n")

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _reply(self, content: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self._begin(status, {**(headers or {}), "Content-Length": str(len(content))})
        self.wfile.write(content)
        self.wfile.flush()

    def _refuse(self, error: EngineError) -> None:
        self.close_connection = True  # the rest of the body was perhaps not read
        headers = {"X-ClickHouse-Exception-Code": str(error.code), "Connection": "close"}
        self._reply(str(error).encode(errors="replace") + b"\n", headers, STATUS.get(error.code, 500))
        self._drain()

    def _drain(self) -> None:
        """Read on for a moment: closing with unread data would reset the connection and lose the answer."""
        self.connection.settimeout(2)
        try:
            for _ in range(1024):
                if not self.connection.recv(PIECE):
                    break
        except OSError:
            pass

    def _body(self) -> Iterator[bytes]:
        pieces = self._chunked() if "chunked" in self.headers.get("Transfer-Encoding", "") else self._sized()
        return _inflated(pieces, self.headers.get("Content-Encoding", ""))

    def _sized(self) -> Iterator[bytes]:
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            piece = self.rfile.read1(min(left, PIECE))
            if not piece:
                raise Disconnected
            left -= len(piece)
            yield piece

    def _chunked(self) -> Iterator[bytes]:
        while True:
            line = self.rfile.readline(64)
            if not line.strip():
                raise Disconnected
            size = int(line.split(b";")[0], 16)
            piece = self.rfile.read(size)
            if len(piece) < size or self.rfile.readline(8).strip():
                raise Disconnected
            if not size:
                return
            yield piece


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """The text fields of a multipart form; clickhouse-connect sends one when parameters are long."""
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields = {}
    for part in message.get_payload():
        if part.get_filename():  # type: ignore[union-attr]
            raise EngineError("Code: 48. DB::Exception: The embedded store takes no external tables. (NOT_IMPLEMENTED)")
        name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
        fields[name] = part.get_payload(decode=True).decode(errors="surrogateescape")  # type: ignore[union-attr]
    return fields


def _inflated(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Undo the content encoding; several frames may follow each other."""
    if not encoding or encoding == "identity":
        yield from pieces
        return
    makers: dict[str, Any] = {
        "gzip": lambda: zlib.decompressobj(31),
        "deflate": zlib.decompressobj,
        "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
        "lz4": lz4.frame.LZ4FrameDecompressor,
    }
    if encoding not in makers:
        raise EngineError(f"Code: 48. DB::Exception: Unknown content encoding {encoding!r}. (NOT_IMPLEMENTED)")
    frame = makers[encoding]()
    for piece in pieces:
        while piece:
            yield frame.decompress(piece)
            piece = frame.unused_data or b"" if frame.eof else b""
            if frame.eof:
                frame = makers[encoding]()
