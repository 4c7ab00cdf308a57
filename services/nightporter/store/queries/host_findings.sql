-- Purpose: what in the way hosts reported between {since} and {until} looks like tampering with logs or with the collector.
-- Grain: one row per host, hour and kind, newest first. Readers: `status`, the night.
SELECT *
FROM
(
    SELECT host, hour AS at, 'emptied' AS kind, ['T1070.002'] AS techniques, toFloat64(lost_bytes) AS measure
    FROM host_health
    WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND truncations > 0
    UNION ALL
    SELECT host, hour, 'gap', ['T1070.002'], toFloat64(gaps)
    FROM host_health
    WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND gaps > 0
    UNION ALL
    -- the clock was set: entries can be made to look older or newer than they are
    SELECT host, hour, 'clock', ['T1562'], clock_jump
    FROM host_health
    WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND clock_jump > 60
    UNION ALL
    -- the collector lives, and nothing is logged any more, where something always was
    SELECT host, hour, 'nothing_logged', ['T1562.006'], assumeNotNull(expected_lines)
    FROM host_health
    WHERE hour >= {since:DateTime('UTC')} AND hour < least({until:DateTime('UTC')}, toStartOfHour(now('UTC'))) AND heartbeats >= 30 AND lines = 0 AND expected_lines >= 20
    UNION ALL
    -- lines come, and the collector says nothing of itself, though it did so within the day before: somebody else may be sending
    SELECT host, hour, 'no_heartbeat', ['T1562.001'], toFloat64(lines)
    FROM
    (
        SELECT
            host, hour, lines, heartbeats,
            maxIf(hour, heartbeats > 0) OVER (PARTITION BY host ORDER BY hour ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_beat
        FROM host_health
    )
    WHERE hour >= {since:DateTime('UTC')} AND hour < least({until:DateTime('UTC')}, toStartOfHour(now('UTC')))
        AND heartbeats = 0 AND lines > 0 AND last_beat >= hour - INTERVAL 1 DAY
    UNION ALL
    -- a session that nobody was let into: the line that let them in is missing
    SELECT CAST(host, 'String'), toStartOfHour(toDateTime(start, 'UTC'), 'UTC') AS at, 'session_without_login', ['T1070.002'], toFloat64(count())
    FROM login_events FINAL
    WHERE service = 'sshd' AND isNotNull(session_opened) AND method = '' AND start >= {since:DateTime('UTC')} AND start < {until:DateTime('UTC')}
    GROUP BY host, at
)
ORDER BY at DESC, host ASC, kind ASC
LIMIT 1000
