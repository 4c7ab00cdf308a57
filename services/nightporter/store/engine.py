"""One statement on the embedded engine.

Every request gets its own handle (0.3 ms), so that settings, parameters and the current database of one request
never reach another.
"""

import contextlib
import fcntl
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chdb import ChdbError
from chdb.state.sqlitelike import connect

DATA_FOLLOWS = re.compile(
    rb"""^\s*(?P<insert>INSERT\s+INTO\s+(?:TABLE\s+)?(?:`[^`]+`|[\w.])+\s*(?:\([^()]*\))?)"""
    rb"""\s*(?P<clause>SETTINGS\s[^()]*?)?\s*\bFORMAT\s+(?!VALUES\b)(?P<form>\w+)\s*?;?[ \t]*(?:\r?\n|$)""",
    re.IGNORECASE,
)
"""An insert whose rows come after the statement."""

READS_INPUT = re.compile(r"^\s*INSERT\s.*\binput\s*\(", re.IGNORECASE | re.DOTALL)

NAMED_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
SELECTS = re.compile(r"^\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(SELECT|WITH)\b", re.IGNORECASE | re.DOTALL)
ROW_STREAMS = {"Native", "TabSeparated", "TSV", "CSV", "JSONEachRow", "RowBinary"}
"""Formats whose pieces simply follow each other."""

FRAMED_STREAMS = {"ArrowStream", "Arrow", "Parquet"}
"""Formats with a header or footer around all rows: the engine writes them to a pipe as one file."""

SETTING_NAME = re.compile(r"^[A-Za-z_]\w*$")
PIECE = 1 << 20


_connect: Callable[[str], Any] = connect  # chDB's own function has no types


class EngineError(Exception):
    """A statement failed; `code` is ClickHouse's error code."""

    def __init__(self, text: str) -> None:
        start = max(text.find("Code: "), 0)
        super().__init__(text[start:])
        found = re.search(r"Code: (\d+)", text)
        self.code = int(found[1]) if found else 1002


@dataclass
class Statement:
    """What one request asks: text, settings and parameters, and the mark by which it can be stopped."""

    text: str
    database: str = "default"
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    clause: str = ""


class Engine:
    """The chDB engine over one folder."""

    def __init__(self, folder: Path, memory: int) -> None:
        """Open `folder`; the engine may use `memory` bytes in all, a single statement 70 % of it."""
        options: dict[str, int | str] = {
            "max_server_memory_usage": memory,
            "backups.allowed_path": "/",  # a backup goes where its owner says
            "background_pool_size": 2,
            "background_schedule_pool_size": 4,
            "mark_cache_size": memory // 16,
            "primary_index_cache_size": memory // 16,
            "index_mark_cache_size": memory // 32,
            "compiled_expression_cache_size": 16 << 20,
        }
        self._path = f"{folder}?" + "&".join(f"{name}={value}" for name, value in options.items())
        self._defaults = {"max_memory_usage": str(memory * 7 // 10), "async_insert": "0"}
        self._anchor = _connect(self._path)  # the engine lives as long as one handle is open

    def close(self) -> None:
        """Finish background work and let go of the folder."""
        self._anchor.close()

    @contextlib.contextmanager
    def _handle(self, statement: Statement) -> Iterator[Any]:
        handle = _connect(self._path)
        try:
            with _translated():
                if statement.database != "default":
                    handle.query("USE " + _identifier(statement.database))
                values = {**self._defaults, **statement.settings}
                if statement.mark:
                    values["log_comment"] = statement.mark
                for name, value in values.items():
                    if not SETTING_NAME.match(name):
                        raise EngineError(f"Code: 115. DB::Exception: Unknown setting {name!r}. (UNKNOWN_SETTING)")
                    handle.query(f"SET {name} = {_literal(value)}")
                yield handle
        finally:
            handle.close()

    def run(self, statement: Statement, form: str) -> bytes:
        """Run any statement and return its whole result in the format `form`."""
        if READS_INPUT.match(statement.text):  # the engine would insert nothing, without a word
            raise EngineError("Code: 48. DB::Exception: The embedded store has no input(). (NOT_IMPLEMENTED)")
        with self._handle(statement) as handle:
            return bytes(handle.query(statement.text, form, params=dict(statement.parameters)).bytes() or b"")

    def insert(self, statement: Statement, form: str, pieces: Iterator[bytes]) -> tuple[int, int]:
        """Insert rows that arrive in `pieces` of `form`; returns rows and bytes read.

        The engine reads them from a pipe like from a file. (Its own streaming insert is no alternative: at a full disk
        it reports success and stores nothing.) If `pieces` fails, the statement is stopped before it sees the end.
        """
        reader, writer = os.pipe()
        with contextlib.suppress(OSError, AttributeError):  # Linux only, and limited for ordinary users
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIECE)
        source = f"FROM INFILE '/dev/fd/{reader}' COMPRESSION 'none' {statement.clause} FORMAT {form}"
        outcome: list[tuple[int, int] | EngineError] = []

        def read() -> None:
            try:
                with self._handle(statement) as handle:
                    parameters = dict(statement.parameters)
                    result = handle.query(f"{statement.text} {source}", "TSV", params=parameters)
                    outcome.append((int(result.rows_read()), int(result.bytes_read())))
            except EngineError as error:
                outcome.append(error)
            finally:
                os.close(reader)  # so that the writer notices

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            # a closed pipe says that the statement failed; why is in `outcome`
            with contextlib.suppress(BrokenPipeError):
                for piece in pieces:
                    left = memoryview(piece)
                    while left:
                        left = left[os.write(writer, left) :]
        except BaseException:
            while thread.is_alive() and not self.stop(statement.mark):
                thread.join(0.02)
            raise
        finally:
            os.close(writer)
            thread.join()
        if isinstance(outcome[0], EngineError):
            raise outcome[0]
        return outcome[0]

    def select(self, statement: Statement, form: str) -> Iterator[bytes]:
        """Run a SELECT and yield its result in pieces; closing the iterator stops the statement."""
        if form in FRAMED_STREAMS:
            yield from self._select_framed(statement, form)
            return
        with self._handle(statement) as handle:
            pieces = handle.send_query(statement.text, form, params=dict(statement.parameters))
            try:
                for piece in pieces:
                    yield bytes(piece.bytes())
            finally:
                pieces.close()

    def _select_framed(self, statement: Statement, form: str) -> Iterator[bytes]:
        reader, writer = os.pipe()
        failure: list[Exception] = []

        def write() -> None:
            into = f"INSERT INTO FUNCTION file({writer}, '{form}') {statement.text}"
            try:
                with self._handle(statement) as handle:
                    handle.query(into, "TSV", params=dict(statement.parameters))
            except EngineError as error:
                failure.append(error)
            finally:
                os.close(writer)

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        try:
            while piece := os.read(reader, PIECE):
                yield piece
        except GeneratorExit:
            self.stop(statement.mark)
            while os.read(reader, PIECE):  # the engine may be blocked in a write, and does not notice a closed pipe
                pass
            raise
        finally:
            thread.join()
            os.close(reader)
        if failure:
            raise failure[0]

    def stop(self, mark: str) -> bool:
        """Stop the statement that carries `mark`; False when none is running."""
        kill = f"KILL QUERY WHERE Settings['log_comment'] = {_literal(mark)} ASYNC"
        try:
            return bool(self.run(Statement(kill), "TSV"))
        except EngineError:
            return False


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, ChdbError) as error:  # everything that chdb's binding raises
        raise EngineError(str(error)) from error


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
