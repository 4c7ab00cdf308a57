-- Purpose: what is usual for one source in the days [{from}, {to}): whom it was let in as, whom refused as, and on which servers.
-- Grain: one row per kind and value, at most {each} of a kind, commonest first. Reader: console/reading.py.
-- First the rows in question by the index of sources, then their newest versions.
SELECT kind, value, uniqExact(toDate(start)) AS days, min(start) AS first_seen, max(start) AS last_seen
FROM login_events FINAL
ARRAY JOIN
    [if(outcome = 'success', 'let in as', 'refused as'), if(outcome = 'success', 'let in on', 'refused on')] AS kind,
    [user, toString(host)] AS value
WHERE (host, service, pid, start, event_id) IN
(
    SELECT host, service, pid, start, event_id FROM login_events
    WHERE source_ip = {source:String} AND start >= toDateTime64({from:Date}, 6, 'UTC') AND start < toDateTime64({to:Date}, 6, 'UTC')
    LIMIT 20000
)
    AND source_ip = {source:String}
GROUP BY kind, value
ORDER BY indexOf(['let in as', 'let in on', 'refused as', 'refused on'], kind) ASC, days DESC, last_seen DESC, value ASC
LIMIT {each:UInt16} BY kind
LIMIT 2000
