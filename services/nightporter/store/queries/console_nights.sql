-- Purpose: the nights that were scored, newest first, with how many flags each has and how many of them were reviewed.
-- Grain: one row per night, also for a night without flags. Reader: console/reading.py.
SELECT scored.night AS night, found.flags AS flags, found.reviewed AS reviewed
FROM (SELECT DISTINCT night FROM model_runs) AS scored
LEFT JOIN
(
    SELECT night, count() AS flags,
        countIf(flag_id IN (SELECT flag_id FROM verdicts GROUP BY flag_id HAVING argMax(verdict, at) != 'none')) AS reviewed
    FROM flags FINAL
    GROUP BY night
) AS found ON scored.night = found.night
ORDER BY night DESC
LIMIT 400
