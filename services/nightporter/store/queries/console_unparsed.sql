-- Purpose: which programs write lines that nobody could read since {from}, and the server that has most of them.
-- Grain: one row per program with such lines, most first; '' = not even the header could be read. Reader: console/questions/health.py.
SELECT program, sum(unparsed_count) AS unread, sum(line_count) AS line_count, uniqExactIf(host, unparsed_count > 0) AS servers, argMax(host, unparsed_count) AS worst
FROM (SELECT program, host, sum(unparsed) AS unparsed_count, sum(lines) AS line_count FROM line_days WHERE day >= {from:Date} GROUP BY program, host)
GROUP BY program
HAVING unread > 0
ORDER BY unread DESC, program ASC
LIMIT 50
