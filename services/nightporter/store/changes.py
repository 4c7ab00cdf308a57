"""Settings that admins change in the console: rows that are only added, above the environment and settings.toml.

Only settings that the table in settings.py marks; none of them is a secret. The next night uses them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from clickhouse_connect.driver.client import Client

from nightporter.errors import ReviewError, SettingsError
from nightporter.settings import CHANGEABLE, Settings, read_value
from nightporter.store.query import sql
from nightporter.store.reasons import reasoned

LONGEST = 500  # characters of a value


@dataclass(frozen=True)
class Change:
    """What is in force instead of the environment's or the file's value: since when, by whom, why."""

    name: str
    value: str
    at: datetime
    who: str
    reason: str


def changes(client: Client) -> dict[str, Change]:
    """The changes in force by the setting's name."""
    rows = client.query(sql("queries/settings_changes.sql")).named_results()
    found = [Change(**row | {"at": row["at"].replace(tzinfo=UTC)}) for row in rows]
    return {change.name: change for change in found if change.name in CHANGEABLE}


def in_force(client: Client, settings: Settings) -> Settings:
    """`settings` with what was changed in the console. Raises SettingsError."""
    values = {}
    for name, change in changes(client).items():
        try:
            values[name] = read_value(name, change.value)
        except ValueError as error:
            raise SettingsError(
                f"The setting {name} was changed to {change.value!r} in the console, which cannot be ({error}); "
                "change it again on the console's page Settings."
            ) from error
    return replace(settings, **values)


def change(client: Client, who: str, wanted: Mapping[str, str], reason: str) -> None:
    """Set each of `wanted` (name → value as text), all or none. Raises ReviewError."""
    reason = reasoned(reason, "Say why, so that others can follow it later.")
    for name, value in wanted.items():
        if name not in CHANGEABLE or len(value) > LONGEST:
            raise ReviewError(f"{name} cannot be changed here, or not to anything that long.")
        try:
            read_value(name, value)
        except ValueError as error:
            raise ReviewError(f"{name} cannot be {value!r}: {error}.") from error
    _append(client, [[name, value, False, who, reason] for name, value in wanted.items()])


def take_back(client: Client, who: str, name: str) -> None:
    """Let the environment and the file count again for one setting."""
    if name in changes(client):
        _append(client, [[name, "", True, who, ""]])


def as_text(name: str, settings: Settings) -> str:
    """The value in force as it would stand in the environment."""
    value = getattr(settings, name)
    if isinstance(value, Mapping):
        return ",".join(f"{key}={one}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ",".join(str(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _append(client: Client, rows: list[list[object]]) -> None:
    if rows:
        client.insert("settings_changes", rows, column_names=["name", "value", "taken_back", "who", "reason"])
