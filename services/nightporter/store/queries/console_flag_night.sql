-- Purpose: the night a flag belongs to, so that a link to the flag alone opens it.
-- Grain: one row, none when there is no such flag. Reader: console/reading.py.
SELECT night
FROM flags FINAL
WHERE flag_id = {flag_id:String}
ORDER BY night DESC
LIMIT 1
