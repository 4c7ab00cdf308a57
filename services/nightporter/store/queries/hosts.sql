-- Purpose: how each server reports: those expected, and those that report though nobody expects them. Empty {names}: all.
-- Grain: one row per host, by name. Reader: store/hosts.py, for `hosts list`, `status`, `doctor` and verify.yml.
WITH
expected AS
(
    SELECT name AS host, expected_since, certificate_until FROM hosts FINAL WHERE isNull(removed_at)
),
removed AS
(
    SELECT name FROM hosts FINAL WHERE isNotNull(removed_at)
),
beats AS
(
    SELECT
        CAST(host, 'String') AS host, max(received) AS last_heartbeat, argMax(lag, received) AS lag, argMax(clock_offset, received) AS clock_offset,
        argMax(version, received) AS version, argMax(system, received) AS system, argMax(given_up, received) AS given_up
    FROM heartbeats
    WHERE received > now64(3) - INTERVAL 30 DAY
    GROUP BY host
),
delivered AS
(
    SELECT CAST(host, 'String') AS host, max(last_received) AS last_lines, sumIf(lines, hour >= now() - INTERVAL 1 DAY) AS lines_day
    FROM host_hours
    GROUP BY host
),
refused AS
(
    SELECT CAST(host, 'String') AS host, max(received) AS last_refusal, argMax(reason, received) AS refusal
    FROM parked
    WHERE line = '' AND received > now64(3) - INTERVAL 7 DAY
    GROUP BY host
),
unread AS
(
    SELECT CAST(host, 'String') AS host, count() AS unparsed_day
    FROM entries
    WHERE kind = 'unparsed' AND received > now64(3) - INTERVAL 1 DAY AND host IN (SELECT host FROM delivered)
    GROUP BY host
),
names AS
(
    SELECT host FROM expected
    UNION DISTINCT
    SELECT host FROM beats WHERE host NOT IN (SELECT name FROM removed)
    UNION DISTINCT
    SELECT host FROM delivered WHERE host NOT IN (SELECT name FROM removed)
    UNION DISTINCT
    -- removed, and its collector does not know
    SELECT host FROM refused WHERE last_refusal > now64(3) - INTERVAL 1 HOUR
)
SELECT
    host, toUnixTimestamp(expected_since) AS expected_since, toUnixTimestamp(certificate_until) AS certificate_until,
    toUnixTimestamp64Milli(last_heartbeat) / 1000 AS last_heartbeat, toUnixTimestamp64Milli(last_lines) / 1000 AS last_lines, lines_day,
    lag, clock_offset, version, system, given_up, toUnixTimestamp64Milli(last_refusal) / 1000 AS last_refusal, refusal, unparsed_day
FROM names
LEFT JOIN expected USING (host)
LEFT JOIN beats USING (host)
LEFT JOIN delivered USING (host)
LEFT JOIN refused USING (host)
LEFT JOIN unread USING (host)
WHERE empty({names:Array(String)}) OR has({names:Array(String)}, host)
ORDER BY host ASC
