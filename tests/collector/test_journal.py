"""What the journal's cursors tell."""

import pytest
from nightporter.collector.collector import number_of


@pytest.mark.parametrize(
    ("cursor", "number"),
    [
        ("s=0d51b21c6ca94af2aa5b7f2e6be30f95;i=1f4;b=7a3860c01e90410cb34b25fda2be1978;m=5f2;t=6442;x=8e15aa46", 500),
        ("i=ff", 255),
        ("s=1;b=2;hi=3", 0),
        ("i=nonsense;s=1", 0),
        ("", 0),
    ],
)
def test_the_number_of_an_entry_is_read_from_its_cursor(cursor: str, number: int) -> None:
    assert number_of(cursor) == number
