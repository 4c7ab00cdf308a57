-- Purpose: who was let in on {host} between {from} and {to}, newest first. Grain: one row per login, at most {most}. Reader: nightly/tampering.py.
SELECT event_id, host, service, user, pid, start
FROM login_events FINAL
WHERE host = {host:String} AND start >= {from:DateTime('UTC')} AND start < {to:DateTime('UTC')} AND outcome = 'success'
ORDER BY start DESC, event_id ASC
LIMIT {most:UInt32}
