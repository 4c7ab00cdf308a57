-- Purpose: hosts that have gone silent: their newest line is older than {hours} hours, counted from the newest line of any host,
-- so that a farm whose logs are loaded once a day is not silent as a whole. Clocks more than a day ahead do not count.
-- Grain: one row per silent host, longest silence first. Reader: status.
WITH (SELECT max(time) FROM entries WHERE time < received + INTERVAL 1 DAY) AS newest
SELECT host, max(time) AS last_line, dateDiff('hour', last_line, newest) AS hours_silent
FROM entries
WHERE host != '' AND time < received + INTERVAL 1 DAY
GROUP BY host
HAVING last_line < newest - toIntervalHour({hours:UInt32})
ORDER BY last_line ASC, host ASC
LIMIT 1000
