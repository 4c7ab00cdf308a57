-- Purpose: how much is stored and how much room it takes. Rows are as stored: a line delivered twice may count twice for a while.
-- Grain: one row per table, in bytes on disk. Reader: status.
SELECT name AS table, ifNull(total_rows, 0) AS rows, ifNull(total_bytes, 0) AS bytes
FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
ORDER BY table ASC
