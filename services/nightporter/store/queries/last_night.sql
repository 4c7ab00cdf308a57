-- Purpose: the newest night that was run to its end. Grain: one row, none before the first night. Reader: status.
SELECT night, finished, logins, flags
FROM model_runs
ORDER BY finished DESC
LIMIT 1
