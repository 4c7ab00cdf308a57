-- Purpose: what the features of each day between {since} and {until} are made of, as a number that changes with any of it.
-- Grain: one day with logins. Reader: features/window.py.
SELECT day, toString(sum(content)) AS content
FROM
(
    SELECT
        toDate(start) AS day,
        cityHash64(event_id, pid, host, service, user, start, source_ip, method, key_fingerprint, outcome, invalid_user, failures,
            session_opened IS NULL, tty, target_user, command) AS content
    FROM login_events FINAL
    WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')} AND outcome != 'no_auth'
    UNION ALL
    SELECT day, cityHash64(address, host, min(first))
    FROM host_addresses
    WHERE day >= toDate({since:DateTime64(6, 'UTC')}) AND day < toDate({until:DateTime64(6, 'UTC')})
    GROUP BY address, host, day
)
GROUP BY day
