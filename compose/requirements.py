"""Prints what the package depends on, without the packages that are named: each image gets what its role needs.

Names are left out rather than listed, so that a new dependency cannot be forgotten here.
"""

import re
import sys
import tomllib
from pathlib import Path

with Path("pyproject.toml").open("rb") as file:
    wanted = tomllib.load(file)["project"]["dependencies"]
for requirement in wanted:
    if re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower() not in sys.argv[1:]:
        print(requirement)
