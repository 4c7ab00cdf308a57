-- Purpose: the flags of one night by rank, each with its newest verdict ('' = not reviewed).
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
    model_run,
    if(latest.verdict = 'none', '', latest.verdict) AS verdict
FROM (SELECT * FROM flags FINAL WHERE night = {night:Date}) AS flag
LEFT JOIN (SELECT flag_id, argMax(verdict, at) AS verdict FROM verdicts GROUP BY flag_id) AS latest ON flag.flag_id = latest.flag_id
ORDER BY rank ASC, flag_id ASC
LIMIT 2000
