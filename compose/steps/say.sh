# What every step uses: telling people, reading a knob, and docker compose in this folder.

step() { printf '\n== %s\n' "$1"; }
say() { printf '   %s\n' "$1"; }
warn() { printf '   WARNING: %s\n' "$1" >&2; }
# stop "Expected X, found Y; do Z."
stop() {
    printf '   %s\n' "$1" >&2
    exit 1
}

# knob NAME DEFAULT: the environment's word, else .env's, else the default
knob() {
    local found=""
    [ ! -f .env ] || found=$(sed -n "s/^$1=//p" .env | tail -1)
    found=${!1:-$found}
    printf '%s' "${found:-$2}"
}

compose() { docker compose "$@"; }

# start SECONDS SERVICE…: running, and well within so many seconds. What is paused goes on. What is not well may only not have been
# looked at since (an engine says so of what was paused); what stays unwell for longer than the rarest healthcheck is started anew.
start() {
    local seconds=$1 unwell paused end=$((SECONDS + 75))
    shift
    mapfile -t paused < <(compose ps --status paused --format '{{.Service}}' | grep .)
    [ "${#paused[@]}" = 0 ] || compose unpause "${paused[@]}"
    while mapfile -t unwell < <(compose ps --format '{{.Service}} {{.Health}}' | sed -n 's/ unhealthy$//p' | grep -xFf <(printf '%s\n' "$@")) && [ "${#unwell[@]}" -gt 0 ]; do
        if [ "$SECONDS" -gt "$end" ]; then
            compose restart "${unwell[@]}"
            break
        fi
        sleep 1
    done
    compose up --detach --wait --wait-timeout "$seconds" "$@"
}
