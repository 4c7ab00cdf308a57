"""Each account of ClickHouse and the broker is refused what it does not need, tried one by one."""

import pytest
from appliance import Appliance

pytestmark = pytest.mark.heavy

READ = "SELECT count() FROM entries"
WRITE = "INSERT INTO entries (received, host, message) VALUES (now(), 'forged', 'forged')"
EVENT = "INSERT INTO login_events (event_id, host) VALUES ('forged', 'forged')"
VERDICT = "INSERT INTO verdicts (flag_id, who, verdict, reason) VALUES ('f', 'nobody', 'benign', 'forged')"
FORGET = "ALTER TABLE verdicts DELETE WHERE 1"
DROP = "DROP TABLE entries"
EMPTY = "TRUNCATE TABLE entries"
MAKE = "CREATE TABLE mine (n UInt8) ENGINE = Memory"
FILES = "SELECT * FROM file('/etc/passwd', 'LineAsString')"
OUTSIDE = "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')"
QUERIES = "SELECT query FROM system.processes"
STOP = "SYSTEM SHUTDOWN"
OTHERS = "CREATE USER intruder"
COPY = "BACKUP DATABASE nightporter TO File('/backups/stolen.tar')"
EVERYBODY = (FILES, OUTSIDE, QUERIES, STOP, OTHERS)

REFUSED = {
    "receiver": (READ, WRITE, EVENT, VERDICT, FORGET, DROP, EMPTY, MAKE, COPY),
    "load": (READ, WRITE, EVENT, VERDICT, FORGET, DROP, EMPTY, MAKE, COPY),
    "hosts": (READ, WRITE, EVENT, VERDICT, FORGET, DROP, EMPTY, MAKE, COPY),
    "worker": (WRITE, VERDICT, FORGET, DROP, EMPTY, MAKE, COPY),
    "console": (WRITE, EVENT, FORGET, DROP, EMPTY, MAKE, COPY),
    "backup": (READ, WRITE, EVENT, VERDICT, FORGET, DROP, EMPTY, MAKE),
    "migrate": (COPY,),
}
CASES = [(user, statement) for user, refused in REFUSED.items() for statement in (*refused, *EVERYBODY)]


@pytest.mark.parametrize(("user", "statement"), CASES)
def test_it_is_refused(appliance: Appliance, user: str, statement: str) -> None:
    status, said = appliance.ask(user, statement)
    assert status != 200 and any(code in said for code in ("ACCESS_DENIED", "QUERY_IS_PROHIBITED")), said[:300]


# not `health`, which test_compose_files.py looks at: to the engine of these tests everybody comes from 127.0.0.1
@pytest.mark.parametrize("user", ["nightporter", "admin", "root"])
def test_nobody_comes_in_without_a_password(appliance: Appliance, user: str) -> None:
    status, said = appliance.ask(user, "SELECT 1")
    assert status != 200 and "AUTHENTICATION_FAILED" in said, said[:300]


def test_the_broker_lets_nobody_in_without_the_password_and_manages_nothing(appliance: Appliance) -> None:
    ask = ["valkey-cli", "--tls", "--cacert", "/run/secrets/authority"]
    assert "NOAUTH" in appliance.inside("valkey", *ask, "get", "x", check=False)
    health = ["--user", "health", "--pass", "none", "--no-auth-warning"]
    for command in (["get", "x"], ["flushall"], ["config", "get", "*"], ["shutdown"]):
        assert "NOPERM" in appliance.inside("valkey", *ask, *health, *command, check=False), command
