-- Purpose: how many lines of a day nobody could read, and how many are from the future; whose clocks are wrong.
-- Grain: one row. Reader: nightly/checks.py. Lines of a day arrive after it has begun, so older partitions are not read.
WITH clocks AS
(
    SELECT host, quantileExact(0.5)(clock_offset) AS apart
    FROM heartbeats
    WHERE received >= {night:DateTime64(6, 'UTC')} AND received < {until:DateTime64(6, 'UTC')}
    GROUP BY host
)
SELECT
    count() AS lines,
    countIf(kind = 'unparsed') AS unparsed,
    uniqExactIf(host, time > received + INTERVAL 5 MINUTE) AS ahead,
    (SELECT countIf(abs(apart) > 60) FROM clocks) AS wrong,
    (SELECT count() FROM clocks) AS clocks
FROM entries
WHERE received >= {night:DateTime64(6, 'UTC')} - INTERVAL 1 DAY AND time >= {night:DateTime64(6, 'UTC')} AND time < {until:DateTime64(6, 'UTC')}
