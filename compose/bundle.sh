#!/usr/bin/env bash
# Packs everything an installation without internet needs into one archive:
#   ./bundle.sh FILE.tar        images, packages, this checkout, a list of all packages (CycloneDX), checksums
# With SIGNING_KEY=private.pem the checksums are signed, and load.sh can insist on it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. steps/say.sh
[ "$#" = 1 ] || stop "usage: ./bundle.sh FILE.tar"
file=$(realpath "$1")
version=$(knob NIGHTPORTER_VERSION 0.1.0)
work=$(mktemp -d "$(dirname "$file")/bundle.XXXXXX")
trap 'rm -rf "$work"' EXIT
folder=$work/nightporter-$version
mkdir -p "$folder"
[ -f .env ] || { cp .env.example .env && trap 'rm -rf "$work" .env' EXIT; }

step "Checkout"
# what git knows; where there is no git, this folder's parent as it is
if git -C .. rev-parse >/dev/null 2>&1; then
    git -C .. ls-files -z | tar --create --null --files-from - --directory .. --file - | tar --extract --directory "$folder"
else
    tar --create --directory .. --exclude compose/.env --exclude compose/secrets --exclude compose/farm --exclude compose/backups \
        --exclude .venv --exclude .cache --file - README.md pyproject.toml services compose docs ansible | tar --extract --directory "$folder"
fi
say "$(find "$folder" -type f | wc -l) files"

step "Images"
. steps/30-images.sh
mapfile -t images < <(compose --profile tools config --images | sort -u)
docker save --output "$folder/images.tar" "${images[@]}"
say "${images[*]}"

step "Packages"
# as they are inside the images: what runs is what is listed
for image in "${images[@]}"; do
    case "$image" in
        nightporter/*)
            name=$(basename "${image%%:*}")
            docker run --rm --network none --entrypoint python "$image" -c "
import importlib.metadata as m, json
found = sorted({(d.metadata['Name'], d.version, d.metadata.get('License-Expression') or '') for d in m.distributions()})
parts = [{'type': 'library', 'name': n, 'version': v, 'purl': f'pkg:pypi/{n.lower()}@{v}'} | ({'licenses': [{'expression': l}]} if l else {}) for n, v, l in found]
print(json.dumps({'bomFormat': 'CycloneDX', 'specVersion': '1.6', 'version': 1, 'metadata': {'component': {'type': 'container', 'name': '$image'}}, 'components': parts}, indent=1))" \
                >"$folder/sbom-$name.json"
            say "$name: $(grep -c '"purl"' "$folder/sbom-$name.json") packages"
            ;;
    esac
done

step "Checksums"
cp load.sh "$folder/load.sh"
(cd "$folder" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
[ -z "${SIGNING_KEY:-}" ] || openssl dgst -sha256 -sign "$SIGNING_KEY" -out "$folder/SHA256SUMS.signature" "$folder/SHA256SUMS"
tar --create --file "$file" --directory "$work" "nightporter-$version"
say "$file: $(($(stat --format %s "$file") / 1000000)) MB"
