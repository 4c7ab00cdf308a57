"""Whose an address is: by what sshd says of itself, and never by who says it last."""

from datetime import UTC, date, datetime, timedelta

from clickhouse_connect.driver.client import Client
from nightporter.store.migrate import numbered
from store_logs import load_lines

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
SERVER = "10.20.7.10"


def line(host: str, address: str, day: float = 0) -> bytes:
    """What sshd writes at LogLevel VERBOSE when somebody connects."""
    at = FIRST + timedelta(days=day)
    said = f'Connection from 10.1.1.1 port 52144 on {address} port 22 rdomain ""'
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {host} sshd[2817]: {said}".encode()


def owner(client: Client, address: str, day: int) -> tuple[str, datetime] | None:
    """Whose the address is on a day after the first, and since when."""
    asked = {"address": address, "day": (FIRST + timedelta(days=day)).date()}
    rows = client.query(
        "SELECT host, since FROM address_owners WHERE address = {address:String} AND day = {day:Date}", parameters=asked
    ).result_rows
    return (str(rows[0][0]), rows[0][1].replace(tzinfo=UTC)) if rows else None


def test_sshd_says_which_address_its_host_has(client: Client) -> None:
    load_lines(
        client,
        [
            line("web07", SERVER),
            line("web08", "::ffff:10.20.8.10"),
            line("web09", "2001:db8::9"),
            *(line("web09", address) for address in ("127.0.0.1", "::1", "fe80::1%eth0", "169.254.1.1")),
            line("web10", "10.20.10.10").replace(b" on 10.20.10.10 port 22", b""),
            line("web10", "10.20.11.10").replace(b"sshd", b"cron"),
            line("web10", "10.20.12.10").replace(b"Connection from 10", b"Accepted password for Connection from 10"),
        ],
    )
    found = client.query("SELECT address, host, day FROM host_addresses FINAL ORDER BY host").result_rows
    assert found == [
        (SERVER, "web07", date(2026, 3, 2)),
        ("10.20.8.10", "web08", date(2026, 3, 2)),
        ("2001:db8::9", "web09", date(2026, 3, 2)),
    ]
    assert owner(client, SERVER, 0) == ("web07", FIRST)


def test_an_address_stays_its_first_owners_whoever_claims_it(client: Client) -> None:
    load_lines(client, [line("web07", SERVER, day) for day in range(6)])
    load_lines(client, [line("thief", SERVER, day) for day in range(1, 16)])
    assert [owner(client, SERVER, day) for day in (1, 5, 12)] == [("web07", FIRST)] * 3
    # web07 has not had it for a week
    assert owner(client, SERVER, 13) == ("thief", FIRST + timedelta(days=1))
    assert owner(client, SERVER, 23) is None


def test_who_writes_older_times_was_heard_later_all_the_same(client: Client) -> None:
    for heard, lines in (
        (FIRST, [line("web07", SERVER)]),
        (FIRST + timedelta(days=2), [line("thief", SERVER, -300), line("thief", SERVER), line("web07", SERVER, 2)]),
    ):
        columns = ["received", "year", "zone", "zones", "block"]
        client.insert("blocks", [[heard, 0, "UTC", {}, b"\n".join(lines)]], column_names=columns)
    assert [owner(client, SERVER, day) for day in (0, 1, 2, 9)] == [("web07", FIRST)] * 4


def test_what_several_machines_have_is_nobodys_from_the_next_day_on(client: Client) -> None:
    for number in range(3):
        load_lines(client, [line(f"web0{number}", "172.17.0.1", number / 24 + day) for day in range(2)])
    assert owner(client, "172.17.0.1", 0) == ("web00", FIRST)
    assert owner(client, "172.17.0.1", 1) == ("", FIRST)


def test_a_host_that_claims_everything_owns_twenty_addresses_and_keeps_its_own(client: Client) -> None:
    load_lines(client, [line("web07", SERVER, 1)])
    load_lines(client, [line("web07", f"10.30.{n // 200}.{n % 200}", 1 + (n + 1) / 86400) for n in range(500)])
    load_lines(client, [line("web07", f"10.40.{n // 200}.{n % 200}", 2 + n / 86400) for n in range(500)])
    load_lines(client, [line("web07", SERVER, 2.5)])
    owned = client.query(
        "SELECT day, countIf(host = 'web07'), max(address = {address:String}) FROM address_owners GROUP BY day",
        parameters={"address": SERVER},
    ).result_rows
    assert {count for _, count, _ in owned} <= set(range(41))
    assert all(own for day, _, own in owned if day <= date(2026, 3, 11)), owned


def test_lines_that_were_there_before_the_table_are_read(client: Client) -> None:
    load_lines(client, [line("web07", SERVER)])
    before = client.query("SELECT * FROM host_addresses FINAL").result_rows
    client.command("TRUNCATE TABLE host_addresses")
    step = next(step for step in numbered() if step.name == "0070_host_addresses.sql")
    for statement in step.statements:
        client.command(statement)
    assert client.query("SELECT * FROM host_addresses FINAL").result_rows == before != []
