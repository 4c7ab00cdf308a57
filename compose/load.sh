#!/usr/bin/env bash
# In an unpacked bundle: checks every file and loads the images. With a public key it insists on the bundle's signature.
#   ./load.sh [PUBLIC.pem]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
stop() {
    echo "$1" >&2
    exit 1
}
[ -f images.tar ] || stop "Expected an unpacked bundle, found no images.tar; run this in the folder that bundle.sh packed."
if [ "$#" = 1 ]; then
    openssl dgst -sha256 -verify "$1" -signature SHA256SUMS.signature SHA256SUMS >/dev/null 2>&1 ||
        stop "Expected a bundle signed with the key to $1, found another; do not install it."
fi
sha256sum --check --quiet --strict SHA256SUMS || stop "Expected every file as it was packed, found others; fetch the bundle again."
# nor may there be more: compose reads an .env or an override beside its own files
more=$(find . ! -type d ! -path ./SHA256SUMS ! -path ./SHA256SUMS.signature | LC_ALL=C sort | LC_ALL=C comm -13 <(sed 's/^[^ ]* [ *]//' SHA256SUMS | LC_ALL=C sort) -)
[ -z "$more" ] || stop "Expected only what was packed, found also $(head -1 <<<"$more"); unpack the bundle into an empty folder."
docker load --quiet --input images.tar
echo "The images are loaded; now: sudo ./compose/install.sh"
