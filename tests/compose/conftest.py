"""The engine, and an appliance on it that has been installed: once for all tests of this folder."""

from collections.abc import Iterator

import docker_engine
import pytest
from appliance import Appliance, check_out
from docker_engine import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A Docker Engine without a way to the internet."""
    reason = docker_engine.missing()
    if reason:
        pytest.skip(reason)
    with docker_engine.running() as found:
        yield found


@pytest.fixture(scope="session")
def appliance(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """An appliance that install.sh has brought up from a fresh checkout."""
    found = Appliance(engine, check_out(tmp_path_factory.mktemp("checkout")))
    found.script("install.sh")
    yield found
    found.script("uninstall.sh", "--data")
