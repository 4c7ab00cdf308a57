-- Purpose: what is usual for one user in the days [{from}, {to}): servers, sources, keys, programs, targets, commands of successful logins,
-- with the days they were seen on. Grain: one row per kind and value, at most {each} of a kind, commonest first.
-- Readers: console/reading.py, cli/explain.py.
SELECT kind, value, uniqExact(day) AS days, min(first) AS first_seen, max(last) AS last_seen
FROM user_days
WHERE user = {user:String} AND day >= {from:Date} AND day < {to:Date} AND kind IN ('server', 'source', 'key', 'program', 'becomes', 'command')
GROUP BY kind, value
ORDER BY indexOf(['server', 'source', 'key', 'program', 'becomes', 'command'], kind) ASC, days DESC, last_seen DESC, value ASC
LIMIT {each:UInt16} BY kind
LIMIT 2000
