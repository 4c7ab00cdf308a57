"""The README: its tree is the tree, its commands are the commands, its links and pictures exist."""

import re
import subprocess
from pathlib import Path

from nightporter.cli import app

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGE = "services/nightporter/"


def tree() -> list[str]:
    """The paths of the README's tree, folders with a slash at the end."""
    block = TEXT.split("## The tree")[1].split("```")[1]
    paths: list[str] = []
    folders: list[str] = []
    for line in block.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        folders = [*folders[:depth], name]
        paths.append("".join(folders))
    return paths


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    return [path for path in listed if path]


def test_every_line_of_the_tree_is_a_file_or_folder() -> None:
    for path in tree():
        assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file(), path


def test_every_file_of_the_package_has_a_line_or_is_in_a_folder_that_has_one() -> None:
    lines = tree()
    folders = tuple(line for line in lines if line.endswith("/") and line not in ("services/", PACKAGE))
    missing = [
        path
        for path in tracked()
        if path.startswith("services/") and path not in lines and not path.startswith(folders)
    ]
    assert missing == []


def test_every_subcommand_is_in_the_table() -> None:
    rows = "\n".join(line.split(" | ")[0] for line in TEXT.split("## Commands")[1].split("##")[0].splitlines())
    for command in app.registered_commands:
        assert command.callback is not None
        assert re.search(rf"`{command.callback.__name__}\b", rows), command.callback.__name__


def test_links_and_pictures_of_all_documents_exist() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
            assert "://" in target or (document.parent / target).exists(), f"{document.name}: {target}"
