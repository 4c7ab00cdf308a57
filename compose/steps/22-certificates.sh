# An authority of the appliance's own, and a certificate for each service; those that end within 60 days are made again.
# A site with certificates of its own puts them into secrets/console.pem and secrets/console.key.
step "Certificates"
if [ ! -s secrets/authority.key ]; then
    (
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Nightporter authority" \
            -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
            -keyout secrets/authority.key.new -out secrets/authority.pem 2>/dev/null
        mv secrets/authority.key.new secrets/authority.key
    )
    say "authority made"
fi

certificate() { # FILE NAMES…: secrets/FILE.pem for these names and addresses
    local file=$1 names="" name
    shift
    for name in "$@"; do
        case "$name" in
            *:*:* | [0-9]*.[0-9]*.[0-9]*.[0-9]*) names="$names,IP:$name" ;;
            *) names="$names,DNS:$name" ;;
        esac
    done
    names=${names#,}
    if [ -s "secrets/$file.key" ] && openssl x509 -in "secrets/$file.pem" -noout -checkend $((60 * 86400)) >/dev/null 2>&1; then
        # another authority than ours: the site's own
        openssl verify -CAfile secrets/authority.pem "secrets/$file.pem" >/dev/null 2>&1 || return 0
        [ "$(cat "secrets/$file.names" 2>/dev/null)" != "$names" ] || return 0
    fi
    (
        umask 077
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "secrets/$file.key.new" 2>/dev/null |
            openssl x509 -req -CA secrets/authority.pem -CAkey secrets/authority.key -days 800 -out "secrets/$file.pem.new" \
                -extfile <(printf '%s\n' "subjectAltName=$names" "basicConstraints=critical,CA:FALSE" \
                    "keyUsage=critical,digitalSignature" "extendedKeyUsage=serverAuth" \
                    "subjectKeyIdentifier=hash" "authorityKeyIdentifier=keyid") 2>/dev/null
        mv "secrets/$file.key.new" "secrets/$file.key"
        mv "secrets/$file.pem.new" "secrets/$file.pem"
        printf '%s\n' "$names" >"secrets/$file.names"
    )
    say "certificate of $file made for $names"
}
certificate clickhouse clickhouse localhost
certificate valkey valkey localhost
IFS=', ' read -r -a console_names <<<"$(knob NIGHTPORTER_NAME localhost),$(knob NIGHTPORTER_NAMES localhost)"
certificate console "${console_names[@]}"

# the containers' group reads what is mounted for them; the authority's key is for this script alone
chown root:10001 secrets/*
chmod 0440 secrets/*
chown root:root secrets/authority.key
chmod 0400 secrets/authority.key
say "all in place"
