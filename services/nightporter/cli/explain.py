"""`explain`: one flag or one login, with its reasons, its log lines, and what is usual for that user."""

from datetime import date
from typing import Annotated, Any

import typer

from nightporter.cli.app import stop, visible
from nightporter.console.reading import USUAL_DAYS, Flag, Login

MOST_LOGINS = 20  # of a flag, shown with all their lines


def explain(
    id: Annotated[str, typer.Argument(metavar="ID", help="A flag_id or an event_id.")],
) -> None:
    """Show a flag or an event with its reasons, its raw entries, and the usual for that user."""
    from nightporter.console import reading
    from nightporter.store.client import connect
    from nightporter.store.merge import merge
    from nightporter.store.query import sql

    with connect() as client:
        merge(client)
        night = reading.night_of(client, id)
        if night:
            flag = next(flag for flag in reading.flags(client, night) if flag.flag_id == id)
            _flag(flag)
            logins = reading.logins(client, flag)
            user, day = flag.user, night
        else:
            rows = client.query(sql("queries/login_by_id.sql"), parameters={"event_id": id}).named_results()
            logins = [reading.Login(**row) for row in rows]
            if not logins:
                stop(f"There is no flag and no event {id}; see `nightporter flags` and `nightporter events`.")
            user, day = logins[0].user, logins[0].start.date()
        for login in logins[:MOST_LOGINS]:
            _login(login, reading.lines(client, login))
        if len(logins) > MOST_LOGINS:
            typer.echo(f"… and {len(logins) - MOST_LOGINS} more logins.")
        _usual(user, day, reading.usual(client, user, day))


def _show(text: str) -> None:
    typer.echo(visible(text))


def _flag(flag: Flag) -> None:
    _show(
        f"Flag {flag.flag_id}: rank {flag.rank} of {flag.night}, about 1 in {flag.rarity:,.0f} logins, "
        f"{flag.verdict or 'open'}"
    )
    _show(flag.sentence)
    for reason in flag.reasons:
        _show(
            f"  {reason.text}  [{reason.field}: {reason.value}, usual: {reason.usual}, surprise {reason.surprise:.1f}]"
        )
    if flag.benign_twin:
        _show(f"Harmless reading: {flag.benign_twin}")
    if flag.techniques:
        _show(f"ATT&CK: {', '.join(flag.techniques)}")


def _login(login: Login, lines: list[str]) -> None:
    peer = f" from {login.source_ip} port {login.source_port}" if login.source_ip else ""
    target = f" as {login.target_user}" if login.target_user else ""
    what = f"{login.service} {login.outcome} of {login.user or '(nobody)'}{target} on {login.host}{peer}"
    typer.echo("")
    _show(f"Event {login.event_id}: {login.start:%Y-%m-%d %H:%M:%S.%f} UTC, {what}")
    for line in lines:
        _show("  " + line)


def _usual(user: str, day: date, rows: list[dict[str, Any]]) -> None:
    typer.echo("")
    name = user or "(nobody)"
    _show(
        f"Usual for {name} in the {USUAL_DAYS} days before {day}:"
        if rows
        else f"Nothing is known of {name} before {day}."
    )
    for row in rows:
        _show(f"  {row['kind']}: {row['value']}  on {row['days']} days, last {row['last_seen']:%Y-%m-%d}")
