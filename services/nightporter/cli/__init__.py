"""The command `nightporter`: one function per subcommand, a file per group. Listed here in the order of --help.

Commands import what they need when they run, so that `events` never waits for torch, celery or streamlit.
"""

import typer

from nightporter.cli.app import Commands

app = typer.Typer(
    name="nightporter",
    help="Merges the logins of a farm of Unix servers and flags the strange ones each night.",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _register() -> None:
    from nightporter.cli import (
        accounts,
        appliance,
        copies,
        events,
        explain,
        farm,
        health,
        load,
        merging,
        models,
        nights,
        receiver,
        tuning,
    )

    for command in (
        appliance.up,
        load.ingest,
        load.parse,
        merging.merge,
        events.events,
        nights.night,
        nights.flags,
        explain.explain,
        nights.verdict,
        farm.simulate,
        farm.evaluate,
        tuning.tune,
        health.status,
        health.doctor,
        receiver.receive,
        copies.backup,
        copies.restore,
        copies.migrate,
    ):
        app.command()(command)
    app.add_typer(models.models, name="models")
    app.add_typer(receiver.hosts, name="hosts")
    app.add_typer(accounts.account, name="account")


_register()
