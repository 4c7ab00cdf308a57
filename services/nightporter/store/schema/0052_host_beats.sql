-- host_beats: heartbeats by the hour, so that host_health reads hours of a thousand hosts instead of their minutes.
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

DROP VIEW IF EXISTS host_health;

-- host_health: how each host reported in each hour (of receipt) in which it reported at all. Readers: queries/host_findings.sql, the console.
-- expected_lines: what it delivered in the same hour of the up to 14 days before, on average; NULL while nothing is known.
-- given_up … gaps: how far the collector's counters moved (see heartbeats); clock_jump: how far its clock moved against the receiver's, seconds.
CREATE VIEW host_health AS
WITH
delivered AS
(
    SELECT host, hour, sum(lines) AS lines, max(last_received) AS last_received
    FROM host_hours
    GROUP BY host, hour
),
beaten AS
(
    SELECT
        host, hour, sum(heartbeats) AS heartbeats, max(longest_lag) AS longest_lag, argMaxMerge(last_offset) AS clock_offset,
        min(least_offset) AS least, max(largest_offset) AS largest, length(groupUniqArrayArray(boots)) AS boots,
        minForEachMerge(counters_low) AS low, maxForEachMerge(counters_high) AS high
    FROM host_beats
    GROUP BY host, hour
),
moved AS
(
    -- a collector that was installed anew counts from nothing
    SELECT
        *,
        if(arrayExists((now, then) -> now < then, high, before), low, before) AS base,
        greatest(largest, offset_before) - least(least, offset_before) AS clock_jump
    FROM
    (
        SELECT
            *,
            if(row_number() OVER previous = 1, low, lagInFrame(high) OVER previous) AS before,
            if(row_number() OVER previous = 1, least, lagInFrame(clock_offset) OVER previous) AS offset_before
        FROM beaten
        WINDOW previous AS (PARTITION BY host ORDER BY hour ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
),
joined AS
(
    SELECT
        CAST(host, 'String') AS host, hour, lines, last_received, 0 AS heartbeats, 0. AS longest_lag, CAST(NULL, 'Nullable(Float64)') AS clock_offset, 0 AS boots,
        0 AS given_up, 0 AS lost_bytes, 0 AS truncations, 0 AS gaps, 0. AS clock_jump
    FROM delivered
    UNION ALL
    SELECT
        CAST(host, 'String'), hour, 0, toDateTime64(0, 3, 'UTC'), heartbeats, longest_lag, clock_offset, boots,
        high[1] - base[1], high[2] - base[2], high[3] - base[3], high[4] - base[4], clock_jump
    FROM moved
),
hourly AS
(
    SELECT
        host, hour, sum(lines) AS lines, max(last_received) AS last_received, sum(heartbeats) AS heartbeats, max(longest_lag) AS longest_lag,
        ifNull(any(clock_offset), 0) AS clock_offset, max(boots) AS boots, sum(given_up) AS given_up, sum(lost_bytes) AS lost_bytes,
        sum(truncations) AS truncations, sum(gaps) AS gaps, max(clock_jump) AS clock_jump
    FROM joined
    GROUP BY host, hour
)
SELECT
    host, hour, lines, last_received, heartbeats, longest_lag, clock_offset, boots, given_up, lost_bytes, truncations, gaps, clock_jump,
    avgOrNull(lines) OVER (PARTITION BY host, toHour(hour) ORDER BY hour ASC ROWS BETWEEN 14 PRECEDING AND 1 PRECEDING) AS expected_lines
FROM hourly;
