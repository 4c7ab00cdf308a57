"""A worker that is killed, or whose broker is, at the worst moment: a step's work is done and nobody knows it yet.

KILL names the step at which the worker's whole group dies, or, where KILL_BROKER is the file with the broker's process
id, the steps at which the broker does. PART is how many logins one scoring task takes.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from nightporter.nightly import scoring, work
from nightporter.nightly.steps import STEP
from nightporter.nightly.work import Done, Work
from nightporter.nightly.worker import app

__all__ = ["app"]


def deadly(work_of_step: Callable[[Work], Done]) -> Callable[[Work], Done]:
    """The step's work, then death."""

    def done(work: Work) -> Done:
        result = work_of_step(work)
        os.killpg(0, signal.SIGKILL)
        return result

    return done


def broken(work_of_step: Callable[[Work], Done], pid_file: Path) -> Callable[[Work], Done]:
    """The step's work, then the end of the broker, which the next message does not reach."""

    def done(work: Work) -> Done:
        result = work_of_step(work)
        os.kill(int(pid_file.read_text()), signal.SIGKILL)
        pid_file.unlink()
        return result

    return done


def score_part(work: Work, number: int) -> bool:
    """The second part is scored, then death."""
    done = _score_part(work, number)
    if number == 1:
        os.killpg(0, signal.SIGKILL)
    return done


_score_part = scoring.score_part
if os.environ["PART"]:
    work.PART = int(os.environ["PART"])
if os.environ["KILL_BROKER"]:
    for name in os.environ["KILL"].split():
        STEP[name] = broken(STEP[name], Path(os.environ["KILL_BROKER"]))
elif os.environ["KILL"] == "score" and os.environ["PART"]:
    scoring.score_part = score_part
elif os.environ["KILL"]:
    STEP[os.environ["KILL"]] = deadly(STEP[os.environ["KILL"]])
