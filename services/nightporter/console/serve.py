"""How the console is started: one streamlit process with every option set here, none taken from the machine."""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent

OPTIONS: dict[str, str | list[str]] = {
    "server.address": "127.0.0.1",  # sign-in belongs to a proxy in front; without one, only this machine may look
    "server.allowedHosts": ["127.0.0.1", "localhost"],  # a foreign page must not reach it under a name of its own
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


def command(port: int) -> list[str]:
    """The command line that serves the console on 127.0.0.1:`port`, in the foreground, until SIGTERM or SIGINT."""
    given = {**OPTIONS, "server.port": str(port)}
    pairs = [(name, one) for name, value in given.items() for one in ([value] if isinstance(value, str) else value)]
    options = [f"--{name}={value}" for name, value in pairs]
    return [sys.executable, "-m", "streamlit", "run", str(FOLDER / "app.py"), *options]


def address(port: int) -> str:
    """Where a browser on this machine finds it."""
    return f"http://127.0.0.1:{port}"


def health(port: int) -> str:
    """The address that answers "ok" as soon as the console serves pages."""
    return f"{address(port)}/_stcore/health"
