"""The record of who did what: appended, never changed, read by auditors on the console's Audit page."""

from clickhouse_connect.driver.client import Client

LONGEST = 2000
"""Characters of a detail that are kept."""


def record(client: Client, who: str, action: str, about: str = "", detail: str = "", address: str = "") -> None:
    """Append one action; `about` is the thing it was done to. Raises the driver's errors: what is not recorded is not
    to be done."""
    row = [who[:200], action, about[:LONGEST], detail[:LONGEST], address]
    client.insert("audit", [row], column_names=["who", "action", "about", "detail", "address"])
