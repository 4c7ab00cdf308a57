-- Purpose: flags of a person, a server or a source ('' = any), newest first, each with its newest verdict ('' = open).
-- Grain: one row per flag, at most {most}. Readers: console/questions/people.py, servers.py, cases.py.
SELECT flag_id, night, rank, score, user, source_ip, host, sentence, if(latest.verdict = 'none', '', latest.verdict) AS verdict
FROM
(
    SELECT * FROM flags FINAL
    WHERE night >= {from:Date}
        AND ({user:String} = '' OR user = {user:String}) AND ({host:String} = '' OR host = {host:String}) AND ({source:String} = '' OR source_ip = {source:String})
) AS flag
LEFT JOIN (SELECT flag_id, argMax(verdict, at) AS verdict FROM verdicts GROUP BY flag_id) AS latest ON flag.flag_id = latest.flag_id
ORDER BY night DESC, rank ASC
LIMIT 1 BY flag_id
LIMIT {most:UInt16}
