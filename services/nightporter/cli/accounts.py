"""`account`: who may sign in to the console of this machine, where no proxy signs people in."""

from enum import StrEnum
from typing import Annotated

import typer

from nightporter.cli.app import record, say

account = typer.Typer(no_args_is_help=True, help="Make, open and close the accounts of this machine's console.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The account: a-z, 0-9, dot, dash, underscore.")]


class Role(StrEnum):
    """What an account may do."""

    viewer = "viewer"
    analyst = "analyst"
    admin = "admin"
    auditor = "auditor"


@account.command()
def add(
    name: Name,
    role: Annotated[
        Role, typer.Option(help="viewer reads; analyst decides; admin configures, too; auditor reads the audit.")
    ] = Role.analyst,
) -> None:
    """Make an account and print its one-time password."""
    from nightporter.console.accounts import Accounts
    from nightporter.settings import load

    settings = load()
    password = Accounts(settings.home).add(name, role.value)
    record("account added", name, role.value)
    _tell(name, password)


@account.command()
def reset(name: Name, role: Annotated[Role | None, typer.Option(help="Give it another role, too.")] = None) -> None:
    """Open a locked or closed account again with a new one-time password, which is printed; its sessions end."""
    from nightporter.console.accounts import Accounts
    from nightporter.settings import load

    password = Accounts(load().home).reset(name, role.value if role else "")
    record("account reset", name, role.value if role else "")
    _tell(name, password)


@account.command()
def lock(name: Name) -> None:
    """Close an account at once; its sessions end."""
    from nightporter.console.accounts import Accounts
    from nightporter.settings import load

    Accounts(load().home).lock(name)
    record("account locked", name)
    typer.echo(f"{name} can no longer sign in.")


@account.command("list")
def list_accounts() -> None:
    """List the accounts with their roles and states."""
    from nightporter.cli.tables import print_table
    from nightporter.console.accounts import Accounts
    from nightporter.settings import load

    found = Accounts(load().home).all()
    print_table(("name", "role", "state"), [{"name": one.name, "role": one.role, "state": one.state} for one in found])


def _tell(name: str, password: str) -> None:
    typer.echo(password)
    say(f"This is the one-time password of {name}: it is shown only now, and has to be changed at the first sign-in.")
