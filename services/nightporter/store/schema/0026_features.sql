-- The work of reading features, slice by slice, so that memory does not grow with the month. A reading is a run, a partition of its own in
-- each of these tables, which it drops when it is over; what a killed one left is gone after some days. States of midnights are kept under names of their own.

-- feature_logins: the logins of a run in order of time. Grain: one login. Writer: queries/features_logins.sql.
CREATE TABLE IF NOT EXISTS feature_logins
(
    run String,
    made DateTime('UTC') DEFAULT now('UTC'),
    event_id String,
    start DateTime64(6, 'UTC'),
    pid UInt32,
    host LowCardinality(String),
    service LowCardinality(String),
    user String,
    source_ip String,
    method LowCardinality(String),
    key_fingerprint String,
    outcome LowCardinality(String),
    invalid_user Bool,
    good Bool,
    bad UInt32,
    terminal LowCardinality(String),
    steps LowCardinality(String),
    network String,
    target LowCardinality(String),
    family String,
    hour UInt8
)
ENGINE = MergeTree
PARTITION BY run
ORDER BY (run, start, event_id)
TTL made + INTERVAL 2 DAY
SETTINGS index_granularity = 2048;

-- feature_state: logins of earlier slices that are still the last of something. Grain: one login; the row of the latest slice counts.
-- roles: of what it is the last, a bit each (features/history.py); after_*: the sums up to and with it, of the keys it is the last of.
CREATE TABLE IF NOT EXISTS feature_state
(
    run String,
    made DateTime('UTC') DEFAULT now('UTC'),
    slice UInt32,
    roles UInt32,
    event_id String,
    start DateTime64(6, 'UTC'),
    pid UInt32,
    host LowCardinality(String),
    service LowCardinality(String),
    user String,
    source_ip String,
    method LowCardinality(String),
    key_fingerprint String,
    outcome LowCardinality(String),
    invalid_user Bool,
    good Bool,
    bad UInt32,
    terminal LowCardinality(String),
    steps LowCardinality(String),
    network String,
    target LowCardinality(String),
    family String,
    hour UInt8,
    after_user Array(Float64),
    after_source Array(Float64),
    after_user_host Float64,
    after_user_hour Float64
)
ENGINE = ReplacingMergeTree(slice)
PARTITION BY run
ORDER BY (run, start, event_id)
TTL made + INTERVAL 8 DAY
SETTINGS index_granularity = 2048;

-- feature_rows: the slice that is being worked on. Grain: one login of it (fresh), or one earlier login that was of use.
CREATE TABLE IF NOT EXISTS feature_rows
(
    run String,
    made DateTime('UTC') DEFAULT now('UTC'),
    fresh Bool,
    roles UInt32,
    event_id String,
    start DateTime64(6, 'UTC'),
    pid UInt32,
    host LowCardinality(String),
    service LowCardinality(String),
    user String,
    source_ip String,
    method LowCardinality(String),
    key_fingerprint String,
    outcome LowCardinality(String),
    invalid_user Bool,
    good Bool,
    bad UInt32,
    terminal LowCardinality(String),
    steps LowCardinality(String),
    network String,
    target LowCardinality(String),
    family String,
    hour UInt8,
    first_user Float64,
    last_user Float64,
    seen_user Float64,
    last_user_host Float64,
    seen_user_host Float64,
    last_user_source Float64,
    seen_user_source Float64,
    last_user_network Float64,
    last_user_key Float64,
    last_key_source Float64,
    last_user_service Float64,
    last_user_method Float64,
    last_user_family Float64,
    last_user_target Float64,
    last_user_terminal Float64,
    last_family Float64,
    last_key Float64,
    last_user_steps Float64,
    last_host_network Float64,
    last_source Float64,
    last_network Float64,
    seen_source_host Float64,
    logins_user Float64,
    logins_user_host Float64,
    logins_user_hour Float64,
    new_hosts_user_7d Float64,
    new_sources_user_7d Float64,
    new_families_user_7d Float64,
    hosts_user_1h Float64,
    hosts_user_1d Float64,
    sources_user_1d Float64,
    failures_user_10m Float64,
    failures_user_1d Float64,
    owners_source Float64,
    hosts_source_1h Float64,
    users_source_1d Float64,
    failures_source_10m Float64,
    failures_source_1d Float64,
    after_user Array(Float64),
    after_source Array(Float64),
    after_user_host Float64,
    after_user_hour Float64
)
ENGINE = MergeTree
PARTITION BY run
ORDER BY (run, start, event_id)
TTL made + INTERVAL 2 DAY
SETTINGS index_granularity = 2048;
