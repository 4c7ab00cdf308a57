"""`explain`: one flag or one login, with its reasons, its log lines, and what is usual for that user."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nightporter.cli.app import stop, visible
from nightporter.console.reading import USUAL_DAYS, Flag, Login

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

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
            user, source, day = flag.user, flag.source_ip, night
        else:
            rows = client.query(sql("queries/login_by_id.sql"), parameters={"event_id": id}).named_results()
            logins = [reading.Login(**row) for row in rows]
            if not logins:
                stop(f"There is no flag and no event {id}; see `nightporter flags` and `nightporter events`.")
            user, source, day = logins[0].user, logins[0].source_ip, logins[0].start.date()
            _scored(client, logins[0])
        for login in logins[:MOST_LOGINS]:
            _login(login, reading.lines(client, login))
        if len(logins) > MOST_LOGINS:
            typer.echo(f"… and {len(logins) - MOST_LOGINS} more logins.")
        _usual(user or source, day, reading.usual(client, user, day, source) if user or source else [])


def _scored(client: "Client", login: Login) -> None:
    """How strange a login was found, and why, whether or not its case was flagged."""
    from nightporter.errors import ModelError
    from nightporter.nightly.single import score_of, why
    from nightporter.settings import load

    score = score_of(client, login.event_id, login.start)
    if score is None:
        _show(f"Not scored; `nightporter night --date {login.start:%Y-%m-%d}` scores the logins of that day.")
        return
    _show(
        f"Scored {score.score:.1f} on the night of {score.night} by {score.model_run}; "
        f"its case is about 1 in {1 / max(score.rarity, 1e-12):,.0f} logins."
    )
    try:
        found = why(client, load(), login.event_id, score)
    except ModelError as error:
        _show(str(error))
        return
    _show(found.sentence)
    _reasons(
        (reason["text"], reason["field"], reason["value"], reason["usual"], reason["surprise"])
        for reason in found.reasons
    )


def _reasons(reasons: Iterable[tuple[str, str, str, str, float]]) -> None:
    for text, field, value, usual, surprise in reasons:
        _show(f"  {text}  [{field}: {value}, usual: {usual}, surprise {surprise:.1f}]")


def _show(text: str) -> None:
    typer.echo(visible(text))


def _flag(flag: Flag) -> None:
    nights = f" (one of {len(flag.nights)} nights since {flag.nights[0]})" if len(flag.nights) > 1 else ""
    _show(
        f"Flag {flag.flag_id}: rank {flag.rank} of {flag.night}{nights}, about 1 in {flag.rarity:,.0f} logins, "
        f"{flag.verdict or 'open'}"
    )
    _show(flag.sentence)
    _reasons((reason.text, reason.field, reason.value, reason.usual, reason.surprise) for reason in flag.reasons)
    if flag.benign_twin:
        _show(f"Harmless reading: {flag.benign_twin}")
    for near in flag.nearest:
        other = ", ".join(near.differs) or "only the time"
        source = f" from {near.source_ip}" if near.source_ip else ""
        _show(f"Like a usual login: {near.start:%Y-%m-%d %H:%M} {near.host} {near.service}{source}; other: {other}")
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
