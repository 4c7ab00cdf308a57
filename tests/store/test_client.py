"""The client: what it must be able to say to either engine."""

import gzip
import threading
from pathlib import Path

import lz4.frame
import pyarrow as pa
import pytest
import zstandard
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from nightporter.errors import StoreError, StoreFull, StoreUnavailable
from nightporter.settings import Settings, load
from nightporter.store.client import connect, error_code, open_client, translated

HOSTILE = ["", "it's", 'say "no"', "back\\slash", "a\tb\nc", "'; DROP TABLE entries; --", "ünï", "\\N", "{x:String}"]


def test_parameters_arrive_as_they_are(client: Client) -> None:
    for text in HOSTILE:
        row = client.query(
            "SELECT {one:String}, {many:Array(String)}", parameters={"one": text, "many": [text, "b"]}
        ).result_rows[0]
        assert row == (text, [text, "b"])


def test_long_parameters_travel_in_the_body(client: Client) -> None:
    many = [f"value {number}" for number in range(5_000)]
    assert client.query("SELECT length({many:Array(String)})", parameters={"many": many}).result_rows == [(5_000,)]
    with pytest.raises(DatabaseError):
        client.query("SELECT length({one:String})", parameters={"one": "x" * 200_000})


def test_rows_arrow_and_text_can_be_inserted(client: Client) -> None:
    client.command("CREATE TABLE probe (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    try:
        client.insert("probe", [[1, "a\tb"], [2, "\\"]], column_names=["n", "s"])
        client.insert_arrow("probe", pa.table({"n": pa.array([3, 4], pa.uint64()), "s": ["c", "d"]}))
        client.raw_insert("probe", ["n", "s"], b"5\te\n6\tf\n", fmt="TSV")
        client.command("INSERT INTO probe VALUES (7, {s:String})", parameters={"s": "it's"})
        assert client.query("SELECT n, s FROM probe ORDER BY n").result_rows == [
            (1, "a\tb"), (2, "\\"), (3, "c"), (4, "d"), (5, "e"), (6, "f"), (7, "it's"),
        ]  # fmt: skip
    finally:
        client.command("DROP TABLE probe SYNC")


@pytest.mark.parametrize("compression", ["gzip", "lz4", "zstd"])
def test_a_large_body_is_inserted_whatever_its_compression(client: Client, compression: str) -> None:
    body = b"".join(b"%d\t%s\n" % (number, b"x" * 80) for number in range(60_000))
    packed = {"gzip": gzip.compress, "lz4": lz4.frame.compress, "zstd": zstandard.compress}[compression](body)
    client.command("CREATE TABLE probe (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    try:
        client.raw_insert("probe", ["n", "s"], packed, fmt="TSV", compression=compression)
        assert client.query("SELECT count(), uniqExact(n), min(length(s)) FROM probe").result_rows == [
            (60_000, 60_000, 80)
        ]
    finally:
        client.command("DROP TABLE probe SYNC")


def test_results_stream_in_blocks_and_as_arrow(client: Client) -> None:
    query = "SELECT number, toString(number) AS s FROM numbers(300000)"
    with client.query_row_block_stream(query) as blocks:
        assert sum(len(block) for block in blocks) == 300_000
    with client.query_arrow_stream(query) as batches:
        assert sum(batch.num_rows for batch in batches) == 300_000
    assert client.query_arrow(query).num_rows == 300_000


def test_an_empty_result_is_no_error(client: Client) -> None:
    query = "SELECT 1 AS one, 'x' AS two WHERE 0"
    assert client.query(query).result_rows == []
    assert client.query_arrow(query).column_names == ["one", "two"]


def test_an_error_after_the_first_rows_is_an_error(client: Client) -> None:
    with pytest.raises(Exception, match=r"(?i)throwif|non-zero"):
        with client.query_row_block_stream(
            "SELECT throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 1000"
        ) as rows:
            for _ in rows:
                pass


def test_settings_of_one_statement_do_not_reach_the_next(client: Client) -> None:
    assert client.command("SELECT getSetting('max_threads')", settings={"max_threads": 1}) == 1
    assert client.command("SELECT getSetting('max_block_size')", settings={"max_block_size": 7}) == 7
    assert client.command("SELECT getSetting('max_block_size')") != 7


def test_a_running_query_id_is_refused_to_a_second_statement(client: Client, store: Settings) -> None:
    def hold() -> None:
        refused = True
        while refused:
            try:
                client.command(
                    "SELECT sum(sleepEachRow(0.1)) FROM numbers(20)",
                    settings={"query_id": "mutex", "max_block_size": 1},
                )
                refused = False
            except DatabaseError as error:  # the probe below was quicker
                assert error_code(error) == "216"

    thread = threading.Thread(target=hold)
    second = open_client(store)
    try:
        thread.start()
        with pytest.raises(DatabaseError) as refused:
            while thread.is_alive():
                second.command("SELECT 1", settings={"query_id": "mutex"})
        assert error_code(refused.value) == "216"
        thread.join()
        assert second.command("SELECT 1", settings={"query_id": "mutex"}) == 1
    finally:
        thread.join()
        second.close()


def test_a_deduplication_token_makes_a_second_insert_a_no_op_in_views_too(client: Client) -> None:
    window = "SETTINGS non_replicated_deduplication_window = 100"
    client.command("CREATE TABLE door (n UInt64) ENGINE = Null")
    client.command(f"CREATE TABLE room (n UInt64) ENGINE = MergeTree ORDER BY n {window}")
    client.command(f"CREATE TABLE tally (c UInt64) ENGINE = MergeTree ORDER BY c {window}")
    client.command("CREATE MATERIALIZED VIEW door_to_room TO room AS SELECT n FROM door")
    client.command("CREATE MATERIALIZED VIEW room_to_tally TO tally AS SELECT count() AS c FROM room")
    try:
        for token in ("a", "a", "b"):
            client.raw_insert("door", ["n"], b"1\n2\n3\n", fmt="TSV", settings={"insert_deduplication_token": token})
        assert client.query("SELECT count() FROM room").result_rows == [(6,)]
        assert client.query("SELECT c FROM tally").result_rows == [(3,), (3,)]
    finally:
        for name in ("room_to_tally", "door_to_room", "tally", "room", "door"):
            client.command(f"DROP TABLE {name} SYNC")


def test_truncation_forgets_tokens(client: Client) -> None:
    """Tests share a database; what one inserted must not be 'known' to the next."""
    client.command(
        "CREATE TABLE probe (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100"
    )
    try:
        for _ in range(2):
            client.command("TRUNCATE TABLE probe SYNC")
            client.raw_insert("probe", ["n"], b"1\n", fmt="TSV", settings={"insert_deduplication_token": "a"})
        assert client.command("SELECT count() FROM probe") == 1
    finally:
        client.command("DROP TABLE probe SYNC")


def test_block_numbers_grow_with_each_insert(client: Client) -> None:
    client.command(
        "CREATE TABLE probe (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS enable_block_number_column = 1"
    )
    try:
        for number in range(3):
            client.command(f"INSERT INTO probe VALUES ({number})")
        client.command("OPTIMIZE TABLE probe FINAL")
        numbers = [row[0] for row in client.query("SELECT _block_number FROM probe ORDER BY n").result_rows]
        assert numbers == sorted(set(numbers)) and len(numbers) == 3
    finally:
        client.command("DROP TABLE probe SYNC")


def test_an_insert_that_fails_says_so(client: Client) -> None:
    client.command("CREATE TABLE probe (n UInt8, CONSTRAINT small CHECK n < 200) ENGINE = MergeTree ORDER BY n")
    large = b"1\n" * 5_000_000
    try:
        with pytest.raises(DatabaseError, match="NO_SUCH_COLUMN_IN_TABLE"):
            client.raw_insert("probe", ["m"], large, fmt="TSV")
        with pytest.raises(DatabaseError, match="VIOLATED_CONSTRAINT"):
            client.raw_insert("probe", ["n"], b"1\n250\n", fmt="TSV")
        with pytest.raises(DatabaseError, match="CANNOT_PARSE"):
            client.raw_insert("probe", ["n"], b"1\nx\n", fmt="TSV")
        assert client.command("SELECT count() FROM probe") == 0
    finally:
        client.command("DROP TABLE probe SYNC")


def test_an_insert_may_carry_settings_and_leave_columns_to_their_defaults(client: Client) -> None:
    client.command("CREATE TABLE probe (n UInt8, twice UInt8 DEFAULT 2 * n) ENGINE = MergeTree ORDER BY n")
    insert = b"INSERT INTO probe SETTINGS max_threads = 1 FORMAT JSONEachRow\n"
    try:
        client.raw_insert(None, insert_block=insert + b'{"n": 3}\n')
        client.raw_insert("probe", ["n"], b"", fmt="TSV")
        assert client.query("SELECT n, twice FROM probe").result_rows == [(3, 6)]
    finally:
        client.command("DROP TABLE probe SYNC")


def test_errors_become_one_sentence(store: Settings) -> None:
    with pytest.raises(StoreError, match="refused a statement: Unknown table") as refused:
        with connect(store) as client:
            client.query("SELECT * FROM nowhere")
    assert "\n" not in str(refused.value) and "Code:" not in str(refused.value)
    with pytest.raises(StoreFull, match="memory limit"):
        with connect(store) as client:
            client.query("SELECT groupArray(number) FROM numbers(10000000)", settings={"max_memory_usage": 1_000_000})


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    settings = load({"NIGHTPORTER_HOME": str(tmp_path), "NIGHTPORTER_CLICKHOUSE_URL": "http://127.0.0.1:9"})
    with pytest.raises(StoreUnavailable, match=r"http://127.0.0.1:9"), translated(settings):
        open_client(settings)
