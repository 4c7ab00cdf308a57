step "Ready"
port=$(knob NIGHTPORTER_HTTPS_PORT 443)
[ "$port" = 443 ] && port="" || port=":$port"
say "Console: https://$(knob NIGHTPORTER_NAME localhost)$port"
say "Browsers trust it once they know $PWD/secrets/authority.pem."
