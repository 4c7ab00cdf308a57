# Passwords, each once, each in a file of its own; ClickHouse and Valkey get only their hashes. Readable by the group of the containers.
step "Secrets"
install -d -o root -g 10001 -m 0750 secrets
made=0
secret() { # NAME: the file it is in; made when there is none
    [ ! -s "secrets/$1" ] || return 0
    (umask 077 && openssl rand -hex 32 >"secrets/$1.new")
    mv "secrets/$1.new" "secrets/$1"
    made=$((made + 1))
}
hash_of() { tr -d '\n' <"secrets/$1" | sha256sum | cut -d ' ' -f 1; }

roles="migrate load receiver hosts worker console backup"
for role in $roles; do secret "${role}_password"; done
secret broker_password
secret proxy_key

(
    umask 077
    {
        echo '<clickhouse>'
        for role in $roles; do echo "  <${role}_sha256>$(hash_of "${role}_password")</${role}_sha256>"; done
        echo '</clickhouse>'
    } >secrets/clickhouse_passwords.xml
    {
        echo 'user default off'
        echo 'user health on nopass -@all +ping'
        # what Celery's transport sends: lists, sets, hashes, publish and subscribe; nothing that manages the server
        echo "user nightporter on #$(hash_of broker_password) ~* &* +@all -@admin -@dangerous +info +keys"
    } >secrets/valkey_accounts
)
say "$made made, the others kept"
