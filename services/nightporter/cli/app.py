"""What all commands share: errors become one sentence and an exit code, never a traceback.

Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted. NIGHTPORTER_DEBUG=1 shows tracebacks.
"""

import logging
import os
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from nightporter.errors import NightporterError

FAILURE, USAGE, INTERRUPTED = 1, 2, 130


class Commands(TyperGroup):
    """Runs a command and turns what it raises into a sentence on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Raises typer.Exit with the exit code of a failed command; the exception itself with NIGHTPORTER_DEBUG=1."""
        # What the driver logs it raises too, and it becomes our sentence: it would be said twice.
        logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except KeyboardInterrupt:
            stop("Interrupted; what was stored so far stays, and the same command can be run again.", INTERRUPTED)
        except BrokenPipeError:
            # The reader of our output (head, less) has left. Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILURE) from None
        except NightporterError as error:
            if debugging():
                raise
            stop(str(error))
        except Exception as error:
            if debugging() or type(error).__module__.startswith("typer"):
                raise
            stop(
                f"Unexpected {type(error).__name__}: {first_line(error)}; "
                "set NIGHTPORTER_DEBUG=1 to see where, and report it."
            )


def debugging() -> bool:
    """Whether the user asked for tracebacks."""
    return os.environ.get("NIGHTPORTER_DEBUG", "") not in ("", "0")


def say(sentence: str) -> None:
    """One line for people, on standard error: standard output is for results."""
    typer.echo(visible(sentence), err=True)


def stop(sentence: str, code: int = FAILURE) -> NoReturn:
    """End the command with one sentence."""
    say(sentence)
    raise typer.Exit(code)


def record(action: str, about: str, detail: str = "") -> None:
    """In the audit, under the name of whoever sits here; while the store is away, what was asked comes first."""
    from getpass import getuser

    from nightporter.store import audit
    from nightporter.store.client import connect

    try:
        with connect() as client:
            audit.record(client, f"{getuser()} (command line)", action, about, detail)
    except NightporterError as error:
        say(f"The audit does not have this: {error}")


def visible(text: str) -> str:
    """`text` with control characters spelled out: log text is chosen by attackers, and a terminal obeys escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def first_line(error: BaseException) -> str:
    """The message of `error` without the lines that servers and libraries add."""
    return (str(error).strip() or "no message").splitlines()[0]
