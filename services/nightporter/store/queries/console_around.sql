-- Purpose: what else a person (else a source) did around a flag, to see it in its sequence. Grain: one row per login, at most 500.
-- Reader: console/reading.py. First the rows in question by the index of names, then their newest versions.
SELECT event_id, start, end, host, service, user, source_ip, outcome
FROM login_events FINAL
WHERE (host, service, pid, start, event_id) IN
(
    SELECT host, service, pid, start, event_id FROM login_events
    WHERE start >= {from:DateTime64(6, 'UTC')} AND start < {to:DateTime64(6, 'UTC')}
        AND ({user:String} = '' OR user = {user:String}) AND ({source:String} = '' OR source_ip = {source:String})
    LIMIT 2000
)
ORDER BY start ASC, event_id ASC
LIMIT 500
