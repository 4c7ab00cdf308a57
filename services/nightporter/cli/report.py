"""What `status` tells: collected from the store, the disk and the processes of `up`."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.nightly.ledger import STEPS
from nightporter.settings import Settings
from nightporter.store import embedded
from nightporter.store.client import connect
from nightporter.store.disk import room
from nightporter.store.hosts import findings, look
from nightporter.store.query import sql

UNPARSED_DAYS = 30
SILENT_HOURS = 24
EXACT_LOGINS = 10_000_000
FINDING_HOURS = 24


def collect(settings: Settings) -> dict[str, Any]:
    """Everything `status` prints, ready for JSON. Raises StoreError."""
    up = appliance(settings)
    store = embedded.state(settings)
    running = dict(up["children"])
    if not settings.clickhouse_url and store and alive(store["pid"]):
        running["store"] = store["pid"]
    now = datetime.now(UTC)
    with connect(settings) as client:
        sizes = {row["table"]: row for row in _rows(client, "store_sizes")}
        unparsed = _rows(client, "unparsed", days=UNPARSED_DAYS)
        nights = _rows(client, "last_night")
        read = _rows(client, "entries_received", days=UNPARSED_DAYS)[0]["entries"]
        return {
            "running": running,
            "console": up["address"],
            "last_night": nights[0] if nights else None,
            "steps": _steps(client),
            "entries": int(sizes.get("entries", {}).get("rows", 0)),
            "events": _logins(client, int(sizes.get("login_events", {}).get("rows", 0))),
            "waiting": int(_rows(client, "merge_pending", keys=0)[0]["waiting"]),
            "unparsed_share": sum(row["unparsed"] for row in unparsed) / read if read else 0.0,
            "unparsed": unparsed,
            "silent_hosts": _rows(client, "silent_hosts", hours=SILENT_HOURS),
            "hosts": look(client),
            "findings": findings(client, now - timedelta(hours=FINDING_HOURS), now + timedelta(hours=1)),
            "store_bytes": sum(int(row["bytes"]) for row in sizes.values()),
            "disk_free_bytes": room(client).free,
        }


def _logins(client: Client, stored: int) -> int:
    """How many logins `events` would print; of more than EXACT_LOGINS rows as many as are stored, replaced ones too."""
    return int(_rows(client, "count_logins")[0]["logins"]) if stored <= EXACT_LOGINS else stored


def _steps(client: Client) -> list[dict[str, Any]]:
    """The steps of the night that was worked on last, in their order."""
    found = {row["step"]: row for row in _rows(client, "latest_steps")}
    return [found[name] for name in STEPS if name in found]


def _rows(client: Client, name: str, **parameters: Any) -> list[dict[str, Any]]:
    return list(client.query(sql(f"queries/{name}.sql"), parameters=parameters).named_results())


def appliance(settings: Settings) -> dict[str, Any]:
    """What `up` wrote: `address` of the console, process ids of its `children`; empty when it is not running."""
    try:
        told = json.loads((settings.home / "run" / "up.json").read_text())
        children = {str(name): int(pid) for name, pid in told["children"].items() if alive(int(pid))}
        if alive(int(told["pid"])):
            return {"address": str(told["address"]), "children": children}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return {"address": "", "children": {}}


def alive(pid: int) -> bool:
    """Whether a process of this number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
