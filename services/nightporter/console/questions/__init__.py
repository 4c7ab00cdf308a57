"""What the pages beside the queue ask the store: a file per page, one function and one SQL file per question."""

from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.store.query import sql


def rows(client: Client, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The answer of store/queries/<name>.sql."""
    return list(client.query(sql(f"queries/{name}.sql"), parameters=parameters).named_results())


def exists(client: Client, table: str) -> bool:
    """Whether this store has a table; a page says so where it has not."""
    return bool(client.command("EXISTS TABLE {table:Identifier}", parameters={"table": table}))
