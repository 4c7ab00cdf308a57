"""Which files a load reads."""

import os
import tempfile
from pathlib import Path

from nightporter.ingest.files import LogFile, Unreadable, find, printable


def test_folders_are_read_whole_and_in_order(tmp_path: Path) -> None:
    for name in ("b.log", "a/z.log", "a/c.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x\n")
    (tmp_path / "link.log").symlink_to(tmp_path / "b.log")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    found = list(find([str(tmp_path)]))
    assert [Path(f.name).relative_to(tmp_path).as_posix() for f in found] == ["a/c.log", "a/z.log", "b.log"]
    assert all(isinstance(f, LogFile) and not f.named and f.size == 2 for f in found)


def test_a_path_that_is_not_there_is_named_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "good").write_text("x\n")
    missing, good = find([str(tmp_path / "missing"), str(tmp_path / "good")])
    assert isinstance(missing, Unreadable) and missing.reason == "No such file or directory"
    assert isinstance(good, LogFile) and good.named


def test_a_folder_without_rights_is_named() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o755)
        closed = folder / "closed"
        closed.mkdir(mode=0)
        before = os.geteuid()
        try:
            if before == 0:
                os.seteuid(65534)  # root may read everything, nobody may not
            (found,) = find([place])
        finally:
            os.seteuid(before)
    assert isinstance(found, Unreadable)
    assert "Permission denied" in found.reason


def test_names_of_files_cannot_write_to_the_terminal() -> None:
    assert printable("a\x1b[31m\udcff.log") == "a\\x1b[31m\\xff.log"
