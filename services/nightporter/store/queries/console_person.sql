-- Purpose: whether and how a person is known; first and last seen by a login that succeeded, for who never had one by any attempt.
-- Grain: one row; days = 0 for nobody. Reader: console/questions/people.py.
SELECT
    uniqExact(day) AS days,
    if(countIf(kind != 'refused') > 0, minIf(first, kind != 'refused'), min(first)) AS first_seen,
    if(countIf(kind != 'refused') > 0, maxIf(last, kind != 'refused'), max(last)) AS last_seen,
    uniqExactIf(value, kind = 'server') AS servers,
    uniqExactIf(value, kind = 'source') AS sources,
    uniqExactIf(value, kind = 'key') AS keys,
    uniqExactIf(day, kind = 'refused') AS refused_days
FROM user_days
WHERE user = {user:String} AND day >= {from:Date}
