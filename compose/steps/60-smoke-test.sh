step "Smoke test"
compose exec -T merge nightporter status --format json >/dev/null || stop "The store does not answer the worker; compose/doctor.sh says more."
compose exec -T caddy wget -q -O /dev/null --no-check-certificate https://localhost:8443/sign-in || stop "The console does not answer through Caddy; compose/doctor.sh says more."
say "the store answers the worker, the console answers through Caddy"
