"""Three real servers and an appliance, once for all tests of this folder.

The files' names are in the order of a server's life: installed, used, harmed, tampered with, cleared. What tampering
left is still seen afterwards.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest

from .beside import Appliance
from .images import Impossible
from .machines import SUITES, Machine, Machines, missing


@pytest.fixture(scope="package")
def machines(tmp_path_factory: pytest.TempPathFactory, not_here: Callable[[str], NoReturn]) -> Iterator[list[Machine]]:
    """Three servers: two bookworm, one trixie; the second keeps its logs in files."""
    if lacking := missing():
        pytest.skip(lacking)
    with ExitStack() as stack:
        try:
            up = stack.enter_context(Machines(tmp_path_factory.mktemp("machines"), SUITES))
        except Impossible as error:
            not_here(str(error))
        yield up


@pytest.fixture(scope="package")
def appliance(machines: list[Machine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """An appliance that listens where the servers can reach it, and an inventory of them."""
    made = Appliance(tmp_path_factory.mktemp("appliance"))
    made.enlist(machines)
    made.receive()
    yield made
    made.close()


@pytest.fixture(scope="package")
def installed(appliance: Appliance, machines: list[Machine]) -> None:
    """The collector runs everywhere, as it does after test_install."""
    if "nightporter-collector" not in machines[-1].do("ls", "/etc"):
        code, text = appliance.playbook("collector.yml", "-e", "rollout=100%")
        assert code == 0, text
