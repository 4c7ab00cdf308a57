-- Purpose: one login by its id. Grain: one row, none when there is no such login. Reader: cli/explain.py.
SELECT
    event_id, start, end, host, service, pid, user, target_user, source_ip, source_port, method, outcome, failures, command, entries
FROM login_events FINAL
WHERE event_id = {event_id:String}
LIMIT 1
