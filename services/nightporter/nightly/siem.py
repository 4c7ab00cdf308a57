"""Flags for a SIEM: syslog records (RFC 5424) with CEF or ECS, sent by UDP, TCP (a line each) or TLS (RFC 5425)."""

import ipaddress
import json
import math
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from nightporter import __version__
from nightporter.nightly.message import Message, Told

PRIORITY = 13 * 8 + 4  # log audit, warning
TIMEOUT = 10.0  # seconds
PORTS = {"udp": 514, "tcp": 514, "tls": 6514}
NAME = "Unusual logins"


def send_syslog(message: Message, url: str, form: str, context: ssl.SSLContext) -> None:
    """Send a record per flag to `url` (udp://, tcp:// or tls://host:port). OSError where that fails."""
    place = urlsplit(url)
    with _connected(place.scheme, place.hostname or "", place.port or PORTS[place.scheme], context) as connection:
        for flag in message.flags:
            connection.sendall(_framed(place.scheme, record(message, flag, form)))
        if place.scheme != "udp":
            connection.shutdown(socket.SHUT_WR)


@contextmanager
def _connected(scheme: str, host: str, port: int, context: ssl.SSLContext) -> Iterator[socket.socket]:
    if scheme == "udp":
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as connection:
            connection.connect(address)
            yield connection
        return
    with socket.create_connection((host, port), TIMEOUT) as connection:
        if scheme == "tcp":
            yield connection
        else:
            with context.wrap_socket(connection, server_hostname=host) as encrypted:
                yield encrypted


def _framed(scheme: str, text: str) -> bytes:
    line = text.encode("utf-8", "replace")
    if scheme == "tls":
        return f"{len(line)} ".encode() + line
    return line + b"\n" if scheme == "tcp" else line


def record(message: Message, flag: Told, form: str) -> str:
    """One syslog record."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = cef(message, flag) if form == "cef" else ecs(message, flag)
    return f"<{PRIORITY}>1 {at} {socket.gethostname() or '-'} nightporter - flag - {body}"


def cef(message: Message, flag: Told) -> str:
    """ArcSight's Common Event Format, version 0."""
    fields = {
        "externalId": flag.flag_id, "rt": str(_midnight_ms(message)), "cat": "login", "suser": flag.user,
        "dhost": flag.host, "msg": flag.sentence, "request": flag.link, "cn1Label": "rank", "cn1": str(flag.rank),
        "cn2Label": "oneIn", "cn2": str(flag.one_in), "cs1Label": "techniques", "cs1": " ".join(flag.techniques),
    }  # fmt: skip
    match _address(flag.source_ip):
        case ipaddress.IPv4Address() as four:
            fields["src"] = str(four)
        case ipaddress.IPv6Address() as six:
            fields |= {"c6a2Label": "Source IPv6 Address", "c6a2": str(six)}
    extension = " ".join(f"{name}={_escaped(value, '=')}" for name, value in fields.items() if value)
    version = _escaped(__version__, "|")
    return f"CEF:0|Nightporter|Nightporter|{version}|flag|{NAME}|{severity(flag)}|{extension}"


def ecs(message: Message, flag: Told) -> str:
    """Elastic Common Schema, as JSON on one line; only ASCII, so that nothing is left to interpret."""
    address = _address(flag.source_ip)
    content = {
        "@timestamp": f"{message.night}T00:00:00.000Z",
        "ecs": {"version": "8.11.0"},
        "event": {
            "kind": "alert", "category": ["authentication"], "type": ["info"], "dataset": "nightporter.flag",
            "id": flag.flag_id, "reason": flag.sentence, "severity": severity(flag), "url": flag.link,
        },
        "message": flag.sentence,
        "observer": {"vendor": "Nightporter", "product": "Nightporter", "version": __version__},
        "rule": {"name": NAME, "category": "anomaly"},
        "user": {"name": flag.user},
        "host": {"name": flag.host},
        "threat": {"framework": "MITRE ATT&CK", "technique": {"id": list(flag.techniques)}},
    }  # fmt: skip
    if address is not None:
        content["source"] = {"ip": str(address)}
    return json.dumps(content)


def severity(flag: Told) -> int:
    """1 to 10: one for each power of ten of its rarity."""
    return min(10, max(1, round(math.log10(max(flag.one_in, 10)))))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _escaped(text: str, special: str) -> str:
    return text.replace("\\", "\\\\").replace(special, f"\\{special}")


def _midnight_ms(message: Message) -> int:
    return int(datetime(message.night.year, message.night.month, message.night.day, tzinfo=UTC).timestamp() * 1000)
