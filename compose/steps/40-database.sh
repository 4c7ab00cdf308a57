step "Database"
compose up --detach --wait --wait-timeout 180 clickhouse valkey
compose run --rm --no-TTY migrate migrate
