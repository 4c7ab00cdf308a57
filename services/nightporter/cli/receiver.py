"""`receive` and `hosts`: the part of the appliance that collectors talk to, and which hosts may."""

from enum import StrEnum
from typing import Annotated

import typer

from nightporter.cli.app import say

hosts = typer.Typer(
    help="Which servers report: give them certificates, remove them, see how they are.", no_args_is_help=True
)


def receive() -> None:
    """Receive the lines of collectors until stopped; `up` starts this, alone it is for a machine of its own."""
    from nightporter.receiver.server import main

    main()


@hosts.command()
def enroll(
    names: Annotated[
        list[str],
        typer.Argument(metavar="HOST...", help="Names as the inventory has them; they become the `host` of all lines."),
    ],
) -> None:
    """Expect these hosts to report, and make or renew their certificates; print the folder and what was new."""
    import json

    from nightporter.receiver.authority import Authority
    from nightporter.settings import load
    from nightporter.store.client import connect
    from nightporter.store.hosts import expect

    settings = load()
    authority = Authority(settings.home / "secrets" / "farm")
    ends = {}
    fresh = []
    for name in names:
        new, ends[name] = authority.host(name)
        fresh += [name] if new else []
    with connect(settings) as client:
        changed = expect(client, ends)
    typer.echo(json.dumps({"folder": str(authority.folder), "new": fresh, "changed": sorted({*fresh, *changed})}))


@hosts.command()
def remove(names: Annotated[list[str], typer.Argument(metavar="HOST...")]) -> None:
    """Expect nothing of these hosts any more and refuse what they send; what they sent stays."""
    from nightporter.receiver.authority import Authority
    from nightporter.settings import load
    from nightporter.store.client import connect
    from nightporter.store.hosts import remove as forget

    settings = load()
    with connect(settings) as client:
        gone = forget(client, names)
    authority = Authority(settings.home / "secrets" / "farm")
    for name in names:
        authority.forget(name)
    say(f"Removed {', '.join(gone)}." if gone else "None of these hosts was expected.")


class Format(StrEnum):
    """How hosts are printed."""

    table = "table"
    json = "json"


@hosts.command("list")
def list_hosts(
    names: Annotated[list[str] | None, typer.Argument(metavar="[HOST...]", help="By default all.")] = None,
    format: Annotated[Format, typer.Option(help="table: for reading; json: one list of objects.")] = Format.table,
) -> None:
    """Show how each host reports, and what to do about those that do not."""
    import json

    from nightporter.cli.tables import print_table
    from nightporter.store.client import connect
    from nightporter.store.hosts import look

    with connect() as client:
        found = look(client, names or ())
    if format is Format.json:
        known = {row["host"] for row in found}
        found += [
            {"host": name, "state": "unknown", "sentence": f"{name} is not enrolled"}
            for name in names or ()
            if name not in known
        ]
        typer.echo(json.dumps(found, default=str))
        return
    print_table(("host", "state", "sentence", "next_step"), found)


@hosts.command()
def certificate(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names and addresses of the proxy.")],
) -> None:
    """Make or renew the certificate of a proxy before the receiver; print where it, its key and the CA are."""
    import json

    from nightporter.receiver.authority import Authority
    from nightporter.settings import load

    authority = Authority(load().home / "secrets" / "farm")
    made, key = authority.receiver(names)
    typer.echo(json.dumps({"certificate": str(made), "key": str(key), "ca": str(authority.certificate)}))
