-- host_health: how each host reported in each hour (of receipt) in which it reported at all. Readers: queries/host_findings.sql, the console.
-- expected_lines: what it delivered in the same hour of the up to 14 days before, on average; NULL while nothing is known.
-- given_up … gaps: how far the collector's counters moved (see heartbeats); clock_jump: the largest change of its clock against the receiver's, seconds.
CREATE VIEW IF NOT EXISTS host_health AS
WITH
delivered AS
(
    SELECT host, hour, sum(lines) AS lines, max(last_received) AS last_received
    FROM host_hours
    GROUP BY host, hour
),
beats AS
(
    SELECT
        host, toStartOfHour(toDateTime(received, 'UTC'), 'UTC') AS hour, received, lag, clock_offset, boot_id,
        if(nth = 1, 0, greatest(toInt64(given_up) - lagInFrame(toInt64(given_up)) OVER previous, 0)) AS given_up_now,
        if(nth = 1, 0, greatest(toInt64(lost_bytes) - lagInFrame(toInt64(lost_bytes)) OVER previous, 0)) AS lost_bytes_now,
        if(nth = 1, 0, greatest(toInt64(truncations) - lagInFrame(toInt64(truncations)) OVER previous, 0)) AS truncations_now,
        if(nth = 1, 0, greatest(toInt64(gaps) - lagInFrame(toInt64(gaps)) OVER previous, 0)) AS gaps_now,
        if(nth = 1, 0, abs(clock_offset - lagInFrame(clock_offset) OVER previous)) AS jump
    FROM (SELECT *, row_number() OVER (PARTITION BY host ORDER BY received ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS nth FROM heartbeats)
    WINDOW previous AS (PARTITION BY host ORDER BY received ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
beaten AS
(
    SELECT
        host, hour, count() AS heartbeats, max(lag) AS longest_lag, argMax(clock_offset, received) AS clock_offset, uniqExact(boot_id) AS boots,
        sum(given_up_now) AS given_up, sum(lost_bytes_now) AS lost_bytes, sum(truncations_now) AS truncations, sum(gaps_now) AS gaps, max(jump) AS clock_jump
    FROM beats
    GROUP BY host, hour
),
joined AS
(
    SELECT
        CAST(host, 'String') AS host, hour, lines, last_received, 0 AS heartbeats, 0. AS longest_lag, CAST(NULL, 'Nullable(Float64)') AS clock_offset, 0 AS boots,
        0 AS given_up, 0 AS lost_bytes, 0 AS truncations, 0 AS gaps, 0. AS clock_jump
    FROM delivered
    UNION ALL
    SELECT CAST(host, 'String'), hour, 0, toDateTime64(0, 3, 'UTC'), heartbeats, longest_lag, clock_offset, boots, given_up, lost_bytes, truncations, gaps, clock_jump
    FROM beaten
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
