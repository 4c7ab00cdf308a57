"""Logs: one JSON object a line, on stderr."""

import json
import logging

import pytest
from nightporter import logs


def test_a_record_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.root.handlers[:], logging.root.level
    try:
        logs.configure("info")
        log = logging.getLogger("nightporter.probe")
        log.info("%d lines\nread", 3, extra={"fields": {"host": "web"}})
        try:
            raise ValueError("no")
        except ValueError:
            log.exception("failed")
        log.debug("not shown")
    finally:
        logging.root.handlers[:], level = before
        logging.root.setLevel(level)
    out, err = capsys.readouterr()
    first, second = map(json.loads, err.splitlines())
    assert out == ""
    assert first.pop("time").endswith("+00:00")
    assert first == {"level": "info", "logger": "nightporter.probe", "message": "3 lines\nread", "host": "web"}
    assert second["error"].endswith("ValueError: no")
