#!/usr/bin/env bash
# To the version of this folder: a backup, the new images, the migrations, a start; back to the old version if that fails.
#   ./upgrade.sh VERSION      with new files of this folder in place and their images loaded, or within reach of a registry
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. steps/say.sh
[ "$#" = 1 ] || stop "usage: ./upgrade.sh VERSION"
[ -f .env ] || stop "Expected an appliance to upgrade, found no .env; run ./install.sh."
old=$(knob NIGHTPORTER_VERSION 0.1.0) new=$1

version() { # in .env, for this run and the next
    sed -i '/^#\{0,1\}NIGHTPORTER_VERSION=/d' .env
    printf 'NIGHTPORTER_VERSION=%s\n' "$1" >>.env
}

. steps/10-engine.sh
step "Backup of $old"
saved=$(./backup.sh)
say "$saved"

unset NIGHTPORTER_VERSION
version "$new"
set +e # and on again inside: whatever fails there leads to the way back
(
    set -e
    . steps/30-images.sh
    . steps/21-secrets.sh
    . steps/22-certificates.sh
    compose stop --timeout 60 merge worker beat receiver console
    . steps/40-database.sh
    . steps/41-farm.sh
    . steps/50-start.sh
    . steps/60-smoke-test.sh
)
failed=$?
set -e
if [ "$failed" = 0 ]; then
    step "Ready"
    say "$old is now $new; the servers of the farm have sent nothing twice and lost nothing: what they could not send meanwhile they send now."
    exit
fi

step "Way back to $old"
version "$old"
# the schema of the new version stays unless the old one does not know it; then the backup comes back
compose up --detach --wait --wait-timeout 180 clickhouse valkey
if ! compose run --rm --no-TTY migrate migrate >/dev/null 2>&1; then
    say "the database was changed already; bringing back $saved"
    compose down
    docker volume rm nightporter_store >/dev/null
    compose up --detach --wait --wait-timeout 180 clickhouse valkey
    compose run --rm --no-TTY restore restore "/backups/$saved"
fi
compose up --detach --wait --wait-timeout 300 --remove-orphans
stop "The upgrade to $new failed, the lines above say why; $old runs again, with everything up to the backup $saved."
