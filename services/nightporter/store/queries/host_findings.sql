-- Purpose: what in the way hosts reported between {since} and {until} looks like tampering with logs or with the collector.
-- Grain: one row per host, hour and kind. Readers: store/hosts.py for `status`; the night by queries/night_findings.sql.
WITH
    -- hours in which anybody reported: when nobody did, it was the appliance that was away
    (SELECT groupUniqArray(hour) FROM host_beats WHERE hour >= {since:DateTime('UTC')} - INTERVAL 1 DAY) AS hours_up,
    health AS
    (
        SELECT
            *,
            maxIf(hour, heartbeats > 0) OVER (PARTITION BY host ORDER BY hour ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_beat,
            leadInFrame(hour, 1, toStartOfHour(now('UTC'))) OVER (PARTITION BY host ORDER BY hour ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_hour
        FROM host_health
    ),
    tonight AS
    (
        SELECT * FROM health WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
    )
SELECT host, hour AS at, 'emptied' AS kind, ['T1070.002'] AS techniques, toFloat64(lost_bytes) AS measure FROM tonight WHERE truncations > 0
UNION ALL
SELECT host, hour, 'gap', ['T1070.002'], toFloat64(gaps) FROM tonight WHERE gaps > 0
UNION ALL
-- the clock was set: entries can be made to look older or newer than they are
SELECT host, hour, 'clock', ['T1562'], clock_jump FROM tonight WHERE clock_jump > 60
UNION ALL
-- the collector lives, and nothing is logged any more, where something always was
SELECT host, hour, 'nothing_logged', ['T1562.006'], assumeNotNull(expected_lines)
FROM tonight
WHERE hour < toStartOfHour(now('UTC')) AND heartbeats >= 30 AND lines = 0 AND expected_lines >= 20
UNION ALL
-- lines come, and the collector says nothing of itself, though it did so within the day before: somebody else may be sending
SELECT host, hour, 'no_heartbeat', ['T1562.001'], toFloat64(lines)
FROM tonight
WHERE hour < toStartOfHour(now('UTC')) AND heartbeats = 0 AND lines > 0 AND last_beat >= hour - INTERVAL 1 DAY
UNION ALL
-- neither lines nor heartbeats for whole hours, in which others reported
SELECT host, hour, 'silent', ['T1562.001'], toFloat64(arrayCount(up -> up > hour AND up < next_hour, hours_up)) AS hours
FROM tonight
WHERE heartbeats > 0 AND hours > 0 AND host NOT IN (SELECT name FROM hosts FINAL WHERE isNotNull(removed_at))
UNION ALL
-- a part of the log between two deliveries that nobody sent; a file that begins anew (0) is another one
SELECT CAST(host, 'String'), toStartOfHour(toDateTime(received, 'UTC'), 'UTC') AS at, 'skipped', ['T1562.001'], toFloat64(sum(read_from - reached))
FROM
(
    SELECT
        host, received, read_from,
        row_number() OVER (PARTITION BY host, stream, begun ORDER BY received ASC, read_from ASC) AS nth,
        max(read_to) OVER (PARTITION BY host, stream, begun ORDER BY received ASC, read_from ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM
    (
        SELECT *, countIf(read_from = 0) OVER (PARTITION BY host, stream ORDER BY received ASC, read_from ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS begun
        FROM host_stretches
        WHERE received >= {since:DateTime('UTC')} - INTERVAL 3 DAY AND received < {until:DateTime('UTC')}
    )
)
WHERE nth > 1 AND read_from > reached AND received >= {since:DateTime('UTC')}
GROUP BY host, at
UNION ALL
-- a session that nobody was let into: the line that let them in is missing
SELECT CAST(host, 'String'), toStartOfHour(toDateTime(start, 'UTC'), 'UTC') AS at, 'session_without_login', ['T1070.002'], toFloat64(count())
FROM login_events FINAL
WHERE service = 'sshd' AND isNotNull(session_opened) AND method = '' AND start >= {since:DateTime('UTC')} AND start < {until:DateTime('UTC')}
GROUP BY host, at
