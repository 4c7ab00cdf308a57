-- settings_changes: what admins set in the console, above the environment and settings.toml. Appended only; the newest row of a name counts.
-- value: as it would stand in the environment; taken_back: from here on the environment and the file count again. Never a secret.
CREATE TABLE IF NOT EXISTS settings_changes
(
    name LowCardinality(String),
    at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    value String CODEC(ZSTD(1)),
    taken_back Bool,
    who LowCardinality(String),
    reason String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (name, at);
