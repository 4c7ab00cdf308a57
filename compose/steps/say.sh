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
