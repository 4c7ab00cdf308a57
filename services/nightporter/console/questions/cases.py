"""Past cases that resemble one."""

from datetime import timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.console.questions import rows
from nightporter.console.reading import Flag

DAYS = 400
STRONGEST = 3


def similar(client: Client, flag: Flag) -> list[dict[str, Any]]:
    """At most six reviewed cases of the same person, source or strongest reasons, the most alike first: flag_id,
    night, user, source_ip, host, sentence, verdict, code, reason, who."""
    strongest = sorted(flag.reasons, key=lambda reason: -reason.surprise)[:STRONGEST]
    about = {"user": flag.user, "source": flag.source_ip, "fields": [reason.field for reason in strongest]}
    since = flag.night - timedelta(days=DAYS)
    return rows(client, "console_similar", flag_id=flag.flag_id, **about, **{"from": since})
