"""How the console is started: one streamlit process with every option set here, none taken from the machine."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nightporter.settings import load

FOLDER = Path(__file__).parent

OPTIONS = {
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

    `listen`: on which address; without a proxy in front, only this machine may look. `hosts`: under which names a
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


if __name__ == "__main__":
    settings = load()
    line = command(settings.console_port, settings.console_address, settings.console_hosts)
    os.execv(line[0], line)
