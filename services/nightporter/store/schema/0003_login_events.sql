-- login_events: one row per login (contract, section 2); written by merge only, read with FINAL.
-- anchored: the first line says by itself that a login begins, so merging may start again here.
-- session_opened, session_closed: of PAM, for every service (queries/events.sql shows them for sshd only, as the contract says).
-- event_id is a hash of what starts the event, so a late first line gives a new id and a tombstone (is_deleted) for the old one.
CREATE TABLE IF NOT EXISTS login_events
(
    event_id String CODEC(ZSTD(1)),
    host LowCardinality(String),
    service LowCardinality(String),
    pid UInt32 CODEC(Delta, ZSTD(1)),
    start DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    end DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    user String CODEC(ZSTD(1)),
    target_user LowCardinality(String),
    source_ip String CODEC(ZSTD(1)),
    source_port UInt16 CODEC(ZSTD(1)),
    method LowCardinality(String),
    key_fingerprint String CODEC(ZSTD(1)),
    outcome LowCardinality(String),
    invalid_user Bool CODEC(ZSTD(1)),
    failures UInt32 CODEC(ZSTD(1)),
    session_opened Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    session_closed Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    tty LowCardinality(String),
    command String CODEC(ZSTD(1)),
    entries UInt32 CODEC(ZSTD(1)),
    anchored UInt8 CODEC(ZSTD(1)),
    merged_at DateTime('UTC') DEFAULT now('UTC') CODEC(Delta, ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 DEFAULT 0 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(start)
ORDER BY (host, service, pid, start, event_id)
SETTINGS index_granularity = 2048;

-- merge_scope: what one merge run re-stitches. Grain: run, process and peer it spoke of; `since` = earliest new line.
CREATE TABLE IF NOT EXISTS merge_scope
(
    run UInt64,
    host LowCardinality(String),
    service LowCardinality(String),
    process UInt32,
    link String,
    since DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (run, host, service, process);

-- merge_runs: how far the queue has been worked off. A run is recorded only after its events are stored.
CREATE TABLE IF NOT EXISTS merge_runs
(
    upto UInt64,
    finished DateTime('UTC') DEFAULT now('UTC'),
    keys UInt64
)
ENGINE = MergeTree
ORDER BY upto;
