-- Purpose: what a server delivered on each day since {from}. Grain: one row per day. Reader: console/questions/servers.py.
SELECT day, sum(lines) AS line_count, sum(unparsed) AS unparsed_count, max(last) AS last_line
FROM line_days
WHERE host = {host:String} AND day >= {from:Date}
GROUP BY day
ORDER BY day ASC
LIMIT 400
