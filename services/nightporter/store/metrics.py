"""The appliance's numbers for Prometheus, asked of the store by whoever merges (`nightporter merge --every`).

Where the store does not answer, the numbers stay and `nightporter_asked_timestamp_seconds` tells how old they are.
"""

import time

from clickhouse_connect.driver.client import Client
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from nightporter.store.query import sql

EVERY = 15.0
"""Seconds between two questions to the store at least."""

NUMBERS = {
    "entries": "Entries stored, before the last duplicates are merged away.",
    "logins": "Logins stored, before replaced ones are merged away.",
    "stored_bytes": "Bytes of all tables on disk, compressed.",
    "disk_free_bytes": "Room that is left on the store's fullest disk.",
    "lines_received": "Lines that the receiver took in 13 months; its rate is the rate of ingest.",
    "merge_waiting": "Rows in the queue of what new lines concern.",
    "merge_lag_seconds": "Age of the oldest row in that queue.",
    "unparsed_share": "Share of lines stored in the last hour that nobody could read.",
    "hosts_expected": "Servers that are enrolled.",
    "hosts_silent": "Of these, how many sent no heartbeat for ten minutes.",
    "parked_last_day": "Batches and requests refused in the last 24 hours.",
    "night_finished_timestamp_seconds": "When the last night was finished; 0 before the first.",
    "night_flags": "Flags of that night.",
    "night_logins": "Logins of that night.",
    "canary_recall": "Share of the planted attacks that the night found; 0 where none were planted.",
    "flag_overlap": "Share of flags that the model before would have raised, too.",
    "drift_nll": "Surprise of the night's logins in nats a login; grows when the farm changes.",
    "night_steps_waiting": "Steps of the newest night that wait.",
    "night_steps_running": "Steps of the newest night that run.",
    "night_steps_done": "Steps of the newest night that are done.",
    "night_steps_failed": "Steps of the newest night that failed.",
}
"""Column of queries/metrics.sql → help."""


class Metrics:
    """Gauges `nightporter_<name>`, served at http://address:port/metrics."""

    def __init__(self, address: str, port: int) -> None:
        registry = CollectorRegistry()
        self._numbers = {name: Gauge(f"nightporter_{name}", text, registry=registry) for name, text in NUMBERS.items()}
        self._merged = Gauge(
            "nightporter_merged_timestamp_seconds", "When the last merge came to its end.", registry=registry
        )
        self._asked = Gauge(
            "nightporter_asked_timestamp_seconds", "When the store last told these numbers.", registry=registry
        )
        self._next = 0.0
        start_http_server(port, address, registry)

    def merged(self, client: Client) -> None:
        """Note a merge, and ask the store for the numbers when that was long enough ago. Raises ClickHouseError."""
        self._merged.set_to_current_time()
        if time.monotonic() < self._next:
            return
        for name, value in next(iter(client.query(sql("queries/metrics.sql")).named_results())).items():
            self._numbers[name].set(float(value or 0))
        self._asked.set_to_current_time()
        self._next = time.monotonic() + EVERY
