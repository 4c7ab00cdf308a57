"""Disks for test servers: Debian with systemd, sshd and journald, made once into .cache/farm from Debian's packages."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

PACKAGES = (
    "ca-certificates,cron,dbus,iproute2,libfaketime,libpam-systemd,login,logrotate,openssh-server,passwd,procps,python3,"
    "rsyslog,sudo,systemd,systemd-sysv"
)
CACHE = Path(__file__).parents[2] / ".cache" / "farm" / f"{zlib.crc32(PACKAGES.encode()):08x}"
OPTIONS = (
    "--quiet",
    "--variant=minbase",
    "--format=directory",
    f"--include={PACKAGES}",
    '--aptopt=Acquire::Retries "3"',
    '--aptopt=Acquire::http::Timeout "30"',
    '--aptopt=Acquire::Check-Valid-Until "false"',  # a mirror may be a frozen one
    "--dpkgopt=force-unsafe-io",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)
APART = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--mount-proc", "--kill-child")
"""What is started by this ends with this process, to the last child, and what it mounts is seen by nobody else."""
PATIENCE = 420.0  # seconds for all images, with everything that is tried again; they take one and a half minutes


class Impossible(Exception):
    """There can be no servers on this machine, whatever is installed on it."""


def images(suites: Sequence[str]) -> None:
    """Make the images that are not there yet, side by side. Raises Impossible, also when no package can be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + PATIENCE
    said = ""
    for pause in (0, 10, 30):
        time.sleep(pause)
        wanted = [suite for suite in suites if not (CACHE / suite).exists()]
        if not wanted:
            return
        said = _make(wanted, deadline) or said
    if any(not (CACHE / suite).exists() for suite in suites):
        raise Impossible(f"no server can be made of Debian's packages: {said}")


def _make(suites: Sequence[str], deadline: float) -> str:
    """The last words of one that failed."""
    said = ""
    with contextlib.ExitStack() as stack:
        making = []
        for suite in suites:
            for left in CACHE.glob(f"{suite}.part*"):
                shutil.rmtree(left, ignore_errors=True)
            part = CACHE / f"{suite}.part{os.getpid()}"
            log = stack.enter_context(tempfile.TemporaryFile())
            command = [*APART, "mmdebstrap", *OPTIONS, suite, str(part), *mirror()]
            made = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            making.append((suite, part, log, made))
        for suite, part, log, made in making:
            try:
                made.wait(max(deadline - time.monotonic(), 1))
            except subprocess.TimeoutExpired:
                os.killpg(made.pid, signal.SIGKILL)
                made.wait()
            if made.returncode == 0:
                part.rename(CACHE / suite)
            else:
                log.seek(0)
                lines = log.read().decode(errors="replace").strip().splitlines()
                said = f"mmdebstrap {suite}: {' / '.join(lines[-3:])[-400:]}"
                shutil.rmtree(part, ignore_errors=True)
    return said


def mirror() -> list[str]:
    """Where this machine takes Debian's packages from; nothing where it does not say: mmdebstrap knows a place."""
    form = ["--format", "$(SITE)", "Identifier: Packages"]
    done = subprocess.run(["apt-get", "indextargets", *form], capture_output=True, text=True, check=False)
    sites = [site for site in done.stdout.split() if "debian" in site and "security" not in site]
    return sites[:1]
