-- Purpose: the newest day with a login of somebody known, where a search ends by default. Grain: one row. Reader: console/questions/search.py.
SELECT count() AS days, max(day) AS newest
FROM user_days
WHERE day <= today() + 1
