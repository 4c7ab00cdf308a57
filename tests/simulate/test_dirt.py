"""A hostile copy of the logs keeps every line and adds trouble."""

from collections import Counter
from pathlib import Path

from nightporter.simulate import soil

from .conftest import Written


def test_every_line_survives_and_some_come_twice(written: Written, tmp_path: Path) -> None:
    count = soil(written.folder / "logs", tmp_path, 1)
    assert count > written.summary.lines
    for clean in (written.folder / "logs").iterdir():
        before = clean.read_bytes().splitlines()
        after = (tmp_path / clean.name).read_bytes().splitlines()
        copies = Counter(after)
        assert all(copies[line] >= 1 for line in before)
        twice = sum(copies[line] == 2 for line in before)
        assert 0.01 < twice / len(before) < 0.03
        kept = set(before)
        garbage = [line for line in after if line not in kept]
        assert 0.002 < len(garbage) / len(before) < 0.01
        assert [line for line in after if line in kept][: len(before)] != before


def test_dirt_is_deterministic(written: Written, tmp_path: Path) -> None:
    soil(written.folder / "logs", tmp_path / "a", 9)
    soil(written.folder / "logs", tmp_path / "b", 9)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
