"""Structured logs: one JSON object a line on stderr.

Records carry what happened and where; never a password, a password file's content or the text of a log line.
"""

import json
import logging
import sys
import time

from nightporter.settings import load


class JsonLines(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, the fields of `extra={"fields": …}`, error."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}+00:00",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update(getattr(record, "fields", {}))
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure(level: str | None = None) -> None:
    """Send the log to stderr; `level` defaults to the setting `log_level`. Each process calls this once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=(level or load().log_level).upper(), handlers=[handler], force=True)
    # the driver warns of every failed request, and the request is reported by whoever made it
    logging.getLogger("clickhouse_connect").setLevel(logging.ERROR)
