"""Every setting of Nightporter: one table that the code, `docs/settings.md` and its test read.

A setting comes from the environment (`NIGHTPORTER_<NAME>`), else from `settings.toml` in the home folder, else from the table.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from nightporter.errors import SettingsError


def _path(value: object) -> Path:
    return Path(str(value)).expanduser().absolute()


def _optional_path(value: object) -> Path | None:
    return _path(value) if str(value) else None


def _count(value: object) -> int:
    number = int(str(value))
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _share(value: object) -> float:
    number = float(str(value))
    if not 0 <= number <= 1:
        raise ValueError("must be a number from 0 to 1")
    return number


CHANNELS = ("webhook", "e-mail", "syslog")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _budgets(value: object) -> dict[str, int]:
    pairs = value.items() if isinstance(value, Mapping) else (
        (day, count) for day, _, count in (pair.strip().partition("=") for pair in str(value).split(",") if pair.strip())
    )  # fmt: skip
    budgets = {str(day).lower(): _count(count) for day, count in pairs}
    if unknown := sorted(set(budgets) - set(DAYS)):
        raise ValueError(f"{unknown[0]!r} is no day; name days as {', '.join(DAYS)}")
    return budgets


def _port(value: object) -> int:
    number = _count(value)
    if number > 65535:
        raise ValueError("must be a port number")
    return number


def _switch(value: object) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if str(value).lower() not in words:
        raise ValueError("must be true or false")
    return words[str(value).lower()]


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(name, strict=False) for name in _names(value))


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be a time zone such as Europe/Berlin") from error


def _time(value: object) -> str:
    try:
        return time.fromisoformat(str(value)).strftime("%H:%M")
    except ValueError as error:
        raise ValueError("must be a time such as 02:15") from error


def _zones(value: object) -> dict[str, str]:
    if isinstance(value, Mapping):
        pairs = [(str(host), zone) for host, zone in value.items()]
    else:
        pairs = [
            (host, zone)
            for host, _, zone in (pair.strip().partition("=") for pair in str(value).split(",") if pair.strip())
        ]
    return {host: _zone(zone) for host, zone in pairs}


def _names(value: object) -> list[str]:
    names = value if isinstance(value, list) else str(value).split(",")
    return [str(name).strip() for name in names if str(name).strip()]


def _identity(value: object) -> str:
    if value not in ("tls", "proxy"):
        raise ValueError("must be tls or proxy")
    return str(value)


def _level(value: object) -> str:
    level = str(value).lower()
    if level not in ("debug", "info", "warning", "error"):
        raise ValueError("must be debug, info, warning or error")
    return level


def _one_of_schemes(*schemes: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        url = urlsplit(str(value))
        if str(value) and (url.scheme not in schemes or not url.hostname or url.password or (url.port or 1) < 1):
            raise ValueError(
                f"must look like {' or '.join(f'{scheme}://host' for scheme in schemes)}, without a password"
            )
        return str(value)

    return read


_web = _one_of_schemes("https", "http")
_smtp = _one_of_schemes("smtps", "starttls", "smtp")
_syslog = _one_of_schemes("udp", "tcp", "tls")


def _siem_format(value: object) -> str:
    if str(value).lower() not in ("cef", "ecs"):
        raise ValueError("must be cef or ecs")
    return str(value).lower()


def _channels(value: object) -> list[str]:
    names = [name.lower() for name in _names(value)]
    if unknown := sorted(set(names) - set(CHANNELS)):
        raise ValueError(f"{unknown[0]!r} is no channel; there are {', '.join(CHANNELS)}")
    return names


def _setting(read: Callable[[object], Any], default: object, kind: str, text: str, *, changeable: bool = False) -> Any:
    """One row of the table: how to read it, its default, its type in words, its help; whether admins may change it in
    the console (store/changes.py), which no secret and nothing that says where data goes may be."""
    return field(metadata={"read": read, "default": default, "kind": kind, "text": text, "changeable": changeable})


@dataclass(frozen=True)
class Settings:
    """The settings in force; a row each."""

    # fmt: off
    home: Path = _setting(_path, "~/.nightporter", "folder", "Holds all local state: store, models, secrets, settings.toml. Read from the environment only.")
    clickhouse_url: str = _setting(str, "", "URL", "The ClickHouse server, as http(s)://host:port; empty means the embedded store in the home folder.")
    clickhouse_user: str = _setting(str, "nightporter", "text", "The account on that server.")
    clickhouse_password_file: Path | None = _setting(_optional_path, "", "file", "Holds that account's password, and nothing else.")
    clickhouse_ca_file: Path | None = _setting(_optional_path, "", "file", "The authority (PEM) that the server's certificate must come from; empty means those this machine trusts.")
    clickhouse_database: str = _setting(str, "nightporter", "text", "The database that holds everything.")
    store_memory_mb: int = _setting(_count, 0, "MB", "Memory that the embedded store may use; 0 means 40 % of the machine, at most 3000.")
    store_linger_seconds: int = _setting(_count, 10, "seconds", "How long the embedded store stays after its last user has gone.")
    timezone: str = _setting(_zone, "UTC", "time zone", "The zone of log lines that do not name one.")
    host_timezones: dict[str, str] = _setting(_zones, "", "host=zone, …", "The zone of single hosts whose lines do not name one (a table in settings.toml).")
    raw_retention_days: int = _setting(_count, 90, "days", "How long raw entries are kept; 0 means for ever.")
    event_retention_months: int = _setting(_count, 13, "months", "How long merged logins are kept; 0 means for ever.")
    review_budget: int = _setting(_count, 50, "flags", "How many flags a night the reviewers have time for.", changeable=True)
    weekday_budgets: dict[str, int] = _setting(_budgets, "", "day=flags, …", "Other budgets for the nights of single days, such as sat=20,sun=20 (a table in settings.toml).", changeable=True)
    refused_share: float = _setting(_share, 0.25, "share", "The share of the flags that sources which were refused (guessing, spraying) get on an ordinary night.", changeable=True)
    false_discoveries: float = _setting(_share, 1.0, "share", "The list of flags ends where more than this share of it is expected to be ordinary; 1 leaves it to the budget.", changeable=True)
    training_window_days: int = _setting(_count, 30, "days", "How many days before a night its model learns from.")
    night_time: str = _setting(_time, "02:15", "HH:MM", "When the night of the day before begins; when the last lines of that day have arrived.", changeable=True)
    night_timezone: str = _setting(_zone, "UTC", "time zone", "The zone of that time.", changeable=True)
    broker_url: str = _setting(str, "", "URL", "Redis or Valkey that carries the night's tasks, as redis://host:6379/0; empty means a file in the home folder.")
    broker_password_file: Path | None = _setting(_optional_path, "", "file", "Holds the broker's password, and nothing else.")
    notify_webhook_url: str = _setting(_web, "", "URL", "Where each night is told of as JSON; empty means nowhere (docs/notify.md).")
    notify_webhook_token_file: Path | None = _setting(_optional_path, "", "file", "Holds the token that is sent with it (Authorization: Bearer), and nothing else.")
    notify_email: list[str] = _setting(_names, "", "address, …", "Who is told of each night by e-mail; empty means nobody.")
    notify_sender: str = _setting(str, "nightporter@localhost", "address", "From whom that e-mail comes.")
    notify_smtp_url: str = _setting(_smtp, "smtp://localhost:25", "URL", "The mail server: smtps://account@host:465, starttls://account@host:587, or smtp://host:25 without encryption and account.")
    notify_smtp_password_file: Path | None = _setting(_optional_path, "", "file", "Holds that account's password, and nothing else.")
    notify_syslog_url: str = _setting(_syslog, "", "URL", "The SIEM's syslog: udp://host:514, tcp://host:514 or tls://host:6514; empty means none.")
    notify_syslog_format: str = _setting(_siem_format, "cef", "cef or ecs", "How a flag is written there: ArcSight's CEF or Elastic's ECS as JSON.")
    notify_ca_file: Path | None = _setting(_optional_path, "", "file", "The authority (PEM) that certificates of these servers must come from; empty means those this machine trusts.")
    notify_paused: list[str] = _setting(_channels, "", "channel, …", "Which of webhook, e-mail and syslog tell of no night for now, though they are set up.", changeable=True)
    console_url: str = _setting(_web, "", "URL", "The console's address as people reach it, for links; empty means this machine's.")
    console_address: str = _setting(str, "127.0.0.1", "address", "Where the console listens; anything but this machine's loopback only behind a proxy that encrypts (console_proxies).")
    console_hosts: list[str] = _setting(_names, "127.0.0.1, localhost", "names", "The names under which a browser may reach the console.")
    console_port: int = _setting(_port, 8501, "port", "The console's port; for `up`, 0 means any free one.")
    receiver_address: str = _setting(str, "127.0.0.1", "address", "Where the receiver listens for collectors; 0.0.0.0 for all networks of this machine.")
    receiver_port: int = _setting(_port, 8514, "port", "The receiver's port; 0 means any free port.")
    receiver_names: list[str] = _setting(_names, "", "name, …", "Names and addresses by which servers reach the receiver; they go into its certificate, beside this machine's own name.")
    receiver_identity: str = _setting(_identity, "tls", "tls or proxy", "Who checks the certificates of the servers: tls, the receiver itself; proxy, a proxy before it, which passes the name on in X-Client-Name. Nobody else may reach the receiver then.")
    console_encrypted: bool = _setting(_switch, "false", "true or false", "Whether a proxy in front of the console encrypts what browsers send; then its own accounts serve other machines, too, and cookies travel encrypted only.")
    console_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting(_networks, "", "addresses, …", "Addresses or networks of the proxy that signs people in; empty means accounts of this machine.")
    console_proxy_key_file: Path | None = _setting(_optional_path, "", "file", "Holds the key that the proxy sends as X-Nightporter-Key, and nothing else; whoever knows it is believed whose requests it passes on.")
    pseudonyms: bool = _setting(_switch, "false", "true or false", "Whether the console shows people as stable pseudonyms until a second person agrees to reveal one.")
    metrics_address: str = _setting(str, "127.0.0.1", "address", "Where `merge --every` serves numbers for Prometheus.")
    metrics_port: int = _setting(_port, 0, "port", "The port of these numbers; 0 means none are served.")
    log_level: str = _setting(_level, "warning", "level", "The least severe log record that is written to stderr: debug, info, warning or error.")
    # fmt: on


CHANGEABLE = frozenset(row.name for row in fields(Settings) if row.metadata["changeable"])
"""What admins may change in the console."""


def read_value(name: str, value: object) -> Any:
    """A setting's value from how it stands in the environment or the file; ValueError says what is wrong."""
    return next(row for row in fields(Settings) if row.name == name).metadata["read"](value)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read all settings; SettingsError names the first that cannot be read and where it came from."""
    home_row = next(row for row in fields(Settings) if row.name == "home")
    home = _path(environ.get("NIGHTPORTER_HOME") or home_row.metadata["default"])
    stored = _read_file(home / "settings.toml")
    values: dict[str, Any] = {"home": home}
    for row in fields(Settings):
        if row.name == "home":
            continue
        name = f"NIGHTPORTER_{row.name.upper()}"
        if name in environ:
            value, origin = environ[name], name
        elif row.name in stored:
            value, origin = stored[row.name], f"{row.name} in {home / 'settings.toml'}"
        else:
            value, origin = row.metadata["default"], row.name
        try:
            values[row.name] = read_value(row.name, value)
        except ValueError as error:
            raise SettingsError(
                f"The setting {origin} cannot be {value!r} ({error}); correct it, see docs/settings.md."
            ) from error
    return Settings(**values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read ({error}); correct or remove it.") from error
    unknown = sorted(set(stored) - {row.name for row in fields(Settings)} | (set(stored) & {"home"}))
    if unknown:
        raise SettingsError(
            f"The settings file {path} has an unknown setting {unknown[0]!r}; docs/settings.md lists all there are."
        )
    return stored


def document() -> str:
    """The text of `docs/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Generated from the table in `services/nightporter/settings.py` (`python -m nightporter.settings > docs/settings.md`).",
        "A setting comes from the environment, else from `settings.toml` in the home folder (under its name in lower case",
        "without the prefix), else it has its default. Those marked ✎ can also be changed by admins on the console's page Settings:",
        "what is set there counts above the environment and the file, from the next night on, until it is taken back.",
        "",
        "| variable | default | type | meaning |",
        "|---|---|---|---|",
    ]
    for row in fields(Settings):
        default = f"`{row.metadata['default']}`" if row.metadata["default"] != "" else "empty"
        mark = " ✎" if row.metadata["changeable"] else ""
        lines.append(
            f"| `NIGHTPORTER_{row.name.upper()}`{mark} | {default} | {row.metadata['kind']} | {row.metadata['text']} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
