-- models: the trained models that are kept, as the folder of models said when it was last looked at. Read with FINAL; one row a run.
-- The weights are files beside the worker; the console sees only this. state: 'current' (the next night goes on from it and is compared
-- with it), 'kept' or 'gone'. passed: it has been the current one at some time. fits: made for the fields that the program has.
CREATE TABLE IF NOT EXISTS models
(
    run String,
    night Date,
    state LowCardinality(String),
    passed Bool,
    fits Bool,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY run;

-- model_choices: an admin asked for a kept model to become the current one, and what became of that. Appended only; grain: one step of one
-- request. state: 'asked' (text: why), 'done' or 'refused' (text: what was found) by whoever runs the nights.
CREATE TABLE IF NOT EXISTS model_choices
(
    id String,
    at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    state LowCardinality(String),
    who LowCardinality(String),
    run String,
    text String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (id, at);
