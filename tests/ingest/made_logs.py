"""Log lines for the tests of loading: ssh logins with everything sshd and PAM say about one, over several hosts."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
LINES_PER_LOGIN = 5


def log_lines(logins: int, first: int = 0) -> list[bytes]:
    """LINES_PER_LOGIN lines for each of the logins number `first` to `first + logins`, in order of time."""
    found = []
    for number in range(first, first + logins):
        at = START + timedelta(seconds=7 * number)
        head = f"sshd[{1000 + number % 30_000}]:"
        user, peer = f"user{number % 23}", f"198.51.100.{number % 250} port {20_000 + number % 40_000}"
        said = [
            f"Connection from {peer} on 192.0.2.1 port 22",
            f"Accepted publickey for {user} from {peer} ssh2: ED25519 SHA256:{number % 97:043d}",
            f"pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)",
            f"Disconnected from user {user} {peer}",
            f"pam_unix(sshd:session): session closed for user {user}",
        ]
        for step, text in enumerate(said):
            stamp = (at + timedelta(milliseconds=300 * step)).isoformat(timespec="microseconds")
            found.append(f"{stamp} host{number % 9}.example.org {head} {text}".encode())
    return found
