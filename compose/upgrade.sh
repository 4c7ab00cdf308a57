#!/usr/bin/env bash
# From the version that runs to the version of this folder: a backup, the migrations, a start; back to the old one if that fails.
#   ./upgrade.sh OLD/compose      with the images of this version loaded, or within reach of a registry
# The settings, secrets and certificates are copied from there to here; volumes and backups stay where they are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. steps/say.sh
[ "$#" = 1 ] && [ -f "$1/.env" ] || stop "Expected the folder of the appliance that runs, found none; run ./upgrade.sh OLD/compose."
[ ! -f .env ] || stop "Expected a folder without an appliance, found .env in it; if an upgrade was cut off, remove it and run this again."
new=$PWD old=$(cd "$1" && pwd)

. steps/10-engine.sh
step "Settings and secrets of $old"
cp -a "$old/secrets" "$old/farm" .
case "$(cd "$old" && knob BACKUP_FOLDER ./backups)" in
    /*) cp -a "$old/.env" . ;;
    *) sed '/^BACKUP_FOLDER=/d' "$old/.env" >.env && printf 'BACKUP_FOLDER=%s\n' "$(realpath "$old/$(cd "$old" && knob BACKUP_FOLDER ./backups)")" >>.env ;;
esac
sed -i '/^NIGHTPORTER_VERSION=/d' .env
(. steps/30-images.sh) || { rm -rf .env secrets farm && stop "Nothing was changed; the old version runs."; }

step "Backup"
# nobody comes in or writes from here on: servers hold their lines, and the backup is the last word of the old version
(cd "$old" && compose stop --timeout 60 caddy receiver console beat worker merge)
saved=$(cd "$old" && ./backup.sh) || saved=""
[ -z "$saved" ] || say "$saved"

failed=1
if [ -n "$saved" ]; then
    set +e # and on again inside: whatever fails there leads to the way back
    (
        set -e
        . steps/21-secrets.sh
        . steps/22-certificates.sh
        . steps/40-database.sh
        . steps/41-farm.sh
        . steps/42-seal.sh
        . steps/50-start.sh
        . steps/60-smoke-test.sh
    )
    failed=$?
    set -e
fi
if [ "$failed" = 0 ]; then
    step "Ready"
    say "The new version runs out of $new; $old is no longer needed, but for what BACKUP_FOLDER may have put there."
    exit
fi

step "Way back"
compose down --timeout 60
rm -rf .env secrets farm
cd "$old"
# the store may have a schema, or parts, that the old version does not know; then the backup comes back
if ! { compose up --detach --wait --wait-timeout 180 clickhouse valkey && compose run --rm --no-TTY migrate migrate; } >/dev/null 2>&1; then
    say "the old version cannot read the store any more; bringing back $saved"
    compose down
    docker volume rm nightporter_store nightporter_worker >/dev/null
    compose up --detach --wait --wait-timeout 180 clickhouse valkey
    compose run --rm --no-TTY restore restore "/backups/$saved"
fi
compose up --detach --wait --wait-timeout 300 --remove-orphans
stop "The upgrade failed, the lines above say why; the old version runs again, with all that it had."
