"""A receiver as a process, and what hosts do to it."""

import gzip
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from nightporter.receiver.authority import Authority


class Farm:
    """A receiver on `port`, the authority it trusts, and what a host would do."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.authority = Authority(folder / "secrets" / "farm")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "receiver.log"
        self.environment = {**os.environ, "NIGHTPORTER_RECEIVER_PORT": str(self.port), **environment}
        self.connections: list[http.client.HTTPSConnection] = []
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the receiver, again after it was killed; returns once it listens."""
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "nightporter.receiver.server"]
            self.process = subprocess.Popen(command, env=self.environment, stderr=output)
        while True:
            assert self.process.poll() is None, self.log.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self.process
            except OSError:
                time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the receiver."""
        self.process.send_signal(number)
        self.process.wait()

    def connect(self, name: str, authority: Authority | None = None) -> http.client.HTTPSConnection:
        """A connection of the host `name`, whose certificate is of `authority`."""
        authority = authority or self.authority
        authority.host(name)
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.load_cert_chain(authority.folder / "hosts" / f"{name}.pem", authority.folder / "hosts" / f"{name}.key")
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)
        self.connections.append(connection)
        return connection

    def close(self) -> None:
        """End everything."""
        for connection in self.connections:
            connection.close()
        if self.process.poll() is None:
            self.stop()


def post(
    connection: http.client.HTTPConnection, body: bytes, path: str = "/v1/lines", **headers: str
) -> tuple[int, str, str | None]:
    """Status, text and Retry-After of the answer; `body` is sent as gzip unless a header says how it is encoded."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if "Content-Encoding" not in named:
        body, named["Content-Encoding"] = gzip.compress(body), "gzip"
    connection.request("POST", path, body, named)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers.get("Retry-After")
