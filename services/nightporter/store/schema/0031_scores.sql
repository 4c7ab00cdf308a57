-- scores: how strange each login of a night was, one row a login that was scored; read with FINAL.
-- score: summed surprises (comparable within one model run). rarity: share of logins here that are in a case as strange as this one's.
-- Readers: the check for late logins (what has no row was not scored), explain, drift.
CREATE TABLE IF NOT EXISTS scores
(
    night Date,
    event_id String CODEC(ZSTD(1)),
    model_run LowCardinality(String),
    score Float32 CODEC(ZSTD(1)),
    rarity Float32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(night)
ORDER BY (night, event_id);
