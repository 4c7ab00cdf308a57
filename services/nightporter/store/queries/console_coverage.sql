-- Purpose: whether there are logins at all and up to when, to say what to do while no night was scored.
-- Grain: one row. Reader: console/reading.py.
SELECT count() AS logins, toDate(max(start)) AS newest
FROM login_events FINAL
