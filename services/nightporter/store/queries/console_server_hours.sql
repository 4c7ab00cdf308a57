-- Purpose: when a server is entered, since {from}: days with a successful login in each hour of the week. Grain: weekday (1 = Monday) and hour, UTC.
-- Reader: console/questions/servers.py.
SELECT toDayOfWeek(start) AS weekday, toHour(start) AS hour, uniqExact(toDate(start)) AS days
FROM login_events FINAL
WHERE host = {host:String} AND start >= {from:DateTime64(6, 'UTC')} AND outcome = 'success' AND service != 'cron'
GROUP BY weekday, hour
ORDER BY weekday ASC, hour ASC
