-- Purpose: the names of people, for their pseudonyms: whoever a server knew. Grain: one row per name. Reader: console/pseudonyms.py.
SELECT user
FROM user_days
GROUP BY user
LIMIT 200000
