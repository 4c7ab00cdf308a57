#!/usr/bin/env bash
# Installs the appliance on this machine, or repairs and reconfigures it: every step looks first and does what is missing.
# Needs root, a Docker Engine with compose, and the images (from the internet, or from a bundle: docs/operate.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. steps/say.sh

# pre-flight: looks, changes nothing
. steps/10-engine.sh
. steps/11-machine.sh
. steps/12-ports.sh

# from here on things change
. steps/20-settings.sh
. steps/21-secrets.sh
. steps/22-certificates.sh
. steps/30-images.sh
. steps/40-database.sh
. steps/41-farm.sh
. steps/42-seal.sh
. steps/50-start.sh
. steps/51-admin.sh
. steps/60-smoke-test.sh
. steps/70-address.sh
