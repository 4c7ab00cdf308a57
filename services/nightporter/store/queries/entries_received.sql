-- Purpose: how many entries came in over the last {days} days. Grain: one row. Reader: status.
SELECT count() AS entries
FROM entries
WHERE received >= now64(3, 'UTC') - toIntervalDay({days:UInt32})
