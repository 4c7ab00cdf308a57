-- Purpose: the logins that a flag names, in order of time. Grain: one row per login. Reader: console/reading.py.
-- {from} and {to} bound the search to the days of the flag.
SELECT
    event_id, start, end, host, service, pid, user, target_user, source_ip, source_port, method, outcome, failures, command, entries
FROM login_events FINAL
WHERE has({event_ids:Array(String)}, event_id) AND start >= {from:DateTime64(6, 'UTC')} AND start < {to:DateTime64(6, 'UTC')}
ORDER BY start ASC, host ASC, event_id ASC
LIMIT 2000
