-- flags: what a verdict on one flag says about others. signature: JSON of the actor and of how much each fact of its night counted
-- (nightly/feedback.py); empty on flags from before this migration, which teach nothing.
ALTER TABLE flags
    ADD COLUMN IF NOT EXISTS signature String DEFAULT '' CODEC(ZSTD(3)) AFTER events;

-- suppressions: what is not to count for a while, who answers for that, and why. Read with FINAL; one row a suppression, the newest version counts.
-- user, source (an address or a network such as 10.1.2.0/24), host, service: whom it concerns, '' for all; never all of them ''.
-- fields: reasons (their `field`) that do not count; the actor's other reasons still do. until: the last night. state: 'active' or 'ended'.
CREATE TABLE IF NOT EXISTS suppressions
(
    id String,
    created_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    owner LowCardinality(String),
    reason String CODEC(ZSTD(3)),
    until Date,
    user String CODEC(ZSTD(1)),
    source String CODEC(ZSTD(1)),
    host LowCardinality(String),
    service LowCardinality(String),
    fields Array(LowCardinality(String)),
    state LowCardinality(String),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id;
