-- Purpose: one login by its id. Grain: one row, none when there is no such login. Readers: cli/explain.py, console/questions/search.py.
SELECT
    event_id, start, end, host, service, pid, user, target_user, source_ip, source_port, method, outcome, failures, command, entries
FROM login_events FINAL
WHERE (host, service, pid, start, event_id) IN (SELECT host, service, pid, start, event_id FROM login_events WHERE event_id = {event_id:String})
LIMIT 1
