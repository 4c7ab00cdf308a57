-- Purpose: how complete each day is: lines, servers that wrote, lines nobody could read. Grain: one row per day since {from}.
-- Reader: console/questions/health.py.
SELECT day, sum(lines) AS line_count, sum(unparsed) AS unparsed_count, uniqExactIf(host, host != '') AS servers
FROM line_days
WHERE day >= {from:Date} AND day <= today() + 1
GROUP BY day
ORDER BY day ASC
LIMIT 100
