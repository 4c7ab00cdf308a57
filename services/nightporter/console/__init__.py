"""The review console: what was strange last night, why, and what the reviewer says about it.

Read in this order: serve.py (how it is started), app.py (the server), script.py (what runs for each visitor),
views/ (one file a page or a part of one), reading.py (every question to the store), the rest (how things are shown).
"""

from pathlib import Path


def script_path() -> Path:
    """The script that runs for each visitor."""
    return Path(__file__).with_name("script.py")


KEYS = "/keys.js"
"""Address of the only script of our own in the browser."""


def keys_path() -> Path:
    """That script."""
    return Path(__file__).with_name("keys.js")
