"""`status` and `doctor`: what is there and running, and what to do about what is not."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from nightporter.cli.app import FAILURE, say


class Format(StrEnum):
    """How the status is printed."""

    table = "table"
    json = "json"


def status(
    format: Annotated[Format, typer.Option(help="table: for reading; json: one object.")] = Format.table,
) -> None:
    """Show what is running, the last night, silent hosts, the unparsed share and the disk."""
    from nightporter.cli.report import collect
    from nightporter.settings import load

    found = collect(load())
    if format is Format.json:
        typer.echo(json.dumps(found, default=str))
        return
    _print(found)


def _print(found: dict[str, Any]) -> None:
    from nightporter.cli.tables import print_table

    night = found["last_night"]
    said = f"{night['night']}: {night['logins']:,} logins, {night['flags']} flags" if night else "none yet"
    reporting = [host for host in found["hosts"] if host["state"] == "reports"]
    lines = [
        {
            "what": "running",
            "value": ", ".join(f"{name} ({pid})" for name, pid in found["running"].items()) or "nothing",
        },
        {"what": "console", "value": found["console"] or "not running"},
        {"what": "last night", "value": said},
        {"what": "entries", "value": f"{found['entries']:,}"},
        {"what": "logins", "value": f"{found['events']:,}"},
        {"what": "waiting to be merged", "value": f"{found['waiting']:,}"},
        {"what": "unparsed", "value": f"{found['unparsed_share']:.2%} of the last 30 days' entries"},
        {
            "what": "disk",
            "value": f"{found['store_bytes'] / 1e6:,.1f} MB stored, {found['disk_free_bytes'] / 1e9:,.1f} GB free",
        },
        {
            "what": "hosts that report",
            "value": f"{len(reporting)} of {len(found['hosts'])}" if found["hosts"] else "none expected",
        },
        {
            "what": "signs of tampering",
            "value": f"{len(found['findings'])} in 24 hours" if found["findings"] else "none",
        },
        {"what": "silent hosts", "value": str(len(found["silent_hosts"])) if found["silent_hosts"] else "none"},
    ]
    print_table(("what", "value"), lines)
    if found["steps"]:
        night = found["steps"][0]["night"]
        print_table(
            ("step", "state", "seconds", "text"), [step_row(row) for row in found["steps"]], f"Night of {night}"
        )
        failed = next((row for row in found["steps"] if row["state"] == "failed"), None)
        if failed:
            say(
                f"The night of {night} failed at '{failed['step']}' and is tried again; "
                + ("its flags are there." if failed["step"] == "notify" else "flags and model are those of before.")
            )
    if found["findings"]:
        print_table(("at", "host", "text"), found["findings"], "Signs of tampering with logs")
    if found["silent_hosts"]:
        print_table(("host", "last_line", "hours_silent"), found["silent_hosts"], "Silent hosts")
    if found["unparsed"]:
        rows = [
            row | {"share": f"{row['share']:.1%}", "program": row["program"] or "(no header)"}
            for row in found["unparsed"]
        ]
        print_table(("program", "unparsed", "entries", "share", "hosts"), rows, "Unparsed lines by program")


def step_row(row: dict[str, Any]) -> dict[str, str]:
    """One step of a night for the table: how long it took, or how far it is."""
    took = (row["finished"] - row["started"]).total_seconds()
    state = f"running, {row['share']:.0%}" if row["state"] == "running" else row["state"]
    return {"step": row["step"], "state": state, "seconds": f"{took:,.1f}" if took > 0 else "", "text": row["text"]}


def doctor() -> None:
    """Check this machine and the store; say what to do about each thing that is wrong."""
    from nightporter.cli.checks import examine
    from nightporter.cli.tables import print_table
    from nightporter.settings import load

    found = examine(load())
    print_table(("check", "result", "found", "next_step"), [check.row() for check in found])
    if any(check.bad for check in found):
        raise typer.Exit(FAILURE)
