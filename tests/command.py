"""Running the command as people do: a process of its own, judged by what it prints and how it exits."""

import os
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: bytes
    err: str


def nightporter(*arguments: str, stdin: bytes = b"", seconds: int = 300, **environment: str) -> Done:
    """Run `nightporter` with the environment of the test (fixture `store`), and `environment` on top."""
    run = subprocess.run(
        [sys.executable, "-c", "from nightporter.cli import app; app()", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=seconds,
        check=False,
    )
    return Done(run.returncode, run.stdout, run.stderr.decode())
