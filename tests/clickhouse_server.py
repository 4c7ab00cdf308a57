"""Runs a real ClickHouse HTTP server in this process: `python clickhouse_server.py LIBCHDB FOLDER PORT`.

The library is npm's build of chDB. Unlike PyPI's it exports the main function of clickhouse-local, which since 26.7
can open ClickHouse's own HTTP listener. The process serves until it is killed.
"""

import ctypes
import sys
from pathlib import Path

USERS = """
<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <!-- the session that this process runs; its password has to be empty, so it may do nothing but listen -->
    <default>
      <password/>
      <networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>
    </default>
    <!-- what docs/install.md grants to the account of the appliance, and nothing else -->
    <nightporter>
      <password>not a secret</password>
      <networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
      <grants>
        <query>GRANT SELECT, INSERT, ALTER, DROP, TRUNCATE, OPTIMIZE, dictGet ON nightporter.*</query>
        <query>GRANT CREATE TABLE, CREATE VIEW, CREATE DICTIONARY ON nightporter.*</query>
        <query>GRANT CREATE DATABASE ON nightporter.*</query>
        <query>GRANT TABLE ENGINE ON Null, TABLE ENGINE ON Memory, TABLE ENGINE ON MergeTree</query>
        <query>GRANT TABLE ENGINE ON ReplacingMergeTree, TABLE ENGINE ON AggregatingMergeTree</query>
        <query>GRANT SELECT ON system.parts</query>
        <query>GRANT SELECT ON system.disks</query>
      </grants>
    </nightporter>
  </users>
</clickhouse>
"""
CONFIG = """
<clickhouse>
  <users_config>{folder}/users.xml</users_config>
  <user_directories><users_xml><path>{folder}/users.xml</path></users_xml></user_directories>
  <max_server_memory_usage>4000000000</max_server_memory_usage>
  <background_pool_size>2</background_pool_size>
  <mark_cache_size>100000000</mark_cache_size>
  <logger><level>warning</level><log>{folder}/server.log</log></logger>
</clickhouse>
"""
SERVE = (
    "SYSTEM START LISTEN HTTP; "
    "SELECT sleepEachRow(1) FROM numbers(1000000000) FORMAT Null SETTINGS max_block_size = 1, max_threads = 1"
)


def serve(library: Path, folder: Path, port: int) -> None:
    """Block for as long as the server runs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "users.xml").write_text(USERS)
    (folder / "config.xml").write_text(CONFIG.format(folder=folder))
    arguments = [
        "clickhouse",
        f"--path={folder}",
        f"--config-file={folder}/config.xml",
        "--listen_host=127.0.0.1",
        f"--http_port={port}",
        "--output-format=TSV",
        f"--query={SERVE}",
    ]
    engine = ctypes.CDLL(str(library))
    engine.chdb_query_cmdline.restype = ctypes.c_void_p
    engine.chdb_query_cmdline.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
    engine.chdb_result_error.restype = ctypes.c_char_p
    engine.chdb_result_error.argtypes = [ctypes.c_void_p]
    vector = (ctypes.c_char_p * (len(arguments) + 1))(*[argument.encode() for argument in arguments], None)
    failure = engine.chdb_result_error(engine.chdb_query_cmdline(len(arguments), vector))
    if failure:
        raise SystemExit(failure.decode())


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
