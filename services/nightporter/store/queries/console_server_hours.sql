-- Purpose: when people enter a server, since {from}: days with a successful login in each hour of the week. Grain: weekday (1 = Monday) and hour, UTC.
-- Reader: console/questions/servers.py.
-- Not counted: cron, and accounts that come around the clock (monitoring, backups), which would fill every hour.
SELECT toDayOfWeek(start) AS weekday, toHour(start) AS hour, uniqExact(toDate(start)) AS days
FROM login_events FINAL
WHERE host = {host:String} AND start >= {from:DateTime64(6, 'UTC')} AND outcome = 'success' AND service != 'cron'
    AND user NOT IN
    (
        SELECT user FROM login_events
        WHERE host = {host:String} AND start >= {from:DateTime64(6, 'UTC')} AND outcome = 'success' AND service != 'cron'
        GROUP BY user
        HAVING uniqExact(toHour(start)) > 20
    )
GROUP BY weekday, hour
ORDER BY weekday ASC, hour ASC
