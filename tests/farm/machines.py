"""Servers for tests: Debian with systemd, sshd and journald, booted by systemd-nspawn in namespaces of their own.

Needs root, mmdebstrap and systemd-nspawn. Images are made once, into .cache/farm; a machine is an overlay on its image.
"""

import os
import platform
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "farm"
PACKAGES = (
    "ca-certificates,cron,dbus,iproute2,libpam-systemd,login,logrotate,openssh-server,passwd,procps,python3,rsyslog,"
    "sudo,systemd,systemd-sysv"
)
BRIDGE, GATEWAY = "npfarm", "10.77.0.1"


def cannot() -> str:
    """Why there can be no machines here; "" when there can."""
    if os.geteuid() != 0:
        return "test hosts need root, for systemd-nspawn and network namespaces"
    missing = [name for name in ("mmdebstrap", "systemd-nspawn", "ip", "ssh", "sshpass") if not shutil.which(name)]
    if missing:
        return f"test hosts need {', '.join(missing)}: ./tests/run installs them on Debian"
    if platform.machine() != "x86_64":
        return "test hosts are made for x86-64"
    return ""


def images(suites: Sequence[str]) -> None:
    """Make the images that are not there yet, side by side."""
    CACHE.mkdir(parents=True, exist_ok=True)
    making = []
    for suite in suites:
        if not (CACHE / suite).exists():
            shutil.rmtree(CACHE / f"{suite}.part", ignore_errors=True)
            options = ["--quiet", "--variant=minbase", f"--include={PACKAGES}", "--format=directory"]
            command = ["mmdebstrap", *options, suite, str(CACHE / f"{suite}.part")]
            making.append((suite, subprocess.Popen(command, stdout=subprocess.DEVNULL)))
    for suite, process in making:
        assert process.wait() == 0, f"mmdebstrap could not make {suite}"
        (CACHE / f"{suite}.part").rename(CACHE / suite)


def run(*command: str | Path, check: bool = True, timeout: float = 120, input: str | None = None) -> str:
    """Output of a command on this machine."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=timeout, input=input, check=False
    )
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Machine:
    """One server. Accounts: deploy (key, may become root), alice (password and sudo), bob (password, expired)."""

    def __init__(self, number: int, suite: str, folder: Path, key: Path) -> None:
        self.name = f"farm{number}"
        self.address = f"10.77.0.{10 + number}"
        self.suite = suite
        self.space = f"{BRIDGE}{number}"
        self.folder = folder / self.name
        self.root = self.folder / "root"
        self.key = key
        self.process: subprocess.Popen[bytes] | None = None
        self.boots = 0

    def prepare(self) -> None:
        """Its disk and its network."""
        for part in ("up", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        layers = f"lowerdir={CACHE / self.suite},upperdir={self.folder / 'up'},workdir={self.folder / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        run("ip", "netns", "add", self.space)
        run("ip", "link", "add", f"v{self.space}", "type", "veth", "peer", "name", "eth0", "netns", self.space)
        run("ip", "link", "set", f"v{self.space}", "master", BRIDGE, "up")
        for setup in (
            ["link", "set", "lo", "up"],
            ["addr", "add", f"{self.address}/24", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
        ):
            run("ip", "-n", self.space, *setup)
        etc = self.root / "etc"
        (etc / "hostname").write_text(f"{self.name}\n")
        (etc / "machine-id").write_text("")
        (etc / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n{GATEWAY} appliance\n")
        (etc / "resolv.conf").unlink(missing_ok=True)
        sshd = "PasswordAuthentication yes\nUseDNS no\nMaxStartups 100\n"
        if self.suite != "bookworm":  # newer ones shut out for a while who fails often, as tests do
            sshd += "PerSourcePenalties no\n"
        (etc / "ssh" / "sshd_config.d" / "farm.conf").write_text(sshd)
        (etc / "sudoers.d" / "deploy").write_text("deploy ALL=(ALL) NOPASSWD:ALL\n")
        (self.root / "var" / "log" / "journal").mkdir(exist_ok=True)
        # the accounts' own systemd stays: in these machines it may take two minutes to stop, and a login waits for that
        linger = self.root / "var" / "lib" / "systemd" / "linger"
        linger.mkdir(parents=True, exist_ok=True)
        for user in ("deploy", "alice"):
            (linger / user).touch()
        script = (
            "for u in deploy alice bob; do useradd -m -s /bin/bash $u; done; usermod -aG sudo alice; "
            "printf 'alice:correct-horse\\nbob:battery\\n' | chpasswd; chage -E 2020-01-01 bob; "
            "rm -f /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; "
            "for u in deploy alice; do install -d -m 700 -o $u -g $u /home/$u/.ssh; "
            "install -m 600 -o $u -g $u /tmp/key.pub /home/$u/.ssh/authorized_keys; done"
        )
        shutil.copy(self.key.with_suffix(".pub"), self.root / "tmp" / "key.pub")
        run("chroot", self.root, "sh", "-ec", script)

    def boot(self) -> None:
        """Start it; `wait` returns when it answers."""
        options = ["-q", "-D", str(self.root), "--register=no", "--keep-unit", "--boot", "--console=pipe"]
        options += [f"--network-namespace-path=/run/netns/{self.space}", f"--hostname={self.name}"]
        # nspawn keeps a folder per name, which is by default that of the disk's folder; a killed one leaves it behind
        self.boots += 1
        options += [f"--machine={self.space}-{os.getpid()}-{self.boots}"]
        environment = dict(os.environ)
        if self.suite != "bookworm":
            environment["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "1"
        with (self.folder / "console.log").open("ab") as output:
            self.process = subprocess.Popen(
                ["systemd-nspawn", *options],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait(self, seconds: float = 300) -> None:
        """Until it has booted: systemd has started everything, there is a log, people may log in, and sshd answers."""
        deadline = time.monotonic() + seconds
        while not (self._booted() and self._answers()):
            assert time.monotonic() < deadline, (self.folder / "console.log").read_text()[-2000:]
            time.sleep(0.3)

    def _booted(self) -> bool:
        script = "test -S /dev/log && ! test -e /run/nologin && systemctl is-system-running"
        try:
            return self.do("sh", "-c", script, check=False).strip() in ("running", "degraded")
        except (AssertionError, IndexError):  # there is no process yet
            return False

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.address, 22), timeout=10) as probe:
                return probe.recv(4) == b"SSH-"
        except OSError:
            return False

    @property
    def init(self) -> str:
        """Process id of its systemd, as seen from here."""
        assert self.process is not None
        return run("pgrep", "-P", str(self.process.pid)).split()[0]

    def do(self, *command: str, check: bool = True, timeout: float = 120) -> str:
        """Run a command inside, as root, without a login."""
        return run("nsenter", "-t", self.init, "-a", *command, check=check, timeout=timeout)

    def ssh(self, user: str, command: str, password: str = "", timeout: float = 240) -> int:
        """Log in from this machine and run a command; the exit code. By key, or with a password where one is given."""
        options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
        if password:
            how = ["sshpass", "-p", password, "ssh", "-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1"]
        else:
            how = ["ssh", "-i", str(self.key), "-o", "BatchMode=yes"]
        line = [*how, *options, f"{user}@{self.address}", command]
        return subprocess.run(line, capture_output=True, timeout=timeout, check=False).returncode

    def network(self, up: bool) -> None:
        """Plug the cable in, or pull it."""
        run("ip", "link", "set", f"v{self.space}", "up" if up else "down")

    def power_off(self, hard: bool = False) -> None:
        """Shut it down, or pull its plug."""
        assert self.process is not None
        if hard:
            run("kill", "-9", self.init, check=False)
            self.process.kill()
        else:
            self.do("systemctl", "poweroff", check=False)
        try:
            self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def remove(self) -> None:
        """End it and take its disk and network away."""
        if self.process:
            self.power_off(hard=True)
        for left in Path("/run/systemd/nspawn/propagate").glob(f"{self.space}-{os.getpid()}-*"):
            shutil.rmtree(left, ignore_errors=True)
        run("umount", "-l", self.root, check=False)
        run("ip", "link", "del", f"v{self.space}", check=False)
        run("ip", "netns", "del", self.space, check=False)


class Machines:
    """A few servers on one bridge, on which this machine is 10.77.0.1."""

    def __init__(self, folder: Path, suites: Sequence[str]) -> None:
        images(sorted(set(suites)))
        self.key = folder / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        self.all = [Machine(number, suite, folder, self.key) for number, suite in enumerate(suites, 1)]

    def __enter__(self) -> list[Machine]:
        run("ip", "link", "del", BRIDGE, check=False)
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        try:
            for machine in self.all:
                run("ip", "link", "del", f"v{machine.space}", check=False)  # of a run that was killed
                run("ip", "netns", "del", machine.space, check=False)
                machine.prepare()
                machine.boot()
            for machine in self.all:
                machine.wait()
        except BaseException:
            self.__exit__()
            raise
        return self.all

    def __exit__(self, *_: object) -> None:
        for machine in self.all:
            machine.remove()
        run("ip", "link", "del", BRIDGE, check=False)
