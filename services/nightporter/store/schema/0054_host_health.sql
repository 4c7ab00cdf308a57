DROP VIEW IF EXISTS host_health;

-- host_health: how each host reported in each hour (of receipt) in which it reported at all. Reader: queries/host_findings.sql.
-- {from}: the first hour that is looked at, 15 days before the first that is of interest. A thousand hosts have nine million hours in a year.
-- expected_lines: what it delivered in the same hour of the up to 14 days before, on average; NULL while nothing is known.
-- given_up … gaps: how far the collector's counters moved (see heartbeats); clock_jump: how far its clock moved against the receiver's, seconds.
CREATE VIEW host_health AS
WITH
delivered AS
(
    SELECT host, hour, sum(lines) AS lines, max(last_received) AS last_received
    FROM host_hours
    WHERE hour >= {from:DateTime('UTC')}
    GROUP BY host, hour
),
beaten AS
(
    SELECT
        host, hour, sum(heartbeats) AS heartbeats, max(longest_lag) AS longest_lag, argMaxMerge(last_offset) AS clock_offset,
        min(least_offset) AS least, max(largest_offset) AS largest, length(groupUniqArrayArray(boots)) AS boots,
        minForEachMerge(counters_low) AS low, maxForEachMerge(counters_high) AS high
    FROM host_beats
    WHERE hour >= {from:DateTime('UTC')}
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
