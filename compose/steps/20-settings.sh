step "Settings"
if [ -f .env ]; then
    say ".env is kept"
else
    cp .env.example .env
    # what was given to this run is kept for the next
    while read -r name; do
        [ -z "${!name:-}" ] || { sed -i "/^#\{0,1\}$name=/d" .env && printf '%s=%s\n' "$name" "${!name}" >>.env; }
    done < <(sed -n 's/^#\{0,1\}\([A-Z][A-Z_]*\)=.*/\1/p' .env.example)
    say ".env is made; its comments say what can be set"
fi
backup_folder=$(knob BACKUP_FOLDER ./backups)
# ClickHouse writes there and the backup job reads: their common group owns it
[ -d "$backup_folder" ] || install -d -o 101 -g 10001 -m 2770 "$backup_folder"
