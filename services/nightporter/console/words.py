"""Numbers, nights and names as words for the page."""

import textwrap
from datetime import date, datetime

from nightporter.features.fields import BY_NAME

TECHNIQUES: dict[str, str] = {
    "T1018": "looking for other systems",
    "T1021": "remote services",
    "T1021.004": "moving on by SSH",
    "T1068": "exploiting a flaw to gain rights",
    "T1070": "removing traces",
    "T1070.002": "clearing system logs",
    "T1072": "misusing deployment tools",
    "T1078": "using a valid account",
    "T1078.003": "using a valid local account",
    "T1087": "listing accounts",
    "T1098": "changing an account",
    "T1098.004": "adding an SSH key",
    "T1098.007": "adding to a powerful group",
    "T1110": "guessing passwords",
    "T1110.001": "guessing one account's password",
    "T1110.003": "trying one password on many accounts",
    "T1110.004": "trying leaked passwords",
    "T1136": "creating an account",
    "T1136.001": "creating a local account",
    "T1548": "gaining rights",
    "T1548.003": "misusing sudo",
    "T1552": "finding credentials",
    "T1552.004": "stealing a private key",
    "T1562": "impairing defences",
    "T1562.001": "switching off tools",
    "T1562.006": "blocking logs",
    "T1563.001": "hijacking an SSH session",
}
"""MITRE ATT&CK: what the reviewer should think of."""


def rarity(one_in: float) -> str:
    """`one_in` with as many digits as it deserves: "1 in 310 000"."""
    if one_in < 1:
        return "not known"
    rounded = round(one_in, 2 - len(str(int(one_in))))
    return f"1 in {int(rounded):,}".replace(",", " ")


def shortened(sentence: str, longest: int) -> str:
    """`sentence` cut between words; the whole one is shown where the flag is opened."""
    return textwrap.shorten(sentence, longest, placeholder=" …")


def night(day: date) -> str:
    """Monday 2 March 2026, in English whatever the machine's locale."""
    weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    months = (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    )  # fmt: skip
    return f"{weekdays[day.weekday()]} {day.day} {months[day.month - 1]} {day.year}"


def clock(moment: datetime) -> str:
    """Date and time to the second; columns and labels around it say UTC."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def technique(code: str) -> str:
    """The code with what it means: "T1021.004 moving on by SSH"."""
    known = TECHNIQUES.get(code) or TECHNIQUES.get(code.split(".")[0], "")
    return f"{code} {known}".strip()


RESPECTS: dict[str, str] = {
    "peers": "server others like them do not use",
    "elsewhere": "a second place",
    "way_in": "server without a session",
    "known_names": "names in use here",
    "quiet_names": "names in use here",
    "source_owner": "somebody else's address",
    "key_owner": "somebody else's key",
    "since_user": "long silence",
    "user_youth": "new account",
    "since_host_network": "network new to the server",
    "since_key_source": "key from a new address",
    "since_command_any": "command nobody runs",
    "hosts_user_1h": "servers in a day",
    "hosts_user_1d": "servers in a day",
    "hosts_source_1h": "servers from this address",
    "new_hosts_user_7d": "new servers in a week",
    "sources_user_1d": "addresses in a day",
    "users_source_1d": "names from this address",
    "failures": "failed attempts",
    "failures_user_10m": "failed attempts",
    "failures_user_1d": "failed attempts",
    "failures_source_10m": "failed attempts",
    "failures_source_1d": "failed attempts",
    "steps": "lines missing from the log",
    "since_steps": "lines missing from the log",
    "source": "address",
    "service": "program",
    "target": "account taken on",
    "host": "server",
    "hour": "time of day",
}
"""What a reason is about, for its bar: by its field, else by what the field is about."""


def respect(field: str) -> str:
    """What a reason is about, in plain words: "address", "failed attempts"; unknown fields by their name."""
    known = BY_NAME.get(field)
    about = known.about[-1] if known else field
    return RESPECTS.get(field) or RESPECTS.get(about) or about.replace("_", " ")


def count(number: int, one: str, many: str = "") -> str:
    """The number with its noun: "1 flag", "2 flags"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}".replace(",", " ")


def names(number: int) -> str:
    """In the place of a user, for a source that tried several: "25 names"; nothing where there is at most one."""
    return count(number, "name") if number > 1 else ""


def thousands(number: int) -> str:
    """12345 as "12 345"."""
    return f"{number:,}".replace(",", " ")


def technique_of(kind: str) -> str:
    """A kind of planted attack as words: "stolen_key" is "stolen key"."""
    return kind.replace("_", " ")


def size(count: int) -> str:
    """Bytes as MB or GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
