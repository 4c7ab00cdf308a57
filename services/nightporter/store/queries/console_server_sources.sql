-- Purpose: from where a server is entered, since {from}. Grain: one row per source, commonest first. Reader: console/questions/servers.py.
SELECT
    source_ip, countIf(outcome = 'success') AS let_in, countIf(outcome != 'success') AS refused, uniqExact(user) AS users,
    uniqExact(toDate(start)) AS days, min(start) AS first_seen, max(start) AS last_seen
FROM login_events FINAL
WHERE host = {host:String} AND start >= {from:DateTime64(6, 'UTC')} AND source_ip != ''
GROUP BY source_ip
ORDER BY let_in DESC, refused DESC, source_ip ASC
LIMIT 500
