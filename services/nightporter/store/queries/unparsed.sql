-- Purpose: which programs write lines that nobody could read, and how large their share is, over the last {days} days of receipt.
-- Grain: one row per program with at least one such line, most lines first; '' = not even the header could be read. Reader: status.
SELECT
    program,
    countIf(kind = 'unparsed') AS unparsed,
    count() AS entries,
    unparsed / entries AS share,
    uniqExactIf(host, kind = 'unparsed') AS hosts
FROM entries
WHERE received >= now64(3, 'UTC') - toIntervalDay({days:UInt32})
GROUP BY program
HAVING unparsed > 0
ORDER BY unparsed DESC, program ASC
LIMIT 50
