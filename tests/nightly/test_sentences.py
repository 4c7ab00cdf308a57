"""The sentence of a flag names the true cause, for attacks of every kind on a simulated farm.

Cases are made of facts alone, without a network, so that the test takes seconds; the words are the same.
"""

import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from nightporter.features.fields import FIELDS
from nightporter.features.stream import day_number, read_logins
from nightporter.ingest.load import ingest
from nightporter.nightly.actors import History
from nightporter.nightly.cases import group, habits
from nightporter.nightly.evaluate import attacks_of, days_of, truth_of
from nightporter.nightly.explain import Explanation, explain
from nightporter.nightly.quoted import Night
from nightporter.nightly.seen import TOLD_OF_REFUSED
from nightporter.settings import Settings
from nightporter.simulate.attacks import KINDS
from nightporter.simulate.write import simulate

CAUSES: dict[str, str] = {
    "brute_force": r"failed attempts (as|from)|was refused \d+ logins",
    "password_spraying": r"was refused \d+ logins under \d+ names",
    "credential_stuffing": r"never came from|nobody came from",
    "stolen_key": r"nobody came from|never came from|also came from",
    "hop_chain": r"comes? from, never|also came from .* never on|servers where|nobody came",
    "service_account_interactive": r"at a terminal|did not run|nobody ran|never used|comes from, never|at that hour",
    "dormant_account": r"had no successful login",
    "privilege_escalation": r"(did not run|never became|failed at|was refused|never used)",
    "concurrent_networks": r"also came from|addresses that day",
    "mass_fan_out": r"\d+ servers",
    "new_account": r"'useradd|had no successful login|comes? from, never",
    "slow_reuse": r"never on|hardly anybody|servers where",
    "log_tampering": r"not how and from where|rsyslog|--vacuum|nobody came from",
    "insider_bulk": r"hardly anybody|servers where|never on",
}


@pytest.fixture
def explained(client: Client, store: Settings, tmp_path: Path) -> list[tuple[str, Explanation]]:
    """Kind of each attack, and what is said about the strangest of its cases."""
    simulate(tmp_path, 14, 50, 12, 5)
    ingest(client, [str(tmp_path / "logs")], settings=store)
    attacks, days = attacks_of(tmp_path), days_of(client)
    truth = truth_of(client, tmp_path, attacks)
    logins = read_logins(client, days[0], days[-1] + timedelta(days=1), thin=4, whole_from=days[3])
    history, day = History(logins), np.asarray(logins.day)
    labels = np.array([truth.get(name.decode(), "") for name in np.asarray(logins.event_id)], object)
    best: dict[str, tuple[float, Night, int]] = {}
    for night in days[4:]:
        rows = np.flatnonzero(day == day_number(night))
        learned = habits(history, np.flatnonzero((day < day_number(night)) & (day >= day_number(days[1]))))
        surprises = np.zeros((len(rows), len(FIELDS)), np.float32)
        cases = group(history, rows, surprises, learned)
        scored = Night(night, days[0], logins, rows, surprises, cases, history)
        for attack in set(labels[rows]) - {""}:
            for case in np.unique(cases.actor[labels[rows] == attack]).tolist():
                found = float(cases.score[case]), scored, case
                best[attack] = max(best.get(attack, found), found, key=lambda each: each[0])
    return [(attacks[attack], explain(client, scored, case, 1e-4)) for attack, (_, scored, case) in best.items()]


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_the_sentence_names_the_true_cause_of_every_kind_of_attack(explained: list[tuple[str, Explanation]]) -> None:
    assert {kind for kind, _ in explained} == set(CAUSES) == {kind.name for kind in KINDS}
    for kind, said in explained:
        assert re.search(CAUSES[kind], said.sentence), f"{kind}: {said.sentence}"
        assert said.techniques
        assert said.benign_twin.endswith(".")
        assert said.reasons, said.sentence
        sizes = [reason["surprise"] for reason in said.reasons]
        assert sizes == sorted(sizes, reverse=True), said.sentence
        strongest = said.reasons[0]
        told = {"since_user"} | TOLD_OF_REFUSED
        assert strongest["text"].split(" in ")[0] in said.sentence or strongest["field"] in told, said.sentence
        if re.search(r"was refused \d+ login", said.sentence):
            assert re.search(r"No attempt succeeded\.|It got in as", said.sentence)
        assert not re.search(r"\b1 (logins|addresses|servers|names|days|minutes)\b|that night", said.sentence)
        assert all(reason["text"] and "{" not in reason["text"] for reason in said.reasons)
        assert " 0 failed" not in said.sentence + " ".join(reason["text"] for reason in said.reasons)
