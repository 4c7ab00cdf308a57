"""Servers for tests: Debian booted by systemd-nspawn, each with a network namespace and an overlay on its image.

One run at a time on a machine; what a killed one left is removed by the next.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .images import CACHE, Impossible, images

SUITES = ("bookworm", "bookworm", "trixie")
BRIDGE, GATEWAY = "npfarm", "10.77.0.1"
CGROUPS = [Path("/sys/fs/cgroup", name) for name in ("systemd", "unified", "")]
"""Where systemd keeps what belongs to a service, on the kernels' old and new trees; those of them that are there."""
LOCK = Path("/run/lock/nightporter-farm")


def missing() -> str:
    """What is missing for servers here; "" when nothing is."""
    if os.geteuid() != 0:
        return "test hosts need root, for systemd-nspawn and network namespaces"
    programs = [name for name in ("mmdebstrap", "systemd-nspawn", "ip", "ssh", "sshpass") if not shutil.which(name)]
    if programs:
        return f"test hosts need {', '.join(programs)}: ./tests/run installs them on Debian"
    return ""


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
        run("mount", "-t", "overlay", BRIDGE, "-o", layers, self.root)
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
        # nspawn makes its cgroups below those it is started in: without some of their own all servers would share one
        # tree, and a service of one would not have stopped before that of the others
        own = "".join(f"mkdir -p {tree}/{self.space}; echo $$ > {tree}/{self.space}/cgroup.procs; " for tree in trees())
        environment = dict(os.environ)
        if self.suite != "bookworm":
            environment["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "1"
        with (self.folder / "console.log").open("ab") as output:
            self.process = subprocess.Popen(
                ["sh", "-ec", f'{own}exec systemd-nspawn "$@"', "sh", *options],
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
            said = (self.folder / "console.log").read_text(errors="replace")[-2000:]
            assert self.process and self.process.poll() is None, f"systemd-nspawn ended: {said}"
            assert time.monotonic() < deadline, f"{self.name} has not booted in {seconds:.0f} s: {said}"
            time.sleep(0.3)

    def _booted(self) -> bool:
        script = "test -S /dev/log && ! test -e /run/nologin && systemctl is-system-running"
        try:
            return self.do("sh", "-c", script, check=False, timeout=30).strip() in ("running", "degraded")
        except (AssertionError, IndexError, subprocess.TimeoutExpired):  # there is no process yet, or no answer
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
        if not hard:
            self.do("systemctl", "poweroff", check=False)
            try:
                self.process.wait(90)
            except subprocess.TimeoutExpired:
                hard = True
        if hard:
            kill(self.process.pid)
            self.process.wait()
        self.process = None


def trees() -> list[Path]:
    """The trees of cgroups that systemd uses."""
    return [tree for tree in CGROUPS if (tree / "cgroup.procs").exists()]


def kill(nspawn: int) -> None:
    """kill -9 what runs in a server, by its first process, and its nspawn."""
    for child in run("pgrep", "-P", str(nspawn), check=False).split():
        run("kill", "-9", child, check=False)
    run("kill", "-9", str(nspawn), check=False)


def clear() -> None:
    """Remove everything that is called like ours: of this run, and of one that was killed."""
    for number in run("pgrep", "-x", "systemd-nspawn", check=False).split():
        if f"--machine={BRIDGE}".encode() in _words_of(number):
            kill(int(number))
    for tree in trees():
        for own in tree.glob(f"{BRIDGE}*"):
            deadline = time.monotonic() + 10  # what was killed takes a moment
            while own.exists() and time.monotonic() < deadline:
                run("find", own, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";", check=False)
    for target in run("findmnt", "-rn", "-S", BRIDGE, "-o", "TARGET", check=False).splitlines():
        run("umount", "-l", target, check=False)
    for link in Path("/sys/class/net").glob(f"v{BRIDGE}*"):
        run("ip", "link", "del", link.name, check=False)
    run("ip", "link", "del", BRIDGE, check=False)
    for space in Path("/run/netns").glob(f"{BRIDGE}*"):
        run("ip", "netns", "del", space.name, check=False)
    for left in Path("/run/systemd/nspawn/propagate").glob(f"{BRIDGE}*"):
        shutil.rmtree(left, ignore_errors=True)


def _words_of(process: str) -> bytes:
    try:
        return Path("/proc", process, "cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


class Machines:
    """A few servers on one bridge, on which this machine is 10.77.0.1."""

    def __init__(self, folder: Path, suites: Sequence[str]) -> None:
        self.suites = suites
        self.key = folder / "key"
        self.all = [Machine(number, suite, folder, self.key) for number, suite in enumerate(suites, 1)]

    def __enter__(self) -> list[Machine]:
        """The servers, booted: nothing of ours has run on them yet. Raises Impossible when they do not come up."""
        self.lock = LOCK.open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)  # the kernel gives it back, however this process ends
        try:
            clear()
            images(sorted(set(self.suites)))
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
            run("ip", "link", "add", BRIDGE, "type", "bridge")
            run("ip", "addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
            run("ip", "link", "set", BRIDGE, "up")
            for machine in self.all:
                machine.prepare()
                machine.boot()
            for machine in self.all:
                machine.wait()
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            self.__exit__()
            raise Impossible(f"servers do not start here: {' '.join(str(error).split())[-600:]}") from error
        except BaseException:
            self.__exit__()
            raise
        return self.all

    def __exit__(self, *_: object) -> None:
        for machine in self.all:
            if machine.process:
                machine.power_off(hard=True)
        clear()
        self.lock.close()
