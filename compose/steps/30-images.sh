step "Images"
# what a bundle or a registry brought is used; our own are built where they are missing and the source is here
missing=()
while read -r image; do
    docker image inspect "$image" >/dev/null 2>&1 || missing+=("$image")
done < <(compose --profile tools config --images | sort -u)
if [ "${#missing[@]}" = 0 ]; then
    say "all here"
else
    say "missing: ${missing[*]}"
    compose --profile tools pull --policy missing --ignore-buildable --quiet || stop "The images cannot be fetched; check the way to the registry, or load a bundle (docs/operate.md)."
    compose build --quiet worker receiver console || stop "The images cannot be built; the lines above say why. Without internet, load a bundle (docs/operate.md)."
fi
