"""How the console is started: one streamlit process with every option set here, none taken from the machine."""

import json
import os
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from nightporter.console.identity import HEADERS
from nightporter.errors import SettingsError
from nightporter.settings import Settings, load

FOLDER = Path(__file__).parent

OPTIONS = {
    "server.trustedUserHeaders": json.dumps(HEADERS),  # the gate writes them, and nobody else
    "server.headless": "true",  # never opens a browser, never asks for an address to write to
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.enableAgentApi": "false",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",  # a traceback may quote log lines; the log has it
    "client.toolbarMode": "viewer",
    "client.showSidebarNavigation": "false",
    "client.disableDataExport": "true",  # its CSV would hand formulas in user names to a spreadsheet
    "runner.magicEnabled": "false",
    "logger.level": "warning",
    "logger.hideWelcomeMessage": "true",
    "theme.base": str(FOLDER / "theme.toml"),
}


def command(port: int, listen: str = "127.0.0.1", hosts: Sequence[str] = ("127.0.0.1", "localhost")) -> list[str]:
    """The command line that serves the console in the foreground, until SIGTERM or SIGINT.

    `listen`: on which address (see `may_listen`). `hosts`: under which names a
    browser may reach it; a foreign page must not do so under a name of its own.
    """
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    where = [
        f"--server.address={listen}",
        f"--server.port={port}",
        *(f"--server.allowedHosts={host}" for host in hosts),
    ]
    return [sys.executable, "-m", "streamlit", "run", str(FOLDER / "app.py"), *options, *where]


def address(port: int) -> str:
    """Where a browser on this machine finds it."""
    return f"http://127.0.0.1:{port}"


def health(port: int) -> str:
    """The address that answers "ok" as soon as the console serves pages."""
    return f"{address(port)}/_stcore/health"


def may_listen(settings: Settings) -> None:
    """SettingsError where others than this machine could reach a console without a proxy in front: passwords would
    cross the network as plain text."""
    if not (_loopback(settings.console_address) or settings.console_proxies or settings.console_encrypted):
        raise SettingsError(
            f"The console may listen on {settings.console_address} only behind a proxy that encrypts; say so with "
            "NIGHTPORTER_CONSOLE_ENCRYPTED (NIGHTPORTER_CONSOLE_PROXIES if it signs people in), or listen on 127.0.0.1."
        )


def _loopback(address: str) -> bool:
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    settings = load()
    try:
        may_listen(settings)
    except SettingsError as error:
        sys.exit(str(error))
    line = command(settings.console_port, settings.console_address, settings.console_hosts)
    os.execv(line[0], line)
