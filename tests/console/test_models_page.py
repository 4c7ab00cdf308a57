"""Making another model the current one: an admin asks with a reason, the nights do it, all of it is on record."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import night_to_review as case
import pytest
from clickhouse_connect.driver.client import Client
from console_visit import Visitor, words
from nightporter.errors import ReviewError
from nightporter.model import registry
from nightporter.nightly.choices import carry_out
from nightporter.store import models
from nightporter.store.models import Model
from small_model import small_model
from streamlit.testing.v1 import AppTest

embedded = pytest.mark.parametrize("store", ["embedded"], indirect=True)
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
KEPT = [
    Model("run-3", date(2026, 3, 3), "current", True, True),
    Model("run-2", date(2026, 3, 2), "kept", False, True),
    Model("run-1", date(2026, 3, 1), "kept", True, True),
    Model("run-0", date(2026, 2, 28), "kept", True, False),
]


def test_what_is_kept_is_told_once_and_what_is_gone_disappears(client: Client) -> None:
    models.publish(client, KEPT)
    models.publish(client, KEPT)
    assert models.models(client) == KEPT
    assert client.command("SELECT count() FROM models") == 4, "nothing new, nothing written"
    models.publish(client, KEPT[1:])
    assert models.models(client) == KEPT[1:]


def test_a_request_needs_a_reason_a_usable_model_and_no_other_request(client: Client) -> None:
    models.publish(client, KEPT)
    with pytest.raises(ReviewError, match="Say why"):
        models.choose(client, "ada", "run-1", "no")
    for run, said in (("run-3", "current model already"), ("run-0", "other fields"), ("run-9", "no longer kept")):
        with pytest.raises(ReviewError, match=said):
            models.choose(client, "ada", run, "too many flags")
    models.choose(client, "ada", "run-1", "too many flags")
    with pytest.raises(ReviewError, match="Another request"):
        models.choose(client, "eve", "run-2", "too many flags")


@embedded
def test_the_nights_do_what_was_asked_or_say_why_not(client: Client, tmp_path: Path) -> None:
    small = small_model(client)
    folder = tmp_path / "models"
    for day in (1, 2, 3):
        registry.store(folder, f"2026-03-0{day}-a", small, {"night": f"2026-03-0{day}"}, current=day != 2)
    carry_out(client, folder)
    assert [(model.run[:10], model.state, model.passed) for model in models.models(client)] == [
        ("2026-03-03", "current", True), ("2026-03-02", "kept", False), ("2026-03-01", "kept", True),
    ]  # fmt: skip
    models.choose(client, "ada", "2026-03-01-a", "too many flags")
    carry_out(client, folder)
    assert registry.incumbent(folder, date(2026, 3, 4)) == "2026-03-01-a", "the next night goes on from it"
    (done,) = models.choices(client)
    assert (done.state, done.who, done.reason) == ("done", "ada", "too many flags")
    models.choose(client, "ada", "2026-03-02-a", "once more another")
    (folder / "2026-03-02-a" / "detector.safetensors").write_bytes(b"broken")
    carry_out(client, folder)
    refused = models.choices(client)[0]
    assert refused.state == "refused" and "cannot be read" in refused.text
    assert registry.current(folder) == "2026-03-01-a"


@pytest.fixture
def page(client: Client) -> None:
    case.write_night(client, YESTERDAY)
    models.publish(client, KEPT)


@embedded
@pytest.mark.usefixtures("page")
def test_an_admin_goes_back_in_two_steps(visit: Visitor, client: Client) -> None:
    app = visit("model", role="admin", who="ada")
    wanted = next(box for box in app.selectbox if box.label == "Model")
    assert wanted.value.run == "run-1", "the last one that had passed is proposed"
    next(box for box in app.text_input if box.label == "Because").set_value("it flags every backup")
    press(app, "Go on …")
    assert "Use the model of Sunday 1 March 2026 (run-1) instead of the model of Tuesday 3 March 2026" in words(app)
    press(app, "Leave it")
    assert not models.choices(client)
    next(box for box in app.text_input if box.label == "Because").set_value("it flags every backup")
    press(app, "Go on …")
    press(app, "Use it")
    assert "ada asked for the model of Sunday 1 March 2026 (run-1): waits for the worker" in words(app)
    assert [(one.run, one.state) for one in models.choices(client)] == [("run-1", "asked")]
    assert not [box for box in app.selectbox if box.label == "Model"], "one request at a time"
    done = client.query("SELECT who, about, detail FROM audit WHERE action = 'model chosen'").result_rows
    assert done == [("ada", "run-1", "it flags every backup")]


@embedded
@pytest.mark.usefixtures("page")
def test_others_see_the_models_and_no_way_to_change_them(visit: Visitor) -> None:
    app = visit("model", role="analyst")
    assert "Models that are kept" in words(app)
    assert any("run-3" in frame.value.to_string() for frame in app.dataframe)
    assert not [box for box in app.selectbox if box.label == "Model"] and not app.text_input


def press(app: AppTest, label: str) -> None:
    """Press the button of this label."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
