#!/usr/bin/env bash
# Packs everything an installation without internet needs into one archive:
#   ./bundle.sh FILE.tar        images, wheels, this checkout, what is inside each image (CycloneDX), checksums
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
[ -f .env ] || { trap 'rm -rf "$work" .env' EXIT && cp .env.example .env; } # compose wants one

step "Checkout"
# what git knows; where there is no git, this folder's parent as it is
if git -C .. rev-parse >/dev/null 2>&1; then
    git -C .. ls-files -z | tar --create --directory .. --null --files-from - --file - | tar --extract --directory "$folder"
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
# for images that are built again there, and for Ansible on the machine that enrols servers
if [ -n "${WHEELS:-}" ]; then
    cp -r "$WHEELS" "$folder/wheels"
else
    docker build --quiet --file Dockerfile --target wheels --output "$folder/wheels" .. || stop "The packages cannot be fetched; check the way to PyPI and pytorch.org."
fi
say "$(find "$folder/wheels" -name '*.whl' | wc -l) wheels"

step "What is inside"
# as the images say it themselves: what runs is what is listed
ask='dpkg-query --show --showformat "deb \${Package} \${Version}\n" 2>/dev/null || apk list --installed 2>/dev/null | sed -E "s/^(.*)-([0-9][^ ]*) .*/apk \1 \2/"
[ ! -x /opt/nightporter/bin/python ] || /opt/nightporter/bin/python -c "import importlib.metadata as m; [print(\"pypi\", d.metadata[\"Name\"], d.version) for d in m.distributions()]"'
for image in "${images[@]}"; do
    list=$folder/sbom-$(tr -c 'a-z0-9.\n' - <<<"$image").json
    docker run --rm --network none --entrypoint sh "$image" -c "$ask" |
        docker run --rm --interactive --network none --volume "$PWD/sbom.py:/sbom.py:ro" --entrypoint python "nightporter/worker:$version" /sbom.py "$image" >"$list"
    say "$image: $(grep -c '"purl"' "$list") packages"
done

step "Checksums"
cp load.sh "$folder/load.sh"
(cd "$folder" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
[ -z "${SIGNING_KEY:-}" ] || openssl dgst -sha256 -sign "$SIGNING_KEY" -out "$folder/SHA256SUMS.signature" "$folder/SHA256SUMS"
tar --create --file "$file" --directory "$work" "nightporter-$version"
say "$file: $(($(stat --format %s "$file") / 1000000)) MB"
