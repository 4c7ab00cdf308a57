"""Planted attacks are seen by the gate and by nobody else; a spoilt model does not take the place of a good one."""

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import torch
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, HOSTS, LAST, PEOPLE, ordinary
from login_rows import store as put
from nightporter.features.history import has_state
from nightporter.features.stream import midnight, read_logins
from nightporter.model import registry
from nightporter.model.baselines import BASELINES
from nightporter.nightly.canaries import plant
from nightporter.nightly.ledger import STEPS
from nightporter.nightly.night import run_night, run_step
from nightporter.nightly.steps import restart
from nightporter.nightly.work import Work
from nightporter.settings import Settings


def summary(client: Client) -> dict[str, Any]:
    found = client.query("SELECT summary FROM model_runs ORDER BY finished DESC LIMIT 1").result_rows
    record: dict[str, Any] = json.loads(found[0][0])
    return record


def test_planted_attacks_have_the_history_of_their_victims_and_leave_no_trace(client: Client) -> None:
    put(client, ordinary())
    real = read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST)
    planted = plant(client, LAST, FIRST, None)
    assert planted is not None
    again = plant(client, LAST, FIRST, None)
    assert again is not None
    assert len(set(planted.kinds)) >= 10
    assert set(planted.attack.tolist()) == set(range(len(planted.kinds)))
    assert set(planted.logins.values["user"]) & set(PEOPLE)
    assert set(planted.logins.values["host"]) <= set(HOSTS)
    assert np.array_equal(np.asarray(planted.logins.event_id), np.asarray(again.logins.event_id))
    # the victims' own logins count as before: not everything about them is new
    assert int(np.median(planted.logins.numbers["activity"][:])) > 0
    after = read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST)
    assert np.array_equal(np.asarray(real.event_id), np.asarray(after.event_id))
    assert client.command("SELECT count() FROM canary_logins") == 0
    assert client.command("SELECT count() FROM feature_state") == 0
    read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST, keep_at=LAST)
    assert has_state(client, midnight(LAST))
    gone_on = plant(client, LAST, FIRST, None)
    assert gone_on is not None
    for name, numbers in planted.logins.numbers.items():
        assert np.array_equal(gone_on.logins.numbers[name], numbers), name
    assert [gone_on.logins.value("source_owner", row) for row in range(len(gone_on.logins))] == [
        planted.logins.value("source_owner", row) for row in range(len(planted.logins))
    ]
    other = plant(client, LAST - timedelta(days=1), FIRST, None)
    assert other is not None
    assert set(other.logins.values["source"]) != set(planted.logins.values["source"])


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_a_spoilt_model_does_not_take_the_place_of_a_good_one(client: Client, store: Settings) -> None:
    put(client, ordinary())
    first = run_night(client, LAST - timedelta(days=1), budget=10)
    good = summary(client)
    assert good["gate"]["promoted"]
    assert good["canaries"]["recall"] >= 0.5
    assert good["canaries"]["incumbent"] is None
    assert set(good["canaries"]["baselines"]) == set(BASELINES)
    assert good["drift"]["nll"] > 0

    work = Work(client, store, LAST)
    restart(work, 10, 0)
    for name in STEPS[: STEPS.index("gate")]:
        run_step(work, name)
    run = work.ledger.result("train")["run"]
    assert work.ledger.result("train")["before"] == first.model_run
    detector = registry.fetch(work.models, run)
    with torch.no_grad():
        for network in detector.networks:
            network.narrow_head.normal_(generator=torch.Generator().manual_seed(1))
    work.holds(run, detector)
    for name in STEPS[STEPS.index("gate") :]:
        run_step(work, name)
    told = summary(client)
    assert not told["gate"]["promoted"]
    assert told["gate"]["scored_by"] == first.model_run
    assert "error" in [check["name"] for check in told["gate"]["checks"] if not check["passed"]]
    assert registry.current(work.models) == first.model_run
    runs = client.query(
        "SELECT DISTINCT model_run FROM flags FINAL WHERE night = {night:Date}", parameters={"night": LAST}
    )
    assert runs.result_rows == [(first.model_run,)]
    assert registry.about(work.models, run)["promoted"] is False

    again = run_night(client, LAST, budget=10, seed=1)
    healthy = summary(client)
    assert again.model_run == healthy["gate"]["scored_by"]
    assert healthy["canaries"]["incumbent"] is not None
    assert 0 <= healthy["stability"]["overlap"] <= 1
