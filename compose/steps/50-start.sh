step "Start"
# caddy last: nobody comes in before the rest works
mapfile -t services < <(compose config --services | grep -vx caddy)
if ! { start 300 "${services[@]}" && start 60 "${services[@]}" caddy --remove-orphans; }; then
    while read -r service; do
        printf '\n   %s said last:\n' "$service" >&2
        compose logs --no-color --no-log-prefix --tail 8 "$service" >&2
    done < <(compose ps --all --format '{{.Service}} {{.State}} {{.Health}}' | grep -v ' running healthy$' | cut -d ' ' -f 1)
    stop "Expected every service to work within five minutes, found some that do not; what they said last is above."
fi
say "running: $(compose ps --services | tr '\n' ' ')"
