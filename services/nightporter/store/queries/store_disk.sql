-- Purpose: how much room the store's disks have left, on whichever machine the store is.
-- Grain: one row, the fullest disk; in bytes. Readers: status, doctor, Health.
SELECT free_space AS free, total_space AS total
FROM system.disks
ORDER BY free ASC
LIMIT 1
