-- flags: what reviewers are asked to look at (contract, section 3), one row a flag; read with FINAL.
-- A night is written as one insert: its new flags, and tombstones for those it no longer has, so readers see all or nothing.
-- score: share of logins here that look as strange as this (1 in 1/score); reasons, events: JSON as the contract names them.
CREATE TABLE IF NOT EXISTS flags
(
    night Date,
    flag_id String CODEC(ZSTD(1)),
    rank UInt16,
    score Float64,
    user String CODEC(ZSTD(1)),
    source_ip String CODEC(ZSTD(1)),
    host LowCardinality(String),
    sentence String CODEC(ZSTD(3)),
    reasons String CODEC(ZSTD(3)),
    benign_twin String CODEC(ZSTD(3)),
    techniques Array(LowCardinality(String)),
    events String CODEC(ZSTD(3)),
    model_run LowCardinality(String),
    version UInt64,
    is_deleted UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(night)
ORDER BY (night, flag_id);

-- verdicts: what reviewers said, one row each time; nothing is ever changed or removed.
-- score: the flag's score when the verdict was given.
CREATE TABLE IF NOT EXISTS verdicts
(
    flag_id String CODEC(ZSTD(1)),
    at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    who LowCardinality(String),
    verdict LowCardinality(String),
    reason String CODEC(ZSTD(3)),
    score Float64 DEFAULT 0
)
ENGINE = MergeTree
ORDER BY (flag_id, at);

-- model_runs: each run of a night, one row when it has finished; summary is JSON (counts, learning curve, seconds per step).
CREATE TABLE IF NOT EXISTS model_runs
(
    model_run String,
    night Date,
    started DateTime64(6, 'UTC'),
    finished DateTime64(6, 'UTC'),
    seed UInt32,
    logins UInt64,
    flags UInt32,
    summary String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (night, finished);
