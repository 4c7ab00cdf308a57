#!/usr/bin/env bash
# Says what is wrong with the appliance and what to do. With --bundle FILE: also collects what a person who helps needs
# to see, without secrets, log lines or names of people: states, versions, settings, counts, and the programs' own messages
# with addresses and quoted texts blotted out.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
. steps/say.sh
wrong=0
bad() {
    printf '   NOT WELL: %s\n' "$1"
    wrong=1
}

[ -f .env ] || stop "Expected an appliance in $PWD, found no .env; run ./install.sh, or the doctor of the folder it runs out of."

step "Containers"
states=$(compose ps --all --format '{{.Service}} {{.State}} {{.Health}}') || stop "The Docker Engine does not answer; start it: systemctl start docker."
for service in $(compose config --services | sort); do
    state=$(grep "^$service " <<<"$states" | cut -d ' ' -f 2-)
    case "$state" in
        "running healthy" | "running ") say "$service: running" ;;
        "running starting") say "$service: starting" ;;
        "") bad "$service is not there; run ./install.sh." ;;
        "paused"*) bad "$service is paused; let it go on with: docker compose unpause $service" ;;
        "exited"*) bad "$service has stopped; start it with ./install.sh, and see: docker compose logs --tail 50 $service" ;;
        *) bad "$service is $state; see: docker compose logs --tail 50 $service" ;;
    esac
done

step "Certificates"
for file in secrets/*.pem; do
    openssl x509 -in "$file" -noout -checkend $((30 * 86400)) >/dev/null 2>&1 ||
        bad "$file ends within 30 days; run ./install.sh, which makes a new one."
done

step "Disk"
root=$(docker info --format '{{.DockerRootDir}}')
for folder in "$root" "$(knob BACKUP_FOLDER ./backups)"; do
    free=$(df --output=avail -B 1000000000 "$folder" | tail -1 | tr -d ' ')
    if [ "$free" -lt 10 ]; then
        bad "$folder has $free GB left; free some, or keep raw lines for fewer days."
    else
        say "$folder: $free GB free"
    fi
done
for place in clickhouse:/var/lib/clickhouse valkey:/data worker:/var/lib/nightporter console:/var/lib/nightporter backup:/backups; do
    read -r size free < <(compose exec -T "${place%%:*}" df -P -m "${place#*:}" 2>/dev/null | awk 'NR == 2 { print $2, $4 }') || continue
    [ "$free" -ge 2000 ] || [ "$((free * 20))" -ge "$size" ] ||
        bad "the volume of ${place%%:*} has $free of $size MB left; free some or make it larger, then it goes on by itself."
done

step "Program"
compose exec -T merge nightporter doctor || wrong=1

if [ "${1:-}" = --bundle ]; then
    step "Bundle"
    folder=$(mktemp -d)
    # addresses, quoted texts, what fields hold, and what follows "for", "user" and "from" in messages
    blot() {
        sed -E -e 's/([0-9]{1,3}\.){3}[0-9]{1,3}/(address)/g' -e 's/([0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}/(address)/g' \
            -e "s/'[^']*'/'…'/g" -e 's/"([a-z_]*(user|who|name|host|address|path|uri|ip|ips))": ?"[^"]*"/"\1": "…"/g' -e 's/\b(user|for|from|host)([ =:]+)[^ ,;)]+/\1\2…/gI'
    }
    printf '%s\n' "$states" >"$folder/containers"
    docker version >"$folder/engine" 2>&1
    compose version >>"$folder/engine" 2>&1
    compose config --images | sort -u >"$folder/images"
    # of the settings only numbers, hours and sizes: names of machines and people are nobody's business
    sed -nE -e '/^[A-Z_]+=([0-9.:]+[a-z]?|true|false)$/{p;d}' -e 's/^([A-Z_]+)=.*/\1=…/p' .env >"$folder/settings"
    df -h "$root" >"$folder/disk"
    free -m >"$folder/memory"
    for service in $(compose config --services); do
        compose logs --no-color --tail 200 "$service" 2>&1 | blot >"$folder/log-$service"
    done
    compose exec -T merge nightporter status --format json 2>/dev/null |
        compose exec -T merge python -c "import json, sys
found = json.load(sys.stdin)
print(json.dumps({key: len(value) if isinstance(value, list) else value for key, value in found.items() if key != 'console'}))" >"$folder/counts"
    tar --create --gzip --file "${2:-nightporter-support.tar.gz}" --directory "$folder" .
    rm -rf "$folder"
    say "${2:-nightporter-support.tar.gz}; look into it before you send it to anybody"
fi
exit "$wrong"
