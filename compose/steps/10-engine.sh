step "Engine"
[ "$(id -u)" = 0 ] || stop "Expected root, found $(id -un); run it with sudo: the secrets' files get owners of their own."
for program in docker openssl; do
    command -v "$program" >/dev/null || stop "Expected the program $program, found none; install it and run this again."
done
docker version >/dev/null 2>&1 || stop "Expected a running Docker Engine, found none that answers; start it: systemctl start docker."
engine=$(docker version --format '{{.Server.Version}}')
[ "${engine%%.*}" -ge 25 ] || stop "Expected Docker Engine 25 or newer, found $engine; update it."
docker compose version >/dev/null 2>&1 || stop "Expected the compose plugin, found none; install docker-compose-plugin."
plugin=$(docker compose version --short)
plugin=${plugin#v}
case "$plugin" in
    2.2[4-9].* | 2.[3-9][0-9].* | [3-9].* | [1-9][0-9].*) ;;
    *) stop "Expected docker compose 2.24 or newer, found $plugin; update it." ;;
esac
say "Docker Engine $engine, compose $plugin"
