"""Prints what an image holds as CycloneDX 1.6, from lines "kind name version" on standard input (pypi, deb, apk).

bundle.sh asks each image for its lines; this runs in the worker's image, for the machine needs no Python of its own.
"""

import json
import sys

PURL = {"pypi": "pkg:pypi/{}@{}", "deb": "pkg:deb/debian/{}@{}", "apk": "pkg:apk/alpine/{}@{}"}

found = sorted({tuple(line.split()) for line in sys.stdin if len(line.split()) == 3})
components = [
    {"type": "library", "name": name, "version": version, "purl": PURL[kind].format(name.lower(), version)}
    for kind, name, version in found
]
about = {"component": {"type": "container", "name": sys.argv[1]}}
bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": about, "components": components}
json.dump(bill, sys.stdout, indent=1)
print()
