-- hosts: which servers are to report, from the inventory; read with FINAL. A host that is enrolled again after its removal has removed_at NULL again.
-- certificate_until: when its newest certificate ends.
CREATE TABLE IF NOT EXISTS hosts
(
    name String,
    expected_since DateTime('UTC'),
    removed_at Nullable(DateTime('UTC')),
    certificate_until DateTime('UTC'),
    version UInt64 DEFAULT toUInt64(toUnixTimestamp64Micro(now64(6)))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY name;

-- deliveries: the receiver's door. One row per batch of whole lines of one host, whose name its certificate proved. Nothing is stored here.
-- boot_id, origin: the host's boot, and where it read the lines (journal, or a file's path); zone: of lines that name none.
CREATE TABLE IF NOT EXISTS deliveries
(
    received DateTime64(3, 'UTC'),
    host String,
    zone String,
    boot_id String,
    origin String,
    lines UInt32,
    block String
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS split_deliveries TO lines AS
SELECT arrayJoin(splitByChar('\n', block)) AS line, received, toUInt16(0) AS year, zone, CAST(map(), 'Map(String, String)') AS zones, host AS source
FROM deliveries
WHERE line != '';

-- host_hours: what each host delivered in each hour (of receipt). A batch that is sent twice counts twice: this is about the sender, not the log.
CREATE TABLE IF NOT EXISTS host_hours
(
    host LowCardinality(String),
    hour DateTime('UTC'),
    deliveries SimpleAggregateFunction(sum, UInt64),
    lines SimpleAggregateFunction(sum, UInt64),
    bytes SimpleAggregateFunction(sum, UInt64),
    last_received SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (host, hour)
TTL hour + INTERVAL 13 MONTH
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS count_deliveries TO host_hours AS
SELECT host, toStartOfHour(toDateTime(received, 'UTC'), 'UTC') AS hour, count() AS deliveries, sum(lines) AS lines, sum(length(block)) AS bytes, max(received) AS last_received
FROM deliveries
GROUP BY host, hour;

-- heartbeats: what each collector says of itself each minute. Counters count from the collector's first start and survive its restarts.
-- at: the host's clock; clock_offset: that clock less the receiver's, in seconds. lag: age of the oldest line not yet delivered, in seconds.
-- given_up: lines that could not be kept until they could be sent; lost_bytes: of log files that were gone before they were read;
-- truncations: files that became shorter without a copy of what was cut; gaps: places where the journal lacked what should have come next.
CREATE TABLE IF NOT EXISTS heartbeats
(
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    host LowCardinality(String),
    at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    clock_offset Float64 CODEC(ZSTD(1)),
    boot_id LowCardinality(String),
    version LowCardinality(String),
    system LowCardinality(String),
    origins Array(LowCardinality(String)),
    lag Float32 CODEC(ZSTD(1)),
    backlog_bytes UInt64 CODEC(ZSTD(1)),
    spool_bytes UInt64 CODEC(ZSTD(1)),
    lines_read UInt64 CODEC(ZSTD(1)),
    lines_sent UInt64 CODEC(ZSTD(1)),
    given_up UInt64 CODEC(ZSTD(1)),
    lost_bytes UInt64 CODEC(ZSTD(1)),
    truncations UInt32 CODEC(ZSTD(1)),
    gaps UInt32 CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (host, received)
TTL toDateTime(received) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;

-- parked: rows and requests the receiver did not take, and why; the rest of the batch was stored.
CREATE TABLE IF NOT EXISTS parked
(
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    host LowCardinality(String),
    reason LowCardinality(String),
    line String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (host, received)
TTL toDateTime(received) + INTERVAL 30 DAY;
