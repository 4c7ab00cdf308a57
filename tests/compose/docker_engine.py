"""A Docker Engine of the tests' own: unpacked by `prepare`, in a network namespace without a way out.

Nothing of the machine is touched but the folder .cache/compose. What runs inside has no route anywhere: whatever works
here works without internet.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / ".cache" / "compose"
STANDINS = Path(__file__).parent / "standins"
LIBRARY = ROOT / ".cache" / "clickhouse" / "package"
IMAGES = {
    "python": "python:3.11-slim-bookworm",
    "clickhouse": "clickhouse/clickhouse-server:26.8",
    "valkey": "valkey/valkey:8.1",
    "caddy": "caddy:2.10",
}
NEW_NETWORK = 0x40000000  # CLONE_NEWNET of Linux
PATIENCE = 60.0


def missing() -> str:
    """Why the tests cannot run here; "" when they can."""
    if os.getuid() != 0:
        return "containers need root"
    if not (CACHE / "engine" / "whole").exists() or not (CACHE / "wheels" / "of").exists():
        return "no Docker Engine here: ./tests/run fetches it as root on Debian (tests/compose/prepare)"
    if not (LIBRARY / "libchdb.so").exists():
        return "no ClickHouse server here: ./tests/run fetches it with npm, on x86-64 Linux"
    return ""


@dataclass(frozen=True)
class Engine:
    """A running engine. `environment` is what docker's client needs."""

    namespace: str
    environment: dict[str, str]

    def run(self, *command: str | Path, cwd: Path | None = None, check: bool = True, **extra: str) -> str:
        """Run a program in the engine's network; return what it said, on both channels."""
        line = ["nsenter", f"--net=/run/netns/{self.namespace}", *map(str, command)]
        done = subprocess.run(
            line,
            cwd=cwd,
            env=self.environment | extra,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert not check or done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout[-4000:]}"
        return done.stdout

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Sockets that this thread opens inside belong to the engine's network."""
        kernel = ctypes.CDLL(None, use_errno=True)
        there_file = Path("/run/netns", self.namespace)
        with Path("/proc/thread-self/ns/net").open() as before, there_file.open() as there:
            assert kernel.setns(there.fileno(), NEW_NETWORK) == 0
            try:
                yield
            finally:
                assert kernel.setns(before.fileno(), NEW_NETWORK) == 0


@contextlib.contextmanager
def running() -> Iterator[Engine]:
    """An engine with the images that a registry would have; one at a time on this machine."""
    with (CACHE / "lock").open("w") as lock, tempfile.TemporaryDirectory(prefix="np-engine-") as run:
        fcntl.flock(lock, fcntl.LOCK_EX)
        namespace = f"np-engine-{os.getpid()}"
        subprocess.run(["ip", "netns", "add", namespace], check=True)
        try:
            subprocess.run(["ip", "-n", namespace, "link", "set", "lo", "up"], check=True)
            with _serve(namespace, Path(run), CACHE / "data") as engine:
                _clean(engine)
                _load(engine)
                yield engine
                _clean(engine)
        finally:
            subprocess.run(["ip", "netns", "delete", namespace], check=True)


@contextlib.contextmanager
def empty(folder: Path) -> Iterator[Engine]:
    """A second engine, which has never had an image: all it has is put into `folder`, and nothing is left of it."""
    namespace = f"np-empty-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="np-engine-") as run:
        subprocess.run(["ip", "netns", "add", namespace], check=True)
        try:
            subprocess.run(["ip", "-n", namespace, "link", "set", "lo", "up"], check=True)
            with _serve(namespace, Path(run), folder) as engine:
                yield engine
        finally:
            subprocess.run(["ip", "netns", "delete", namespace], check=True)
            shutil.rmtree(folder)


@contextlib.contextmanager
def _serve(namespace: str, run: Path, data: Path) -> Iterator[Engine]:
    programs = f"{CACHE}/engine/usr/sbin:{CACHE}/engine/usr/bin"
    environment = {
        "PATH": f"{programs}:{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(run),
        "DOCKER_HOST": f"unix://{run}/socket",
        "DOCKER_CONFIG": f"{CACHE}/engine/plugins",
    }
    options = [
        "--data-root",
        data,
        "--exec-root",
        f"{run}/exec",
        "--host",
        f"unix://{run}/socket",
        "--pidfile",
        f"{run}/pid",
        "--exec-opt",
        "native.cgroupdriver=cgroupfs",
        "--bip",
        "172.29.0.1/24",
        "--default-address-pool",
        "base=172.28.0.0/16,size=24",
    ]
    # a mount namespace of its own: whatever it mounts goes when it goes
    command = [
        "nsenter",
        f"--net=/run/netns/{namespace}",
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "dockerd",
        *options,
    ]
    with (run / "log").open("wb") as log:
        daemon = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    engine = Engine(namespace, environment)
    try:
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(["docker", "version"], env=environment, capture_output=True).returncode:
            assert daemon.poll() is None and time.monotonic() < deadline, (run / "log").read_text()[-3000:]
            time.sleep(0.2)
        yield engine
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


def _clean(engine: Engine) -> None:
    """Remove what a run left: containers, networks, volumes, our own images. What they were built from stays."""
    containers = engine.run("docker", "ps", "--all", "--quiet").split()
    if containers:
        engine.run("docker", "rm", "--force", "--volumes", *containers)
    engine.run("docker", "system", "prune", "--force", "--volumes", "--filter", "label!=keep")
    images = engine.run("docker", "images", "--quiet", "--filter", "reference=nightporter/*").split()
    if images:
        engine.run("docker", "rmi", "--force", *set(images))
    volumes = engine.run("docker", "volume", "ls", "--quiet").split()
    if volumes:
        engine.run("docker", "volume", "rm", "--force", *volumes)


def _load(engine: Engine) -> None:
    for name in ("bookworm", "trixie"):
        image = f"localhost/{name}:latest"
        if not engine.run("docker", "images", "--quiet", image).strip():
            path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            engine.run("docker", "import", "--change", path, CACHE / f"{name}.tar", image)
    for target, image in IMAGES.items():
        library = f"library={LIBRARY.resolve()}"
        engine.run(
            "docker",
            "build",
            "--quiet",
            "--network",
            "none",
            "--build-context",
            library,
            "--target",
            target,
            "--tag",
            image,
            STANDINS,
        )
