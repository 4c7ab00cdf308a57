-- Purpose: how much is stored and how much room it takes. Rows are as stored: a line delivered twice may count twice for a while.
-- Grain: one row per table, in bytes. Reader: status.
SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes
FROM system.parts
WHERE active AND database = currentDatabase()
GROUP BY table
ORDER BY table ASC
