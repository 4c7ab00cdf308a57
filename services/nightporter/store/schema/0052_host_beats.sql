-- host_beats: heartbeats by the hour, so that host_health (0054) reads hours of a thousand hosts instead of their minutes.
-- counters_low, counters_high: least and most of given_up, lost_bytes, truncations, gaps within the hour; they only grow while a collector is installed.
CREATE TABLE IF NOT EXISTS host_beats
(
    host LowCardinality(String),
    hour DateTime('UTC'),
    heartbeats SimpleAggregateFunction(sum, UInt64),
    longest_lag SimpleAggregateFunction(max, Float32),
    least_offset SimpleAggregateFunction(min, Float64),
    largest_offset SimpleAggregateFunction(max, Float64),
    last_offset AggregateFunction(argMax, Float64, DateTime64(3, 'UTC')),
    boots SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    counters_low AggregateFunction(minForEach, Array(UInt64)),
    counters_high AggregateFunction(maxForEach, Array(UInt64))
)
ENGINE = AggregatingMergeTree
ORDER BY (host, hour)
TTL hour + INTERVAL 13 MONTH
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS count_heartbeats TO host_beats AS
SELECT
    host, toStartOfHour(toDateTime(received, 'UTC'), 'UTC') AS hour, count() AS heartbeats, max(lag) AS longest_lag,
    min(clock_offset) AS least_offset, max(clock_offset) AS largest_offset, argMaxState(clock_offset, received) AS last_offset,
    groupUniqArray(toString(boot_id)) AS boots,
    minForEachState([given_up, lost_bytes, toUInt64(truncations), toUInt64(gaps)]) AS counters_low,
    maxForEachState([given_up, lost_bytes, toUInt64(truncations), toUInt64(gaps)]) AS counters_high
FROM heartbeats
GROUP BY host, hour;

INSERT INTO host_beats
SELECT
    host, toStartOfHour(toDateTime(received, 'UTC'), 'UTC') AS hour, count(), max(lag), min(clock_offset), max(clock_offset), argMaxState(clock_offset, received),
    groupUniqArray(toString(boot_id)),
    minForEachState([given_up, lost_bytes, toUInt64(truncations), toUInt64(gaps)]),
    maxForEachState([given_up, lost_bytes, toUInt64(truncations), toUInt64(gaps)])
FROM heartbeats
GROUP BY host, hour;
