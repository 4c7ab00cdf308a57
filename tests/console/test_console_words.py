"""Words, bars and inert text: plain functions."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from nightporter.console import charts, words
from nightporter.console.plain import visible
from nightporter.console.reading import Reason


@pytest.mark.parametrize(
    ("one_in", "text"),
    [
        (312_345.6, "1 in 310 000"),
        (1_550_000, "1 in 1 600 000"),
        (254, "1 in 250"),
        (99, "1 in 99"),
        (1, "1 in 1"),
        (0, "not known"),
    ],
)
def test_rarity_has_as_many_digits_as_it_deserves(one_in: float, text: str) -> None:
    assert words.rarity(one_in) == text


def test_long_sentences_are_cut_between_words() -> None:
    assert words.shortened("ada logged in to db1", 16) == "ada logged in …"
    assert words.shortened("ada logged in", 16) == "ada logged in"


def test_nights_are_named_in_english() -> None:
    assert words.night(date(2026, 3, 2)) == "Monday 2 March 2026"


def test_techniques_and_respects_are_explained_and_unknown_ones_kept() -> None:
    assert words.technique("T1110.003") == "T1110.003 trying one password on many accounts"
    assert words.technique("T1078.999") == "T1078.999 using a valid account"
    assert words.technique("T9999") == "T9999"
    assert words.respect("since_source") == "address"
    assert words.respect("since_method") == "method"
    assert words.respect("failures_user_1d") == "failed attempts"
    assert words.respect("new_thing") == "new thing"


def test_text_that_hides_something_is_spelled_out() -> None:
    assert visible("a\nb\x1b[31m\u202ec\u200b") == "a\\nb\\x1b[31m\\u202ec\\u200b"
    assert visible("<b>![x](y)</b> é") == "<b>![x](y)</b> é"
    assert visible("a" * 500).endswith("… (100 more characters)")


def test_bars_share_the_surprise_and_each_has_a_name_of_its_own() -> None:
    reasons = [
        Reason("hour", "03:04", "", 1.0, ""),
        Reason("since_source", "a\nb", "", 3.0, ""),
        Reason("network", "n", "", 0.0, ""),
    ]
    reasons.append(Reason("since_source_any", "c", "", 4.0, ""))
    rows = charts.reason_rows(reasons)
    assert [row["label"] for row in rows] == ["50%  c", "38%  a\\nb", "12%  03:04"]
    assert [row["respect"] for row in rows] == ["address", "address (again, 1)", "time of day"]


def test_a_bar_does_not_say_its_name_twice() -> None:
    burst = Reason("failures_user_1d", "failed attempts", "", 1.0, "")
    assert charts.reason_rows([burst])[0]["label"] == "100%"


def test_the_chart_keeps_the_order_of_the_bars_and_needs_no_tooltip() -> None:
    spec = charts.reason_bars([Reason("hour", "x", "", 1.0, "")], charts.INK_ON_DARK).to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["bar", "text"]
    assert spec["layer"][0]["encoding"]["y"]["sort"] is None
    assert "tooltip" not in spec["layer"][1]["encoding"]


def test_a_refused_login_has_no_length_and_a_short_time_line_has_seconds() -> None:
    start = datetime(2026, 3, 2, 4, 15, 7, tzinfo=UTC)
    ends = {"success": start + timedelta(minutes=2), "failure": start + timedelta(seconds=50)}
    around = [
        {"event_id": outcome, "host": "web1", "source_ip": "10.1.2.7", "start": start, "end": end,
         "outcome": outcome, "user": "ada", "service": "sshd"} for outcome, end in ends.items()
    ]  # fmt: skip
    rows = charts.sequence_rows(around, {"failure"}, ZoneInfo("UTC"), 12)
    assert [row["what"] for row in rows] == ["other", "of this flag, refused"]
    spec = charts.sequence(rows, charts.INK_ON_DARK, "UTC").to_dict()
    assert spec["layer"][0]["transform"] == [{"filter": "indexof(datum.what, 'refused') < 0"}]
    assert spec["layer"][0]["encoding"]["x"]["axis"]["format"] == "%H:%M:%S"
    rows[0]["end"] = "2026-03-02T08:15:07"
    spec = charts.sequence(rows, charts.INK_ON_DARK, "UTC").to_dict()
    assert spec["layer"][0]["encoding"]["x"]["axis"]["format"] == "%H:%M"
