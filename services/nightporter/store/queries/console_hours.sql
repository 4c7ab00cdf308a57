-- Purpose: when a person logs in: days with a login in each hour of the week, since {from}. Grain: weekday (1 = Monday) and hour, UTC.
-- Reader: console/questions/people.py.
SELECT toUInt8(arrayElement(splitByChar(' ', value), 1)) AS weekday, toUInt8(arrayElement(splitByChar(' ', value), 2)) AS hour, uniqExact(day) AS days
FROM user_days
WHERE user = {user:String} AND kind = 'hour' AND day >= {from:Date}
GROUP BY value
ORDER BY weekday ASC, hour ASC
