"""The receiver: who may write what, what is stored before it is said to be, and what hostile or broken senders get."""

import gzip
import http.client
import json
import signal
import socket
import ssl
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.receiver.authority import Authority
from nightporter.store.hosts import expect, remove
from sending import Farm, post


def line(number: int, host: str = "web1") -> bytes:
    """A line of an sshd, unique by its number."""
    now = datetime.now(UTC).isoformat()
    return f"{now} {host} sshd[{number}]: Accepted password for ann from 192.0.2.7 port {number} ssh2\n".encode()


def count(client: Client, condition: str = "1") -> int:
    """Distinct entries."""
    return int(str(client.command(f"SELECT count() FROM entries FINAL WHERE {condition}")))


def test_what_is_answered_with_200_is_stored_under_the_name_of_the_certificate(client: Client, farm: Farm) -> None:
    connection = farm.connect("web1")
    batch = line(4001) + line(4002, host="db9") + b"nobody can read this\n"
    status, text, _ = post(connection, batch, Nightporter_Host="web1", Nightporter_Zone="Europe/Berlin")
    assert (status, json.loads(text)) == (200, {"stored": 3, "parked": ""})
    assert count(client, "host = 'web1'") == count(client) == 3
    assert count(client, "kind = 'unparsed'") == 1
    assert client.query("SELECT sum(lines), sum(deliveries) FROM host_hours WHERE host = 'web1'").result_rows == [
        (3, 1)
    ]


def test_a_batch_that_is_sent_again_changes_nothing(client: Client, farm: Farm) -> None:
    batch = b"".join(line(number) for number in range(5000, 5100))
    for name in ("web1", "web1", "web2"):
        assert post(farm.connect(name), batch)[0] == 200
    assert [count(client, f"host = '{name}'") for name in ("web1", "web2")] == [100, 100]


def test_the_stretch_of_the_log_that_a_host_names_is_noted(client: Client, farm: Farm) -> None:
    connection = farm.connect("web1")
    said = {"Nightporter_Stream": "4711", "Nightporter_From": "100", "Nightporter_To": "250"}
    assert post(connection, line(1), **said)[0] == 200
    for nonsense in ({"Nightporter_From": "-1"}, {"Nightporter_To": "9" * 40}, {"Nightporter_Stream": "s" * 999}):
        assert post(connection, line(2), **(said | nonsense))[0] == 200
    assert post(connection, line(3))[0] == 200
    rows = client.query("SELECT host, stream, read_from, read_to FROM host_stretches").result_rows
    assert rows == [("web1", "4711", 100, 250)]


def test_lines_without_a_zone_are_read_in_the_zone_of_the_host(client: Client, farm: Farm) -> None:
    text = b"Mar  2 15:44:52 web1 sshd[411]: Accepted password for ann from 192.0.2.7 port 50122 ssh2\n"
    connection = farm.connect("web1")
    assert post(connection, text, Nightporter_Zone="Asia/Tokyo")[0] == 200
    assert post(connection, text.replace(b"411", b"412"), Nightporter_Zone="no such zone")[0] == 200
    rows = client.query("SELECT pid, formatDateTime(time, '%H:%i') FROM entries FINAL ORDER BY pid").result_rows
    assert rows == [(411, "06:44"), (412, "15:44")]


def test_a_host_cannot_write_as_another(client: Client, farm: Farm) -> None:
    status, text, _ = post(farm.connect("web1"), line(1), Nightporter_Host="db1")
    assert status == 403
    assert "the certificate is for web1, the batch says it is of 'db1'" in text
    assert count(client) == 0


def test_without_a_certificate_of_this_appliance_nobody_is_heard(client: Client, farm: Farm, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "another")
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        post(farm.connect("web1", stranger), line(1))
    trusting = ssl.create_default_context(cafile=str(farm.authority.certificate))
    nameless = http.client.HTTPSConnection("127.0.0.1", farm.port, context=trusting)
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        post(nameless, line(1))
    nameless.close()
    with socket.create_connection(("127.0.0.1", farm.port)) as plain:
        plain.sendall(b"POST /v1/lines HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert b"200" not in plain.recv(1000)
    assert count(client) == 0


def test_a_host_that_was_removed_is_refused_until_it_is_enrolled_again(client: Client, farm: Farm) -> None:
    _, until = farm.authority.host("web1")
    assert expect(client, {"web1": until}) == ["web1"]
    assert expect(client, {"web1": until}) == []
    assert remove(client, ["web1", "never"]) == ["web1"]
    farm.stop()
    farm.start()
    connection = farm.connect("web1")
    deadline = time.monotonic() + 20  # it looks after the removed when it starts, beside its work
    while post(connection, line(1))[0] != 403:
        assert time.monotonic() < deadline
    assert expect(client, {"web1": until}) == ["web1"]


def test_what_is_too_large_or_broken_is_refused_and_the_next_request_is_served(client: Client, farm: Farm) -> None:
    connection = farm.connect("web1")
    bomb = zlib.compress(b"\n" * (200 << 20), 9)
    assert len(bomb) < 1 << 20
    assert post(connection, bomb, Content_Encoding="deflate")[0] == 413
    assert post(connection, gzip.compress(line(1))[:-9], Content_Encoding="gzip")[0] == 413
    assert post(connection, b"not gzip", Content_Encoding="gzip")[0] == 413
    assert post(connection, line(1), Content_Encoding="br")[0] == 413
    assert post(connection, b"{", path="/v1/heartbeat", Content_Encoding="identity")[0] == 400
    assert post(connection, line(1), path="/v1/query")[0] == 404
    assert post(connection, line(1))[0] == 200
    connection.request("POST", "/v1/lines", headers={"Content-Length": str(1 << 40)})
    assert connection.getresponse().status == 413
    connection.close()
    raw = farm.connect("web1")
    raw.connect()
    raw.sock.sendall(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 10_000)
    assert raw.sock.recv(100).split()[1] in (b"431", b"400")
    raw.close()
    assert count(client) == 1


def test_the_batches_of_many_hosts_become_few_inserts(client: Client, farm: Farm) -> None:
    connections = [farm.connect(f"host{number}") for number in range(30)]
    with ThreadPoolExecutor(30) as hosts:
        answers = list(hosts.map(lambda pair: post(pair[1], line(pair[0] + 1))[0], enumerate(connections)))
    assert answers == [200] * 30
    assert count(client) == 30
    received = int(str(client.command("SELECT uniqExact(received) FROM entries")))
    assert received < 10  # each insert has a time of receipt of its own


def test_a_row_the_store_cannot_read_is_parked_and_the_others_are_stored(client: Client, farm: Farm) -> None:
    client.command("CREATE TABLE probe_poison (n UInt8) ENGINE = Null")
    client.command(
        "CREATE MATERIALIZED VIEW probe_view TO probe_poison AS "
        "SELECT toUInt8(throwIf(position(line, 'poison') > 0, 'this line is poison')) AS n FROM lines"
    )
    try:
        batch = b"".join([*(line(n) for n in range(100, 120)), b"poison\n", *(line(n) for n in range(120, 150))])
        with ThreadPoolExecutor(2) as hosts:
            good = hosts.submit(post, farm.connect("web2"), line(1))
            bad = hosts.submit(post, farm.connect("web1"), batch)
            assert (good.result()[0], bad.result()[0]) == (200, 200)
    finally:
        client.command("DROP TABLE probe_view SYNC")
        client.command("DROP TABLE probe_poison SYNC")
    assert (count(client, "host = 'web1' AND kind != 'unparsed'"), count(client, "host = 'web2'")) == (50, 1)
    assert client.query("SELECT host, reason, line FROM parked").result_rows == [
        ("web1", "the store cannot read it", "poison")
    ]


def test_a_heartbeat_is_a_row_with_the_clock_of_the_host_compared(client: Client, farm: Farm) -> None:
    said = {
        "at": datetime.now(UTC).timestamp() + 90,
        "version": "1",
        "origins": ["journal"],
        "lines_sent": 7,
        "lag": 2.5,
    }
    body = json.dumps(said).encode()
    assert post(farm.connect("web1"), body, path="/v1/heartbeat", Content_Encoding="identity")[0] == 200
    query = "SELECT host, round(clock_offset), lines_sent, origins, lag FROM heartbeats"
    assert client.query(query).result_rows == [("web1", 90.0, 7, ["journal"], 2.5)]


def test_a_heartbeat_says_which_address_its_host_has(client: Client, farm: Farm) -> None:
    for address in ("10.20.7.10", "::ffff:10.20.8.10", "2001:DB8::7", "127.0.0.1", "fe80::1%eth0", "nowhere", 7, None):
        said = json.dumps({"at": datetime.now(UTC).timestamp(), "address": address}).encode()
        assert post(farm.connect("web1"), said, path="/v1/heartbeat", Content_Encoding="identity")[0] == 200
    found = client.query("SELECT host, address FROM host_addresses FINAL ORDER BY address").result_rows
    assert found == [("web1", address) for address in ("10.20.7.10", "10.20.8.10", "2001:db8::7")]
    assert client.command("SELECT count() FROM heartbeats") == 8


def test_while_the_store_is_away_hosts_are_asked_to_come_back(tmp_path: Path) -> None:
    farm = Farm(tmp_path, NIGHTPORTER_HOME=str(tmp_path), NIGHTPORTER_CLICKHOUSE_URL="http://127.0.0.1:9")
    try:
        status, _, wait = post(farm.connect("web1"), line(1))
        assert (status, wait) == (503, "5")
    finally:
        farm.close()


def test_a_receiver_that_is_killed_is_replaced_without_a_loss(client: Client, farm: Farm) -> None:
    for number in range(3):
        assert post(farm.connect("web1"), line(number + 1))[0] == 200
        farm.stop(signal.SIGKILL)
        farm.start()
    assert post(farm.connect("web1"), line(9))[0] == 200
    assert count(client) == 4


def test_behind_a_proxy_the_name_comes_from_the_proxy(client: Client, farm: Farm) -> None:
    farm.stop()
    farm.environment["NIGHTPORTER_RECEIVER_IDENTITY"] = "proxy"
    farm.start()
    connection = http.client.HTTPConnection("127.0.0.1", farm.port, timeout=60)
    assert post(connection, line(1), X_Client_Name="CN=web7")[0] == 200
    assert post(connection, line(2), X_Client_Name="web8")[0] == 200
    assert post(connection, line(3))[0] == 403
    assert post(connection, line(3), X_Client_Name="CN=a,CN=b")[0] == 403
    connection.request("GET", "/health")
    assert connection.getresponse().read() == b'{"status": "well"}\n'
    connection.close()
    assert [count(client, f"host = '{name}'") for name in ("web7", "web8")] == [1, 1]
