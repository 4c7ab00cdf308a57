-- schema_migrations: what was applied to this database. Grain: one row per application. Reader: migrate.py.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    name String,
    checksum String,
    applied_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (name, applied_at);
