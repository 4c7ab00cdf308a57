"""One small farm, simulated once for all tests of this folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from nightporter.simulate import Summary, simulate


@dataclass
class Written:
    """A simulated farm, read back."""

    folder: Path
    summary: Summary
    events: list[dict[str, Any]]
    attacks: list[dict[str, Any]]
    farm: dict[str, Any]

    @cached_property
    def logs(self) -> dict[str, list[str]]:
        """Lines by host."""
        return {path.stem: path.read_text("utf-8").splitlines() for path in (self.folder / "logs").iterdir()}

    @cached_property
    def text(self) -> str:
        """All logs in one."""
        return "\n".join("\n".join(lines) for lines in self.logs.values())


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("farm")
    summary = simulate(folder, 11, 30, 11, 7)
    farm = json.loads((folder / "farm.json").read_text("utf-8"))
    yield Written(folder, summary, read(folder / "events.jsonl"), read(folder / "attacks.jsonl"), farm)
