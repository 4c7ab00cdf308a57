# Secrets go into backups sealed: whoever has a backup needs secrets/recovery.key to open them, and that key is in no backup.
step "Sealed secrets"
if [ ! -s secrets/recovery.pem ]; then
    (
        umask 077
        openssl req -x509 -newkey rsa:3072 -nodes -days 36500 -subj "/CN=Nightporter recovery" \
            -keyout secrets/recovery.key -out secrets/recovery.pem 2>/dev/null
    )
    say "Keep a copy of $PWD/secrets/recovery.key away from this machine: without it nobody can open the secrets of a backup."
fi
(
    umask 077
    tar --create --file - --exclude secrets/recovery.key --exclude secrets/sealed.cms --exclude farm/hosts .env secrets farm |
        openssl cms -encrypt -binary -aes-256-cbc -outform DER -out .sealed.new secrets/recovery.pem
)
mv .sealed.new secrets/sealed.cms
chown root:10001 secrets/sealed.cms secrets/recovery.pem
chmod 0440 secrets/sealed.cms secrets/recovery.pem
chown root:root secrets/recovery.key 2>/dev/null && chmod 0400 secrets/recovery.key || true
say "sealed"
