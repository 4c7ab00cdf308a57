"""One login is explained by the model that scored it, as it was that night, whether or not it was flagged."""

from datetime import UTC

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, LAST, Row, at, ordinary, stolen_key, store
from nightporter.errors import ModelError
from nightporter.features.stream import read_logins
from nightporter.model import registry
from nightporter.nightly.days import THIN
from nightporter.nightly.night import run_night
from nightporter.nightly.single import score_of, why
from nightporter.settings import load


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_a_login_that_was_not_flagged_has_its_reasons(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Row(at(DAYS - 1, 11), HOSTS[5], "user1", "10.1.1.20", key_fingerprint="SHA256:user1")
    sudo = Row(at(DAYS - 1, 12), HOSTS[1], "user1", "", "sudo", method="", target_user="root", command="/usr/bin/nc -l")
    store(client, [*ordinary(), *stolen_key(), new, sudo])
    done = run_night(client, LAST, budget=1)
    assert done.flags == 1
    settings = load()
    scores = {}
    for row in (new, sudo):
        score = score_of(client, row.event_id, row.start.astimezone(UTC))
        assert score is not None and score.model_run == done.model_run
        scores[row.event_id] = score.score
        found = why(client, settings, row.event_id, score)
        assert "user1" in found.sentence
        assert found.reasons, found.sentence
    assert "nc" in why(client, settings, sudo.event_id, score).sentence

    # the model sees in the logins like it what it saw in all of them
    logins = read_logins(client, FIRST, LAST.replace(day=LAST.day + 1), thin=THIN, whole_from=LAST)
    detector = registry.fetch(settings.home / "models", done.model_run)
    for event_id, score_there in scores.items():
        rows = np.flatnonzero(logins.event_id == event_id.encode())
        assert detector.surprises(logins, rows).sum() == pytest.approx(score_there, rel=1e-3)

    assert score_of(client, "0123", new.start) is None
    monkeypatch.setenv("NIGHTPORTER_HOME", str(settings.home / "elsewhere"))
    with pytest.raises(ModelError):
        why(client, load(), new.event_id, score)


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_features_of_a_login_are_the_same_among_logins_like_it(client: Client) -> None:
    import re

    from nightporter.features.fields import CATEGORIES, NUMBERS
    from nightporter.store.query import sql

    rows = [*ordinary(), *stolen_key()]
    store(client, rows)
    bounds = {"since": FIRST, "until": LAST.replace(day=LAST.day + 1), "thin": 10_000, "whole_from": FIRST}
    whole = read_logins(client, **bounds)
    like = "(" + re.sub(r"(?m)^--.*\n", "", sql("queries/logins_like.sql")) + ")"
    tonight = [row for row in rows if row.start.date() == LAST]
    picked = {row.service + row.outcome: row for row in tonight}.values()
    assert len(picked) == 4
    for row in [*picked, stolen_key()[0]]:
        part = read_logins(client, **bounds, events=like, values={"event_id": row.event_id})
        here, there = (np.flatnonzero(some.event_id == row.event_id.encode())[0] for some in (part, whole))
        for name in NUMBERS:
            assert part.numbers[name][here] == whole.numbers[name][there], (row, name)
        for name in CATEGORIES:
            assert part.value(name, here) == whole.value(name, there)
