#!/usr/bin/env bash
# Runs in the container "backup": a copy each day at BACKUP_AT (UTC), the newest BACKUPS_KEPT are kept. `job.sh now` makes one and ends.
# A copy is a folder /backups/<time>: store.tar (ClickHouse's own), models, the console's accounts, the sealed secrets, checksums.
set -euo pipefail
umask 007

copy() {
    local name part
    exec 9>/tmp/one-at-a-time
    flock 9
    name=$(date -u +%Y-%m-%dT%H-%M-%SZ)
    part=/backups/.$name
    rm -rf /backups/.[0-9]* # what an interrupted copy left
    nightporter backup "$part" || { rm -rf "$part"; return 1; }
    cp /run/secrets/sealed "$part/sealed.cms"
    if [ -e /var/lib/console/accounts.sqlite ]; then
        # SQLite's own copy is whole even while somebody signs in
        python -c "import sqlite3, sys
source, copy = (sqlite3.connect(name, uri=True) for name in sys.argv[1:])
source.backup(copy)" "file:/var/lib/console/accounts.sqlite?mode=ro" "file:$part/accounts.sqlite"
    fi
    # made by the console when it first shows people under pseudonyms; they are to mean the same people afterwards
    [ ! -e /var/lib/console/pseudonyms.key ] || python /etc/nightporter/seal.py </var/lib/console/pseudonyms.key >"$part/pseudonyms.cms"
    (cd "$part" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
    mv "$part" "/backups/$name"
    find /backups -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' | sort -r | tail -n +"$((${BACKUPS_KEPT:-7} + 1))" | xargs -r rm -rf
    touch /tmp/well
    echo "/backups/$name"
}

if [ "${1:-}" = now ]; then
    copy
    exit
fi
touch /tmp/well # from here on it has a day
while true; do
    now=$(date -u +%s)
    due=$(date -u -d "$BACKUP_AT" +%s)
    [ "$due" -gt "$now" ] || due=$((due + 86400))
    sleep $((due - now)) &
    wait $!
    # a process of its own, in which every failure ends it
    bash "$0" now || { rm -f /tmp/well; echo "The backup of $(date -u +%F) has failed; the line above says why, the next try is tomorrow." >&2; }
done
