"""A full disk: the insert says so, nothing acknowledged is lost, and it works again once there is space."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from nightporter.errors import StoreFull
from nightporter.settings import Settings, load
from nightporter.store import embedded
from nightporter.store.client import open_client, translated
from nightporter.store.disk import room


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Settings]:
    """A home on a disk of 12 MB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be made where this user may mount one")
    settings = load({"NIGHTPORTER_HOME": str(tmp_path / "home"), "NIGHTPORTER_STORE_LINGER_SECONDS": "0"})
    yield settings
    embedded.close_store(settings)
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_full_disk_is_reported_and_loses_nothing(small: Settings) -> None:
    client = open_client(small)
    client.command("CREATE TABLE t (s String CODEC(NONE)) ENGINE = MergeTree ORDER BY tuple()")
    stored = 0
    assert not room(client).little
    with pytest.raises(StoreFull, match="is full; free some space"), translated(small):
        for _ in range(10):
            client.raw_insert(
                "t", ["s"], b"".join(os.urandom(50).hex().encode() + b"\n" for _ in range(20_000)), fmt="TSV"
            )
            stored += 20_000
    assert client.command("SELECT count() FROM t") == stored > 0
    with (small.home.parent / "everything").open("wb") as filler, pytest.raises(OSError):
        filler.write(b"x" * (12 << 20))
    assert room(client).little and str(room(client)) == "0.0 of 12.6 MB free"
    (small.home.parent / "everything").unlink()
    client.command("TRUNCATE TABLE t SYNC")
    client.raw_insert("t", ["s"], b"again\n", fmt="TSV")
    assert client.command("SELECT count() FROM t") == 1
    client.close()


def test_a_store_on_a_full_disk_does_not_open(small: Settings) -> None:
    with pytest.raises(OSError), (small.home.parent / "everything").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 65536)
    with pytest.raises(StoreFull, match="is full; free some space"):
        open_client(small)
