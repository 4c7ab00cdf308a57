-- Purpose: a few lines of a program that nobody could read, of the server that has most. Grain: one row per line, at most 5.
-- Reader: console/questions/health.py.
SELECT if(startsWith(header, '{'), header, concat(header, message)) AS line
FROM entries
WHERE host = {host:String} AND kind = 'unparsed' AND program = {program:String}
LIMIT 5
