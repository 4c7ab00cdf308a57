-- Purpose: who comes to a server, since {from}: people, from where and how often. Grain: one row per user and outcome, commonest first.
-- Reader: console/questions/servers.py.
SELECT
    user, outcome = 'success' AS let_in, count() AS logins, uniqExact(toDate(start)) AS days, uniqExact(source_ip) AS sources,
    arrayStringConcat(topK(3)(toString(service)), ', ') AS programs, min(start) AS first_seen, max(start) AS last_seen
FROM login_events FINAL
WHERE host = {host:String} AND start >= {from:DateTime64(6, 'UTC')} AND outcome != 'no_auth'
GROUP BY user, let_in
ORDER BY let_in DESC, days DESC, logins DESC, user ASC
LIMIT 500
