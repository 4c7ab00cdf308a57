-- Purpose: the logins that a flag names, in order of time. Grain: one row per login. Reader: console/reading.py.
-- {hosts} (empty: all), {from} and {to} bound the search.
SELECT
    event_id, start, end, host, service, pid, user, target_user, source_ip, source_port, method, outcome, failures, command, entries
FROM login_events FINAL
WHERE (empty({hosts:Array(String)}) OR host IN ({hosts:Array(String)})) AND start >= {from:DateTime64(6, 'UTC')} AND start < {to:DateTime64(6, 'UTC')}
    AND event_id IN ({event_ids:Array(String)})
ORDER BY start ASC, host ASC, event_id ASC
LIMIT 2000
