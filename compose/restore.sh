#!/usr/bin/env bash
# Brings a backup back onto a machine where nothing of the appliance is left (or onto which install.sh was never run).
#   ./restore.sh FOLDER [RECOVERY_KEY]      FOLDER: one backup; RECOVERY_KEY: opens the secrets in it
# Without the key the appliance gets new secrets: then every server of the farm has to be enrolled again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. steps/say.sh
[ "$#" -ge 1 ] || stop "Expected the folder of a backup, found nothing; run ./restore.sh FOLDER [RECOVERY_KEY]."
backup=$(cd "$1" && pwd) key=${2:-}

. steps/10-engine.sh
step "Backup"
[ -f "$backup/SHA256SUMS" ] || stop "Expected a finished backup in $backup, found no SHA256SUMS; name another folder."
(cd "$backup" && sha256sum --check --quiet --strict SHA256SUMS) || stop "Expected every file of $backup as it was written, found others; use another backup."
[ -z "$(docker volume ls --quiet --filter name=nightporter_store)" ] || stop "Expected no store on this machine, found one; remove it with ./uninstall.sh --data first."
say "whole: $(head -1 "$backup/nightporter-backup.txt")"

if [ -n "$key" ]; then
    step "Sealed secrets"
    openssl cms -decrypt -inform DER -binary -in "$backup/sealed.cms" -inkey "$key" | tar --extract --keep-old-files --same-owner --file - ||
        stop "Expected the key that sealed this backup, and none of its files here; found otherwise. Give the right one, in an empty folder."
    install -m 0400 "$key" secrets/recovery.key
    say "secrets, farm authority and .env are back"
fi

. steps/20-settings.sh
. steps/21-secrets.sh
. steps/22-certificates.sh
. steps/30-images.sh

step "Store"
compose up --detach --wait --wait-timeout 180 clickhouse valkey
folder=$(knob BACKUP_FOLDER ./backups)
if [ "$(cd "$(dirname "$backup")" && pwd)" != "$(cd "$folder" && pwd)" ]; then
    cp -a "$backup" "$folder/"
    # the backup job removes it one day, ClickHouse reads its part of it
    chown -R 10001:10001 "$folder/$(basename "$backup")"
    chmod -R u=rwX,g=rX,o= "$folder/$(basename "$backup")"
fi
compose run --rm --no-TTY restore restore "/backups/$(basename "$backup")"
compose run --rm --no-TTY migrate migrate
compose create console >/dev/null 2>&1
if [ -f "$backup/accounts.sqlite" ]; then
    # of the copy that was made over to the job's account: the console's is the same, and a file keeps its owner
    compose cp "$folder/$(basename "$backup")/accounts.sqlite" console:/var/lib/nightporter/accounts.sqlite
    say "the console's accounts are back"
fi
if [ -n "$key" ] && [ -f "$backup/pseudonyms.cms" ]; then
    opened=$(mktemp)
    openssl cms -decrypt -inform DER -binary -in "$backup/pseudonyms.cms" -inkey "$key" -out "$opened"
    chown 10001:10001 "$opened"
    compose cp "$opened" console:/var/lib/nightporter/pseudonyms.key
    rm "$opened"
    say "the pseudonyms mean the same people"
fi

. steps/41-farm.sh
. steps/42-seal.sh
. steps/50-start.sh
. steps/60-smoke-test.sh
. steps/70-address.sh
