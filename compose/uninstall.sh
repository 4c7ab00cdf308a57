#!/usr/bin/env bash
# Stops the appliance and removes its containers and networks. What it has stored stays, unless --data is given:
# then the store, the models, the accounts, the secrets and the settings go too. Backups are never removed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. steps/say.sh
case "${1:-}" in
    "") ;;
    --data) ;;
    *) stop "usage: ./uninstall.sh [--data]" ;;
esac

step "Containers"
compose --profile tools down --remove-orphans ${1:+--volumes}
if [ "${1:-}" = --data ]; then
    step "Secrets and settings"
    rm -rf secrets farm .env
    say "removed; the backups in $(knob BACKUP_FOLDER ./backups) stay"
else
    say "the volumes, secrets/ and .env stay; ./install.sh starts it again, ./uninstall.sh --data removes them"
fi
