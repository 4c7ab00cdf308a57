"""Telling of a night: real servers receive what was meant for them, hostile text stays text, failures stay behind."""

import datetime as dt
import http.server
import ipaddress
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from clickhouse_connect.driver.client import Client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from login_rows import LAST, ordinary, stolen_key, store
from nightporter.nightly.ledger import Ledger
from nightporter.nightly.message import Message, compose
from nightporter.nightly.night import finish, run_night
from nightporter.nightly.notify import tell
from nightporter.nightly.siem import cef, ecs
from nightporter.nightly.work import Work
from nightporter.settings import Settings, load

NIGHT = date(2026, 3, 10)
EVIL = "eve|src=1.2.3.4 \\ http://evil.invalid/?a=b\nBcc: x@evil.invalid\r\n\u202etxt <!channel> ' \""


def message(sentence: str = EVIL, user: str = EVIL, source: str = "203.0.113.9") -> Message:
    flag = {
        "flag_id": "0123456789abcdef", "rank": 1, "score": 1e-5, "sentence": sentence, "user": user,
        "source_ip": source, "host": "db1", "techniques": ["T1078", "T1021.004"],
    }  # fmt: skip
    return compose(NIGHT, [flag], ["98.0% of the expected hosts reported."], "https://np.example/")


def settings(folder: Path, **named: str) -> Settings:
    return load({"NIGHTPORTER_HOME": str(folder)} | {f"NIGHTPORTER_NOTIFY_{k.upper()}": v for k, v in named.items()})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, which is its own authority, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(names, False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def webhook(answers: list[int], certificate: Path | None = None) -> Iterator[tuple[str, list[Any]]]:
    """A web server that answers with each of `answers`, then with 200; yields its address and what it received."""
    received: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((dict(self.headers), json.loads(content)))
            self.send_response(answers.pop(0) if answers else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        server.socket = serving(certificate).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_webhook_gets_the_flags_with_its_token_over_tls(tmp_path: Path, certificate: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    with webhook([], certificate) as (url, received):
        here = settings(tmp_path, webhook_url=url, webhook_token_file=str(tmp_path / "token"), ca_file=str(certificate))
        told, failed = tell(here, message(), {})
        assert (failed, told) == ({}, {"webhook": message().key})
        assert tell(here, message(), told) == (told, {})  # once
        assert tell(settings(tmp_path, webhook_url=url), message(), {})[1]["webhook"]  # an authority nobody trusts
    ((headers, content),) = received
    assert headers["Authorization"] == "Bearer s3cret"
    assert content["text"] == (
        "Nightporter: 1 case to review for the night of 2026-03-10. https://np.example/?night=2026-03-10"
    )
    (flag,) = content["flags"]
    assert flag["link"] == "https://np.example/?night=2026-03-10&flag=0123456789abcdef"
    assert "http[://]evil" in flag["sentence"] and "\\u202etxt" in flag["sentence"] and "\n" not in flag["sentence"]


def test_a_webhook_that_fails_or_redirects_is_told_again(tmp_path: Path) -> None:
    with webhook([500, 302]) as (url, received):
        here = settings(tmp_path, webhook_url=url)
        assert "500" in tell(here, message(), {})[1]["webhook"]
        assert "302" in tell(here, message(), {})[1]["webhook"]
        assert tell(here, message(), {})[1] == {}
    assert len(received) == 3
    assert "refused" in tell(here, message(), {})[1]["webhook"]


class Mailbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 kept"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_mail_is_plain_text_sent_with_an_account_over_tls_only(tmp_path: Path, certificate: Path) -> None:
    (tmp_path / "password").write_text("p@ss word\n")

    def known(*arguments: Any) -> AuthResult:
        data = arguments[-1]
        return AuthResult(success=(data.login, data.password) == (b"night", b"p@ss word"))

    class Server(Controller):
        def factory(self) -> SMTP:
            return SMTP(
                self.handler, tls_context=serving(certificate), require_starttls=True, auth_required=True,
                authenticator=known, hostname="localhost",
            )  # fmt: skip

    box, port = Mailbox(), free_port()
    server = Server(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        named = {"email": "soc@example.org, boss@example.org", "sender": "np@example.org"} | {
            "smtp_password_file": str(tmp_path / "password"), "ca_file": str(certificate),
        }  # fmt: skip
        place = f"night@127.0.0.1:{port}"
        assert tell(settings(tmp_path, smtp_url=f"starttls://{place}", **named), message(), {})[1] == {}
        plainly = tell(settings(tmp_path, smtp_url=f"smtp://{place}", **named), message(), {})[1]["e-mail"]
        assert "smtps:// or starttls:// only" in plainly
        stranger = settings(tmp_path, smtp_url=f"starttls://{place}", **(named | {"ca_file": ""}))
        assert "CERTIFICATE_VERIFY_FAILED" in tell(stranger, message(), {})[1]["e-mail"]
    finally:
        server.stop()
    (envelope,) = box.mails
    assert envelope.rcpt_tos == ["soc@example.org", "boss@example.org"]
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert (mail["Bcc"], mail.get_content_type()) == (None, "text/plain")
    assert mail["Subject"] == "Nightporter: 1 case to review for the night of 2026-03-10"
    text = mail.get_content()
    assert "http[://]evil.invalid" in text and "\nBcc" not in text
    assert "https://np.example/?night=2026-03-10&flag=0123456789abcdef" in text


def test_a_siem_gets_a_record_per_flag_by_udp_tcp_and_tls(tmp_path: Path, certificate: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(10)
        here = settings(tmp_path, syslog_url=f"udp://127.0.0.1:{udp.getsockname()[1]}")
        assert tell(here, message(), {})[1] == {}
        assert re.match(rb"<108>1 \d{4}-\S+ \S+ nightporter - flag - CEF:0\|", udp.recv(65536))
    for scheme, form in (("tcp", "cef"), ("tls", "ecs")):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            received: list[bytes] = []

            def take(scheme: str = scheme, listening: socket.socket = listening, into: list[bytes] = received) -> None:
                connection: socket.socket = listening.accept()[0]
                if scheme == "tls":
                    connection = serving(certificate).wrap_socket(connection, server_side=True)
                with connection:
                    into.append(b"".join(iter(lambda: connection.recv(4096), b"")))

            thread = threading.Thread(target=take)
            thread.start()
            url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
            named = {"syslog_url": url, "syslog_format": form, "ca_file": str(certificate)}
            assert tell(settings(tmp_path, **named), message(), {})[1] == {}
            thread.join(10)
        (content,) = received
        if scheme == "tcp":
            assert content.count(b"\n") == 1 and content.endswith(b"\n")
        else:
            length, _, record = content.partition(b" ")
            assert int(length) == len(record)
            assert json.loads(record.partition(b" - flag - ")[2])["event"]["id"] == "0123456789abcdef"


def test_cef_and_ecs_keep_hostile_values_apart() -> None:
    (flag,) = message().flags
    head, extension = re.split(r"(?<!\\)\|", cef(message(), flag))[:7], cef(message(), flag).partition("|5|")[2]
    assert head[0] == "CEF:0" and head[6] == "5"
    fields = dict(re.findall(r"(\w+)=((?:[^=\\]|\\.)*?)(?= \w+=|$)", extension))
    assert fields["src"] == "203.0.113.9"
    assert fields["suser"].startswith("eve|src\\=1.2.3.4")
    (six,) = message(source="2001:db8::1").flags
    assert "c6a2=2001:db8::1" in cef(message(), six) and " src=" not in cef(message(), six)
    content = json.loads(ecs(message(), flag))
    assert (content["source"]["ip"], content["event"]["severity"]) == ("203.0.113.9", 5)
    assert ecs(message(), flag).isascii() and "\n" not in ecs(message(), flag)


def test_nobody_is_told_unless_asked_for_and_wrong_places_are_refused(tmp_path: Path) -> None:
    assert tell(settings(tmp_path), message(), {}) == ({}, {})
    from nightporter.errors import SettingsError

    for name, value in (
        ("webhook_url", "ftp://x"), ("webhook_url", "https://me:secret@x"), ("syslog_url", "http://x"),
        ("syslog_format", "xml"), ("smtp_url", "mail.example.org"),
    ):  # fmt: skip
        with pytest.raises(SettingsError, match="cannot be"):
            settings(tmp_path, **{name: value})


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_the_night_is_over_though_nobody_could_be_told_and_is_told_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(client, ordinary() + stolen_key())
    monkeypatch.setenv("NIGHTPORTER_NOTIFY_WEBHOOK_URL", f"http://127.0.0.1:{free_port()}/")
    done = run_night(client, LAST, budget=3)
    assert done.flags > 0
    step = Ledger(client, LAST).steps["notify"]
    assert step.state == "failed" and "could not tell by webhook: " in step.text
    with webhook([]) as (url, received):
        monkeypatch.setenv("NIGHTPORTER_NOTIFY_WEBHOOK_URL", url)
        finish(Work(client, load(), LAST))
        run_night(client, LAST, budget=3)
    assert [len(content["flags"]) for _, content in received] == [done.flags]
    assert Ledger(client, LAST).steps["notify"].text == "told by webhook"
