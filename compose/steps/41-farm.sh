# The authority of the servers' certificates lies in farm/, which no running container sees; caddy gets copies of what it shows and checks.
step "Farm"
install -d -o 10001 -g 10001 -m 0700 farm
IFS=', ' read -r -a receiver_names <<<"$(knob NIGHTPORTER_RECEIVER_NAMES localhost)"
compose run --rm --no-TTY --no-deps hosts certificate "${receiver_names[@]}" >/dev/null
for pair in receiver.pem:receiver.pem receiver.key:receiver.key ca.pem:farm_authority.pem; do
    install -o root -g 10001 -m 0440 "farm/${pair%%:*}" "secrets/${pair##*:}"
done
say "the receiver's certificate is for ${receiver_names[*]}; give servers theirs with: docker compose run --rm hosts enroll NAME…"
