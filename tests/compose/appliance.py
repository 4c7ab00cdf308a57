"""An appliance as its operator and its servers see it: the scripts of compose/, the two published ports, commands."""

import gzip
import hashlib
import http.client
import json
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

from docker_engine import CACHE, ROOT, STANDINS, Engine


def check_out(folder: Path) -> Path:
    """Fill `folder` with the files of this checkout, as a newcomer has them."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in names.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


class Appliance:
    """The appliance whose scripts are in `folder`/compose; `more` are compose files beside the usual ones."""

    def __init__(self, engine: Engine, folder: Path, *more: Path) -> None:
        self.engine, self.folder, self.compose = engine, folder, folder / "compose"
        self._variables = {
            "COMPOSE_FILE": ":".join(["compose.yaml", str(STANDINS / "compose.override.yaml"), *map(str, more)]),
            "WHEELS": str((CACHE / "wheels").resolve()),
        }

    def script(self, name: str, *arguments: str | Path, check: bool = True, **variables: str) -> str:
        """Run compose/NAME; return what it said."""
        return self.engine.run(self.compose / name, *arguments, check=check, **self._variables | variables)

    def docker(self, *arguments: str, check: bool = True, **variables: str) -> str:
        """Run `docker compose` in the folder."""
        variables = self._variables | variables
        return self.engine.run("docker", "compose", *arguments, cwd=self.compose, check=check, **variables)

    def inside(self, service: str, *command: str, check: bool = True) -> str:
        """Run a command in a running container."""
        return self.docker("exec", "-T", service, *command, check=check)

    def containers(self) -> dict[str, str]:
        """Service → id of its container."""
        lines = self.docker("ps", "--no-trunc", "--format", "{{.Service}} {{.ID}}").split("\n")
        return dict(line.split() for line in lines if line)

    def states(self) -> list[str]:
        """Service, state and health of each container, as the engine says them."""
        return self.docker("ps", "--all", "--format", "{{.Service}} {{.State}} {{.Health}}").splitlines()

    def images(self) -> list[str]:
        """The versions of our own images that run."""
        names = self.engine.run("docker", "ps", "--format", "{{.Image}}").split()
        return [name.partition(":")[2] for name in names if name.startswith("nightporter/")]

    def backups(self) -> list[str]:
        """The names of the copies that are kept."""
        return sorted(path.name for path in (self.compose / "backups").glob("[0-9]*"))

    def later(self, version: str, folder: Path, broken: str = "") -> "Appliance":
        """A checkout and images of a later version, with one more migration; the role `broken` does not start."""
        for role in ("worker", "receiver", "console"):
            form = ["--build-arg", f"FROM=nightporter/{role}:0.1.0", "--tag", f"nightporter/{role}:{version}"]
            target = "broken" if role == broken else "good"
            self.engine.run("docker", "build", "--quiet", "--target", target, *form, STANDINS / "later")
        found = Appliance(self.engine, check_out(folder))
        for name in ("compose.yaml", ".env.example"):
            path = found.compose / name
            path.write_text(path.read_text().replace("0.1.0", version))
        return found

    def enroll(self, *hosts: str) -> None:
        """Give servers their certificates."""
        self.docker("run", "--rm", "--no-TTY", "hosts", "enroll", *hosts)

    def send(self, host: str, lines: bytes, claimed: str = "") -> tuple[int, dict[str, object]]:
        """Deliver lines as a collector does, with the certificate of `host`; the status and the answer."""
        farm = self.compose / "farm"
        context = ssl.create_default_context(cafile=str(farm / "ca.pem"))
        context.load_cert_chain(farm / "hosts" / f"{host}.pem", farm / "hosts" / f"{host}.key")
        with self.engine.network():
            connection = http.client.HTTPSConnection("localhost", 8514, context=context, timeout=60)
            headers = {"Content-Encoding": "gzip", "Nightporter-Host": claimed or host, "Nightporter-Zone": "UTC"}
            connection.request("POST", "/v1/lines", gzip.compress(lines, 1), headers)
            answer = connection.getresponse()
            status, said = answer.status, answer.read()
            connection.close()
            return status, json.loads(said or b"{}")

    def page(self, path: str) -> tuple[int, str]:
        """What a browser gets from the console's port."""
        context = ssl.create_default_context(cafile=str(self.compose / "secrets" / "authority.pem"))
        with self.engine.network():
            connection = http.client.HTTPSConnection("localhost", 443, context=context, timeout=30)
            connection.request("GET", path, headers={"Accept": "text/html"})
            answer = connection.getresponse()
            status, said = answer.status, answer.read().decode(errors="replace")
            connection.close()
            return status, said

    def ask(self, user: str, statement: str) -> tuple[int, str]:
        """Say a statement to ClickHouse, as one of its users; the HTTP status and the answer."""
        container = self.containers()["clickhouse"]
        form = '{{(index .NetworkSettings.Networks "nightporter_inside").IPAddress}}'
        address = self.engine.run("docker", "inspect", "--format", form, container).strip()
        context = ssl.create_default_context(cafile=str(self.compose / "secrets" / "authority.pem"))
        password = self.compose / "secrets" / f"{user}_password"
        headers = {"X-ClickHouse-User": user, "X-ClickHouse-Database": "nightporter", "Host": "clickhouse"}
        if password.exists():
            headers["X-ClickHouse-Key"] = password.read_text().strip()
        with self.engine.network():
            with context.wrap_socket(
                socket.create_connection((address, 8443), 30), server_hostname="clickhouse"
            ) as channel:
                connection = http.client.HTTPConnection("clickhouse")
                connection.sock = channel
                connection.request("POST", "/", statement.encode(), headers)
                answer = connection.getresponse()
                return answer.status, answer.read().decode(errors="replace")

    def contents(self, night: str) -> dict[str, str]:
        """What must survive a backup: events, flags, verdicts as text, and the checksum of each file of the models."""
        models = self.inside(
            "worker",
            "sh",
            "-c",
            "cd /var/lib/nightporter/models && find . -type f | sort | xargs sha256sum; readlink current",
        )
        tables = {
            "events": "SELECT * EXCEPT (version, merged_at) FROM login_events FINAL ORDER BY ALL FORMAT JSONEachRow",
            "entries": "SELECT * FROM entries FINAL ORDER BY ALL FORMAT JSONEachRow",
            "flags": "SELECT * FROM flags FINAL ORDER BY ALL FORMAT JSONEachRow",
            "verdicts": "SELECT * FROM verdicts ORDER BY ALL FORMAT JSONEachRow",
            "hosts": "SELECT * FROM hosts FINAL ORDER BY ALL FORMAT JSONEachRow",
            "model_runs": "SELECT * FROM model_runs ORDER BY ALL FORMAT JSONEachRow",
        }
        found = {
            "models": models,
            "printed flags": self.inside("worker", "nightporter", "flags", "--date", night, "--format", "jsonl"),
        }
        for name, statement in tables.items():
            status, text = self.ask("worker", statement)
            assert status == 200, text[:500]
            found[name] = text
        return found

    def pseudonyms(self) -> str:
        """The key of the console's pseudonyms; made where there is none."""
        ask = "from nightporter.console import pseudonyms as p, serve; print(p.key_of(serve.load().home).hex())"
        return self.inside("console", "python", "-W", "ignore", "-c", ask).split()[-1]

    def secrets(self) -> dict[str, str]:
        """File → checksum."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.compose / "secrets").iterdir()
        }
