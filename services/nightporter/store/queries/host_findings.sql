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
        FROM host_health(from = {from:DateTime('UTC')})
    )
SELECT host, hour AS at, sign.1 AS kind, sign.2 AS techniques, sign.3 AS measure
FROM
(
    SELECT
        host, hour,
        hour < toStartOfHour(now('UTC')) AS over,
        [
            ('emptied', ['T1070.002'], toFloat64(lost_bytes), truncations > 0),
            ('gap', ['T1070.002'], toFloat64(gaps), gaps > 0),
            -- the clock was set: entries can be made to look older or newer than they are
            ('clock', ['T1562'], clock_jump, clock_jump > 60),
            -- the collector lives, and nothing is logged any more, where something always was
            ('nothing_logged', ['T1562.006'], ifNull(expected_lines, 0), over AND heartbeats >= 30 AND lines = 0 AND ifNull(expected_lines, 0) >= 20),
            -- lines come, and the collector says nothing of itself, though it did so within the day before: somebody else may be sending
            ('no_heartbeat', ['T1562.001'], toFloat64(lines), over AND heartbeats = 0 AND lines > 0 AND last_beat >= hour - INTERVAL 1 DAY),
            -- neither lines nor heartbeats for whole hours, in which others reported
            ('silent', ['T1562.001'], toFloat64(arrayCount(up -> up > hour AND up < next_hour, hours_up)), heartbeats > 0 AND host NOT IN (SELECT name FROM hosts FINAL WHERE isNotNull(removed_at)))
        ] AS signs
    FROM health
    WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
)
ARRAY JOIN arrayFilter(sign -> sign.4 AND (sign.1 != 'silent' OR sign.3 > 0), signs) AS sign
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
