-- Purpose: flags of the nights [{from}, {to}] with their newest verdicts, for the briefing. Grain: one row per flag, at most 2 000.
-- Reader: console/questions/briefing.py.
SELECT flag_id, night, rank, score, user, source_ip, host, sentence, if(latest.verdict = 'none', '', latest.verdict) AS verdict, latest.code AS code
FROM (SELECT * FROM flags FINAL WHERE night >= {from:Date} AND night <= {to:Date}) AS flag
LEFT JOIN (SELECT flag_id, argMax(verdict, at) AS verdict, argMax(code, at) AS code FROM verdicts GROUP BY flag_id) AS latest ON flag.flag_id = latest.flag_id
ORDER BY night DESC, rank ASC
LIMIT 1 BY flag_id
LIMIT 2000
