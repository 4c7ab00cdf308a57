-- Purpose: the runs of the nights, newest first, with their records. Grain: one row per run, at most {most}. Readers: console/questions/models.py, briefing.py.
SELECT model_run, night, started, finished, logins, flags, summary
FROM model_runs
ORDER BY night DESC, finished DESC
LIMIT 1 BY night
LIMIT {most:UInt16}
