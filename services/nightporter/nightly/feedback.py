"""Verdicts: what reviewers say about flags. Nothing is changed or removed, the newest counts."""

from clickhouse_connect.driver.client import Client

from nightporter.errors import NightError
from nightporter.store.query import sql

VERDICTS = ("malicious", "benign", "wrong")  # an attack; true but harmless; the program's mistake


def give_verdict(client: Client, flag_id: str, verdict: str, reason: str, who: str) -> None:
    """Appends one verdict; NightError where the flag is unknown, the verdict none of VERDICTS or the reason empty."""
    if verdict not in VERDICTS:
        raise NightError(f"{verdict!r} is no verdict; give one of {', '.join(VERDICTS)}.")
    if not reason.strip():
        raise NightError("A verdict needs a reason; say in a few words why, so that others can follow it.")
    known = "SELECT count() FROM flags FINAL WHERE flag_id = {flag_id:String}"
    if not int(str(client.command(known, parameters={"flag_id": flag_id}))):
        raise NightError(f"There is no flag {flag_id}; `nightporter flags --date D` lists those of a night.")
    parameters = {"flag_id": flag_id, "verdict": verdict, "reason": reason.strip(), "who": who}
    client.command(sql("queries/verdict_append.sql"), parameters=parameters)
