-- Purpose: when a user was first seen, successful or not. Grain: one row. Reader: nightly/explain.py.
SELECT min(start) AS first
FROM login_events FINAL
WHERE user = {user:String} AND start >= {since:DateTime64(6, 'UTC')} AND outcome != 'no_auth'
