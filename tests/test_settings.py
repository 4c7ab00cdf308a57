"""Settings: where they come from, and that what is written about them is true."""

from pathlib import Path

import pytest
from nightporter.errors import SettingsError
from nightporter.settings import document, load

DOCUMENT = Path(__file__).parent.parent / "docs" / "settings.md"


def test_the_document_is_not_stale() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python -m nightporter.settings > docs/settings.md"


def test_the_environment_comes_before_the_file_and_the_file_before_the_table(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        'review_budget = 20\ntimezone = "Europe/Berlin"\n[host_timezones]\nweb = "Asia/Tokyo"\n'
    )
    settings = load({"NIGHTPORTER_HOME": str(tmp_path), "NIGHTPORTER_REVIEW_BUDGET": "10"})
    assert (settings.review_budget, settings.timezone, settings.raw_retention_days) == (10, "Europe/Berlin", 90)
    assert settings.host_timezones == {"web": "Asia/Tokyo"}
    assert load(
        {"NIGHTPORTER_HOME": str(tmp_path), "NIGHTPORTER_HOST_TIMEZONES": "a=UTC, b=Asia/Tokyo"}
    ).host_timezones == {
        "a": "UTC",
        "b": "Asia/Tokyo",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REVIEW_BUDGET", "many"),
        ("REVIEW_BUDGET", "-1"),
        ("TIMEZONE", "Berlin"),
        ("CONSOLE_PORT", "70000"),
        ("LOG_LEVEL", "loud"),
        ("HOST_TIMEZONES", "web=Mars"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"NIGHTPORTER_{name}"):
        load({"NIGHTPORTER_HOME": str(tmp_path), f"NIGHTPORTER_{name}": value})


def test_an_unknown_setting_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("review_bugdet = 20\n")
    with pytest.raises(SettingsError, match="review_bugdet"):
        load({"NIGHTPORTER_HOME": str(tmp_path)})
    (tmp_path / "settings.toml").write_text("review_budget = [")
    with pytest.raises(SettingsError, match=r"settings\.toml cannot be read"):
        load({"NIGHTPORTER_HOME": str(tmp_path)})
