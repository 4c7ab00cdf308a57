-- Purpose: the flags of one night by rank, each with its newest verdict ('' = not reviewed) and all nights that it was there.
-- Grain: one row per flag. Readers: console/reading.py, cli/nights.py.
SELECT
    flag_id,
    rank,
    score,
    user,
    source_ip,
    host,
    sentence,
    reasons,
    benign_twin,
    techniques,
    events,
    nearest,
    model_run,
    shown.nights AS nights,
    if(latest.verdict = 'none', '', latest.verdict) AS verdict
FROM (SELECT * FROM flags FINAL WHERE night = {night:Date}) AS flag
INNER JOIN (SELECT flag_id, arraySort(groupArray(flags.night)) AS nights FROM flags FINAL GROUP BY flag_id) AS shown USING (flag_id)
LEFT JOIN (SELECT flag_id, argMax(verdict, at) AS verdict FROM verdicts GROUP BY flag_id) AS latest USING (flag_id)
ORDER BY rank ASC, flag_id ASC
LIMIT 2000
