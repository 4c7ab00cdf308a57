-- canary_logins: planted attacks of the night that is being checked, as rows of login_events; read only together with it,
-- by the gate, which then drops the night's partition. They are never among what is scored, flagged or shown.
CREATE TABLE IF NOT EXISTS canary_logins AS login_events
ENGINE = MergeTree
PARTITION BY substring(event_id, 1, 11)
ORDER BY (event_id, start);
