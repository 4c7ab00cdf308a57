"""A flag without any single strong reason says so, and names what adds up; nothing that is not so."""

import re
from datetime import timedelta

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, LAST, ordinary, store
from nightporter.features.fields import FIELDS
from nightporter.features.stream import read_logins
from nightporter.model.score import PLACE, POWER
from nightporter.nightly.actors import History
from nightporter.nightly.cases import group, habits
from nightporter.nightly.explain import Explanation, explain
from nightporter.nightly.quoted import Night

FAINT = 1.5  # nats: too little for a reason of its own


def explained(client: Client, surprising: dict[str, tuple[str, ...]]) -> list[Explanation]:
    """What is said of each case of an ordinary night; `surprising`: fields that the autoencoder found a little odd."""
    store(client, ordinary())
    logins = read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST)
    rows = np.flatnonzero(logins.day == logins.day[-1])
    before = np.flatnonzero((logins.day > logins.day[0]) & (logins.day < logins.day[-1]))
    surprises = np.zeros((len(rows), len(FIELDS)), np.float32)
    for user, fields in surprising.items():
        theirs = np.flatnonzero(logins.categories["user"][rows] == logins.values["user"].index(user))
        surprises[theirs[:, None], [PLACE[field] for field in fields]] = FAINT**POWER
    history = History(logins)
    cases = group(history, rows, surprises, habits(history, before))
    night = Night(LAST, FIRST, logins, rows, surprises, cases, history)
    return [explain(client, night, case, 1e-3) for case in range(len(cases))]


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_what_adds_up_is_named_three_things_with_what_is_usual(client: Client) -> None:
    odd = ("since_network", "since_source", "since_host", "since_key", "since_service")
    (said,) = [each for each in explained(client, {"user13": odd}) if each.sentence.startswith("user13 ")]
    texts = [reason["text"] for reason in said.reasons]
    assert texts[:2] == ["10.1.13.0/24 (usual: 10.1.13.20)", "SHA256:user13 (usual: used on 8 of 8 days)"]
    assert re.fullmatch(r"srv5 \(usual: srv5, srv[67], srv[67]\)", texts[2])  # often on one, now and then on two
    assert len(texts) == 3
    assert said.sentence == (
        "user13 logged in 3 times to srv5 from 10.1.13.20 at 10:05–12:34 UTC: nothing single is unusual, but together: "
        f"{', '.join(texts)}. About 1 in 1 000 logins here looks as strange."
    )


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_of_ordinary_nights_nothing_is_made_up(client: Client) -> None:
    found = explained(client, {})
    one = [said for said in found if len(said.reasons) == 1 and "unusual" in said.sentence]
    none = [said for said in found if not said.reasons]
    assert one and none
    assert all(": little of it is unusual: " in said.sentence for said in one)
    assert all(": nothing of it is unusual." in said.sentence for said in none)
    for said in found:
        assert ": ." not in said.sentence
        assert "together" not in said.sentence or len(said.reasons) in (2, 3)
        # each of these commands was run on days before
        assert not any("not in" in reason["text"] + reason["usual"] for reason in said.reasons)
