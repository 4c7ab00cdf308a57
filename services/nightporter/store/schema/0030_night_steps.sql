-- night_steps: how far each night has come, one row a step; read with FINAL.
-- The truth about a night: whoever goes on with it, in whatever process, reads here what is done and with what result.
-- state: waiting, running, done, failed or skipped. share: of the step's work, 0 to 1. text: one sentence for people.
-- result: JSON, what later steps need to know. attempt: how often it was tried. finished: 1970 while it is not.
CREATE TABLE IF NOT EXISTS night_steps
(
    night Date,
    step LowCardinality(String),
    state LowCardinality(String),
    started DateTime64(6, 'UTC'),
    finished DateTime64(6, 'UTC'),
    share Float32,
    text String CODEC(ZSTD(3)),
    result String CODEC(ZSTD(3)),
    attempt UInt8,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (night, step);
