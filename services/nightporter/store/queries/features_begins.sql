-- Purpose: where the slices of run {run} begin, so that each holds about {slice} logins: all that one statement has in memory.
-- Grain: one slice; one begins at {keep_at}, and none is shorter than a minute. Reader: features/history.py.
SELECT min(minute) AS begin
FROM
(
    SELECT minute, minute >= {keep_at:DateTime64(6, 'UTC')} AS late, intDiv(sum(logins) OVER (PARTITION BY late ORDER BY minute ASC) - 1, {slice:UInt32}) AS slice
    FROM (SELECT toStartOfMinute(start) AS minute, count() AS logins FROM feature_logins WHERE run = {run:String} GROUP BY minute)
)
GROUP BY late, slice
ORDER BY begin
