# Against the formula of docs/sizing.md: 16 B a line and 33 B a login on disk (a login is about five lines), twice that for merges and backups.
step "Machine"
servers=$(knob FARM_SERVERS 100)
lines=$((servers * $(knob FARM_LINES_PER_SERVER 8600)))
raw_days=$(knob NIGHTPORTER_RAW_RETENTION_DAYS 90)
months=$(knob NIGHTPORTER_EVENT_RETENTION_MONTHS 13)
wanted_disk=$((10 + 2 * (lines * 16 * raw_days + lines / 5 * 33 * 30 * months) / 1000000000))
wanted_cores=$((2 + lines / 200000000))
wanted_memory=$((7 + lines / 25000000))

cores=$(getconf _NPROCESSORS_ONLN)
memory=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1000000))
disk=$(($(df --output=avail -B 1 "$(docker info --format '{{.DockerRootDir}}')" | tail -1) / 1000000000))
say "$servers servers, $lines lines a day: expected $wanted_cores cores, $wanted_memory GB memory, $wanted_disk GB disk; found $cores, $memory, $disk"
[ "$cores" -ge "$wanted_cores" ] || warn "Expected $wanted_cores cores, found $cores; nights will take longer."
[ "$memory" -ge "$wanted_memory" ] || warn "Expected $wanted_memory GB of memory, found $memory; lower CLICKHOUSE_MEMORY and WORKER_MEMORY in .env, or add some."
[ "$disk" -ge "$wanted_disk" ] || warn "Expected $wanted_disk GB of free disk, found $disk; keep raw lines for fewer days (NIGHTPORTER_RAW_RETENTION_DAYS), or add some."
[ "$disk" -ge 10 ] || stop "Expected 10 GB of free disk at the least, found $disk; free some."

if command -v timedatectl >/dev/null && [ "$(timedatectl show --property=NTPSynchronized --value 2>/dev/null || true)" = no ]; then
    warn "Expected a clock that is set by NTP, found one that is not; nights and certificates go by it."
fi
if [[ "$(knob COMPOSE_FILE compose.yaml)" == *gpu* ]]; then
    command -v nvidia-smi >/dev/null || stop "Expected an NVIDIA driver for compose.gpu.yaml, found no nvidia-smi; install it or remove compose.gpu.yaml from COMPOSE_FILE in .env."
    docker info --format '{{json .Runtimes}}' | grep -q nvidia || stop "Expected NVIDIA's container toolkit, found no nvidia runtime; install nvidia-container-toolkit, then: nvidia-ctk runtime configure --runtime=docker."
fi
