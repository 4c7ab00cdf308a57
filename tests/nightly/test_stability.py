"""How much flags depend on the seed is measured on the last two nights, pair by pair."""

import pytest
from clickhouse_connect.driver.client import Client
from login_rows import ordinary, spraying, stolen_key
from login_rows import store as put
from nightporter.nightly.stability import Stability, stability


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_two_seeds_and_two_nights_agree_on_what_is_strange(client: Client) -> None:
    put(client, [*ordinary(), *stolen_key(), *spraying()])
    said: list[str] = []
    found = stability(client, budget=5, seeds=2, progress=said.append)
    assert said == [f"night of 2026-03-{day:02d}, seed {seed} of 2" for seed in (1, 2) for day in (9, 10)]
    assert (len(found.seeds), len(found.nights)) == (2, 2)  # a pair on each of two nights; two seeds on the last night
    assert all(0.5 < share <= 1 for pair in found.seeds + found.nights for share in pair)


def test_the_table_has_means_and_in_brackets_the_least() -> None:
    found = Stability([(1.0, 0.9), (0.8, 0.7)], [(1.0, 1.0)])
    assert found.shares() == {
        "seeds, first 20": "90% (80%)", "seeds, all flags": "80% (70%)",
        "nights, first 20": "100% (100%)", "nights, all flags": "100% (100%)",
    }  # fmt: skip
