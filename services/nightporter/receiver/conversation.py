"""One connection of one host: HTTP/1.1 by h11, with bounds on everything the other side chooses."""

import asyncio
import json
from dataclasses import dataclass
from typing import Protocol

import h11

MOST_HEADERS = 16 << 10
LARGEST_BODY = 16 << 20  # bytes, as sent
IDLE = 150.0  # seconds a connection may be silent between requests; collectors speak each minute
SLOWEST = 60.0  # seconds a request may take to arrive
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. Header names are in lower case; of several of the same name, the last counts."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after`: seconds after which the host may come back."""

    status: int
    said: dict[str, object]
    retry_after: int = 0


class Handler(Protocol):
    """Answers a request; never raises."""

    async def __call__(self, request: Request) -> Answer: ...


class _Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handler) -> None:
    """Answer requests on this connection until it ends."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEADERS)
    try:
        while True:
            try:
                request = await _request(connection, reader, writer)
                if request is None:
                    return
                answer = await handle(request)
            except h11.RemoteProtocolError as error:
                answer = Answer(error.error_status_hint, {"error": "this is no HTTP request"})
            except _Refused as refusal:
                answer = Answer(refusal.status, {"error": str(refusal)})
            whole = connection.their_state is h11.DONE  # else the rest of the request is not waited for
            if connection.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
                return
            writer.write(_bytes(connection, answer, close=not whole))
            async with asyncio.timeout(SLOWEST):
                await writer.drain()
            if not whole or connection.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
                return
            connection.start_next_cycle()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return  # the other side has gone, or is too slow; it will come back
    finally:
        writer.close()


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    async with asyncio.timeout(IDLE):
        head = await _event(connection, reader)
    if not isinstance(head, h11.Request):
        return None
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    if int(headers.get("content-length", "0")) > LARGEST_BODY:
        raise _Refused(413, f"more than {LARGEST_BODY} bytes in one request")
    if connection.they_are_waiting_for_100_continue:
        writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
    body = bytearray()
    async with asyncio.timeout(SLOWEST):
        while isinstance(event := await _event(connection, reader), h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY:
                raise _Refused(413, f"more than {LARGEST_BODY} bytes in one request")
    if not isinstance(event, h11.EndOfMessage):
        return None
    path = head.target.decode("latin-1").partition("?")[0]
    return Request(head.method.decode("latin-1"), path, headers, bytes(body))


async def _event(connection: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(CHUNK))
    return event


def _bytes(connection: h11.Connection, answer: Answer, close: bool) -> bytes:
    body = json.dumps(answer.said).encode() + b"\n"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if answer.retry_after:
        headers.append(("Retry-After", str(answer.retry_after)))
    if close:
        headers.append(("Connection", "close"))
    parts = [
        connection.send(h11.Response(status_code=answer.status, headers=headers)),
        connection.send(h11.Data(data=body)),
        connection.send(h11.EndOfMessage()),
    ]
    return b"".join(part or b"" for part in parts)
