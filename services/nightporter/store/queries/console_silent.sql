-- Purpose: servers whose newest log line is older than {hours} hours, counted from the newest line of any server, of those that wrote in the
-- last 60 days. Grain: one row per server, longest silence first. Readers: console/questions/health.py, briefing.py.
WITH (SELECT max(last) FROM line_days WHERE day >= today() - 60) AS newest
SELECT host, max(last) AS last_line, dateDiff('hour', last_line, newest) AS hours_silent
FROM line_days
WHERE day >= today() - 60 AND host != ''
GROUP BY host
HAVING last_line < newest - toIntervalHour({hours:UInt32})
ORDER BY last_line ASC, host ASC
LIMIT 500
