#!/usr/bin/env bash
# Makes a backup at once, beside the daily ones, and prints the name of its folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. steps/say.sh
compose exec -T backup bash /etc/nightporter/job.sh now | tail -1 | sed "s#^/backups/##"
