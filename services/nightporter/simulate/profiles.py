"""Distributions of the simulated hosts: which wording each one's sshd, PAM, sudo and su put into the log."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One distribution's habits. A host keeps its profile for the whole simulation."""

    name: str
    style: str  # header: 'iso', 'bsd' (RFC 3164, whole seconds), 'rfc5424' or 'journal' (journalctl -o json)
    sshd: str = "sshd"  # program name of the per-connection process
    verbose: bool = False  # LogLevel VERBOSE
    ports: bool = True  # False: OpenSSH 5 wording, several lines name no port
    keys: bool = True  # the accepted key's type and fingerprint are logged
    named_closes: bool = True  # `Connection closed by authenticating user …` (OpenSSH >= 7.6)
    pam_uid: str = "new"  # 'new': alice(uid=1001) by (uid=0) · 'named': … by alice(uid=0) · 'old': alice by (uid=0)
    logind: bool = True
    logind_class: bool = False  # `New session '1' of user 'a' with class … and type …`
    sudo_pid: bool = True
    sudo_session: bool = True  # sudo writes PAM session lines
    su: str = "util-linux"  # or 'shadow': `Successful su for`, `+ /dev/pts/0 a:b`
    cron: str = "CRON"
    weight: int = 1


PROFILES: tuple[Profile, ...] = (
    Profile("debian12", "iso", weight=5),
    Profile("ubuntu20", "bsd", pam_uid="old", sudo_pid=False, weight=3),
    Profile("rhel8", "bsd", logind=False, cron="crond", weight=3),
    Profile("ubuntu24-verbose", "iso", verbose=True, pam_uid="named", weight=3),
    Profile("debian13", "iso", sshd="sshd-session", pam_uid="named", logind_class=True, weight=2),
    Profile(
        "legacy", "bsd", ports=False, keys=False, named_closes=False, pam_uid="old", logind=False, sudo_pid=False,
        sudo_session=False, su="shadow", cron="crond", weight=1,
    ),
    Profile("rhel7", "bsd", named_closes=False, pam_uid="old", logind=False, cron="crond", weight=2),
    Profile("debian11-verbose", "bsd", verbose=True, pam_uid="new", su="util-linux", weight=2),
    Profile("relay5424", "rfc5424", pam_uid="new", logind=False, weight=1),
    Profile("journal", "journal", pam_uid="new", weight=1),
    Profile("debian9", "bsd", pam_uid="old", su="shadow", named_closes=False, sudo_pid=False, weight=1),
)  # fmt: skip
