"""A heartbeat: what a collector says of itself each minute."""

import ipaddress
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightporter.receiver.delivery import milliseconds
from nightporter.store.rowbinary import length, string

TEXTS = ("boot_id", "version", "system")
COUNTS = ("backlog_bytes", "spool_bytes", "lines_read", "lines_sent", "given_up", "lost_bytes")
SMALL_COUNTS = ("truncations", "gaps")
HEARTBEAT_COLUMNS = (
    "received",
    "host",
    "at",
    "clock_offset",
    *TEXTS,
    "address",
    "origins",
    "lag",
    *COUNTS,
    *SMALL_COUNTS,
)
LONGEST = 8 << 10  # bytes of one heartbeat
LATEST = 7_258_118_400.0  # a clock beyond 2200 is broken; the store's times end later


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`said` has been checked by `read`."""

    host: str
    said: Mapping[str, Any]

    def row(self, received: datetime) -> bytes:
        """One row of HEARTBEAT_COLUMNS in ClickHouse's RowBinary format."""
        said = self.said
        parts = [
            struct.pack("<q", milliseconds(received)),
            string(self.host),
            struct.pack("<qd", round(said["at"] * 1e6), said["clock_offset"]),
            *(string(said[name]) for name in (*TEXTS, "address")),
            length(len(said["origins"])),
            *(string(origin) for origin in said["origins"]),
            struct.pack("<f", said["lag"]),
            struct.pack(f"<{len(COUNTS)}Q", *(said[name] for name in COUNTS)),
            struct.pack(f"<{len(SMALL_COUNTS)}I", *(said[name] for name in SMALL_COUNTS)),
        ]
        return b"".join(parts)


def read(host: str, body: bytes, arrived: float) -> Heartbeat:
    """A heartbeat of `host` that arrived at `arrived` (seconds since 1970). Raises ValueError."""
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("a heartbeat is a JSON object")
    at = _number(told, "at", LATEST)
    origins = told.get("origins", [])
    if not isinstance(origins, list):
        raise ValueError("origins is a list")
    said: dict[str, Any] = {
        "at": at,
        "clock_offset": at - arrived,
        "lag": _number(told, "lag", 1e9),
        "origins": [str(origin)[:256] for origin in origins[:20]],
    }
    said |= {name: str(told.get(name, ""))[:128] for name in TEXTS}
    said["address"] = _address(told.get("address", ""))
    said |= {name: int(_number(told, name, 2**63)) for name in COUNTS}
    said |= {name: int(_number(told, name, 2**31)) for name in SMALL_COUNTS}
    return Heartbeat(host, said)


def _address(told: Any) -> str:
    """An address as the log names it; '' for what is none, or one that every machine has."""
    try:
        address = ipaddress.ip_address(str(told)[:64])
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    everybodys = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    return "" if everybodys else str(address)


def _number(told: Mapping[str, Any], name: str, most: float) -> float:
    value = told.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is a number")
    return float(min(max(value, 0), most))
