"""A case that nobody has answered and that is there again keeps the name of its flag; what is new about it does not."""

import json
from datetime import timedelta
from typing import Any

from clickhouse_connect.driver.client import Client
from login_rows import DAYS, LAST, ordinary, spraying, store
from nightporter.console import reading
from nightporter.nightly.carried import Open, open_flags, same
from nightporter.nightly.feedback import verdicts_before
from nightporter.nightly.night import run_night
from nightporter.store.review import give_verdict

BEFORE = LAST - timedelta(days=1)
SPRAYER = "10.9.9.9"
ACTOR = (1, "ada", "10.0.0.1")


def sprayer(client: Client, night: Any) -> reading.Flag:
    return next(flag for flag in reading.flags(client, night) if flag.source_ip == SPRAYER)


def test_one_verdict_answers_all_nights_of_a_case_that_goes_on(client: Client) -> None:
    store(client, ordinary() + spraying(DAYS - 2) + spraying(DAYS - 1))
    for night in (BEFORE, LAST):
        run_night(client, night, budget=20, seed=1)
    first, then = sprayer(client, BEFORE), sprayer(client, LAST)
    assert then.flag_id == first.flag_id
    assert first.nights == then.nights == (BEFORE, LAST)

    give_verdict(client, first.flag_id, "benign", "our own scanner", "ada")
    assert sprayer(client, LAST).verdict == "benign"
    assert [said.night for said in verdicts_before(client, LAST + timedelta(days=1))] == [LAST.isoformat()]
    run_night(client, LAST, budget=20, seed=1)
    again = sprayer(client, LAST)  # what the night carried on it carries on when it is run again, and keeps its verdict
    assert (again.flag_id, again.verdict) == (first.flag_id, "benign")


def raised(client: Client, night: Any, flag_id: str, surprise: float) -> None:
    reasons = json.dumps([{"field": "network", "value": "", "usual": "", "surprise": surprise, "text": ""}])
    row = {"night": night, "flag_id": flag_id, "rank": 1, "score": 0.1, "version": 1, "reasons": reasons}
    row["signature"] = json.dumps({"actor": ACTOR, "facts": {}})
    client.insert("flags", [list(row.values())], column_names=list(row))


def test_only_flags_without_a_verdict_that_were_seen_lately_are_carried_on(client: Client) -> None:
    raised(client, LAST - timedelta(days=20), "old", 1.0)
    assert open_flags(client, LAST) == {}
    raised(client, LAST - timedelta(days=3), "older", 2.0)
    raised(client, BEFORE, "newer", 3.0)
    raised(client, LAST, "tonight", 4.0)
    assert open_flags(client, LAST) == {ACTOR: Open("newer", {"network": 3.0})}
    give_verdict(client, "newer", "malicious", "stolen", "ada")
    assert open_flags(client, LAST) == {ACTOR: Open("older", {"network": 2.0})}
    give_verdict(client, "newer", "none", "", "ada")
    assert open_flags(client, LAST)[ACTOR].flag_id == "newer"


def test_a_case_with_something_new_is_another_one() -> None:
    flag = Open("f", {"network": 8.0, "hour": 2.0, "host": 5.0})

    def reasons(**surprises: float) -> list[dict[str, Any]]:
        return [{"field": field, "surprise": size} for field, size in surprises.items()]

    assert same(flag, reasons(network=9.0))
    assert same(flag, reasons(since_network_any=8.0))  # about the same, said by another field
    assert not same(flag, reasons(network=12.0))
    assert not same(flag, reasons(network=9.0, key=4.0))
