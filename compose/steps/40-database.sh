step "Database"
start 180 clickhouse valkey
compose run --rm --no-TTY migrate migrate
