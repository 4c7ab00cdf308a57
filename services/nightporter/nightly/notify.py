"""Tells of a night by webhook, e-mail and syslog; each off until it is set up, each tried again later by itself."""

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from nightporter.errors import SettingsError
from nightporter.nightly.message import Message
from nightporter.nightly.siem import TIMEOUT, send_syslog
from nightporter.settings import Settings

Send = Callable[[Settings, Message], None]


def channels(settings: Settings) -> dict[str, Send]:
    """Those that are set up and not paused."""
    wanted: dict[str, tuple[object, Send]] = {
        "webhook": (settings.notify_webhook_url, by_webhook),
        "e-mail": (settings.notify_email, by_mail),
        "syslog": (settings.notify_syslog_url, by_syslog),
    }
    return {name: send for name, (place, send) in wanted.items() if place and name not in settings.notify_paused}


def tell(settings: Settings, message: Message, told: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Tell by every channel that has not told this yet; `told`: channel → key of what it told last.

    Returns what is told now, and for each channel that failed why. Nothing is raised: a night is over without it.
    """
    failed: dict[str, str] = {}
    for name, send in channels(settings).items():
        if told.get(name) == message.key:
            continue
        try:
            send(settings, message)
            told = told | {name: message.key}
        except (OSError, HTTPException, smtplib.SMTPException, SettingsError, ValueError) as error:
            failed[name] = str(error).partition("\n")[0] or type(error).__name__
    return told, failed


def by_webhook(settings: Settings, message: Message) -> None:
    """POST the message as JSON. `text` holds nothing an attacker wrote, because chats read it as markup."""
    content = {
        "text": f"{message.headline} {message.link}",
        "id": message.key,
        "night": message.night.isoformat(),
        "link": message.link,
        "warnings": message.warnings,
        "flags": [vars(flag) for flag in message.flags],
    }
    headers = {"Content-Type": "application/json", "User-Agent": "nightporter", "Idempotency-Key": message.key}
    if settings.notify_webhook_token_file:
        headers["Authorization"] = f"Bearer {_secret(settings.notify_webhook_token_file)}"
    request = urllib.request.Request(settings.notify_webhook_url, json.dumps(content).encode(), headers, method="POST")
    secure = urllib.request.HTTPSHandler(context=_trust(settings))
    with urllib.request.build_opener(secure, _Stay, urllib.request.ProxyHandler({})).open(request, timeout=TIMEOUT):
        pass


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: what is told goes where it was meant to, or nowhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def by_mail(settings: Settings, message: Message) -> None:
    """Send the message as plain text to all recipients."""
    mail = EmailMessage()
    mail["Subject"], mail["From"] = message.headline.rstrip("."), settings.notify_sender
    mail["To"], mail["Date"] = ", ".join(settings.notify_email), formatdate(localtime=False)
    mail["Message-ID"] = f"<{message.night}.{message.key}@nightporter>"
    mail.set_content("\n".join(message.lines()) + "\n")
    place = urlsplit(settings.notify_smtp_url)
    host, encrypted = place.hostname or "", place.scheme in ("smtps", "starttls")
    if place.username and not encrypted:
        raise SettingsError(
            "A password is sent over smtps:// or starttls:// only; correct NIGHTPORTER_NOTIFY_SMTP_URL."
        )
    server: smtplib.SMTP
    if place.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, place.port or 465, timeout=TIMEOUT, context=_trust(settings))
    else:
        server = smtplib.SMTP(host, place.port or (587 if encrypted else 25), timeout=TIMEOUT)
    with server:
        if place.scheme == "starttls":
            server.starttls(context=_trust(settings))
        if place.username:
            server.login(unquote(place.username), _secret(settings.notify_smtp_password_file))
        server.send_message(mail)


def by_syslog(settings: Settings, message: Message) -> None:
    """Send a record per flag."""
    send_syslog(message, settings.notify_syslog_url, settings.notify_syslog_format, _trust(settings))


def _trust(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(settings.notify_ca_file) if settings.notify_ca_file else None)


def _secret(path: Path | None) -> str:
    if path is None:
        raise SettingsError("There is an account but no password file; set NIGHTPORTER_NOTIFY_SMTP_PASSWORD_FILE.")
    return path.read_text(encoding="utf-8").strip()
