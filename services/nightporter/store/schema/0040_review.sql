-- verdicts: the reason as one of a few codes, so that reasons can be counted; the model that had raised the flag.
-- A verdict 'none' takes back what was said before: the flag is open again.
ALTER TABLE verdicts
    ADD COLUMN IF NOT EXISTS code LowCardinality(String) DEFAULT '' AFTER verdict,
    ADD COLUMN IF NOT EXISTS model_run LowCardinality(String) DEFAULT '';

-- audit: who did what in the console or on the command line. Appended only; grain: one action.
CREATE TABLE IF NOT EXISTS audit
(
    at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    who LowCardinality(String),
    action LowCardinality(String),
    about String CODEC(ZSTD(3)),
    detail String CODEC(ZSTD(3)),
    address LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY at;

-- reveals: requests to see the person behind a pseudonym, and what a second person said to them. Appended only; grain: one step of one
-- request (asked, granted, refused, ended); `until` is set when it is granted, and it ends by itself then.
CREATE TABLE IF NOT EXISTS reveals
(
    id String,
    at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    state LowCardinality(String),
    who LowCardinality(String),
    user String CODEC(ZSTD(1)),
    reason String CODEC(ZSTD(3)),
    until DateTime('UTC') DEFAULT 0
)
ENGINE = MergeTree
ORDER BY (id, at);
