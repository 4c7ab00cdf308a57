-- Purpose: on which days there are logins to learn from or to score. Grain: one row per day. Reader: nightly/night.py.
SELECT toDate(start) AS day, count() AS logins
FROM login_events FINAL
WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')} AND outcome != 'no_auth'
GROUP BY day
ORDER BY day ASC
