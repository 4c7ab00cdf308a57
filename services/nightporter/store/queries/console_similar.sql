-- Purpose: reviewed cases that resemble one: the same person, the same source, or the same strongest reasons; what was said of them.
-- Grain: one row per case, the most alike first. Reader: console/questions/cases.py. {fields}: the strongest reasons of the case.
-- The fields are looked for as quoted words: parsing the JSON of ten thousand flags takes a second.
WITH arrayCount(field -> position(reasons, concat('"', field, '"')) > 0, {fields:Array(String)}) AS shared
SELECT
    flag_id, night, user, source_ip, host, sentence, latest.verdict AS verdict, latest.code AS code, latest.reason AS reason, latest.who AS who,
    4 * (user = {user:String} AND user != '') + 3 * (source_ip = {source:String} AND source_ip != '') + shared AS alike
FROM (SELECT * FROM flags FINAL WHERE night >= {from:Date} AND flag_id != {flag_id:String}) AS flag
INNER JOIN
(
    SELECT flag_id, argMax(verdict, at) AS verdict, argMax(code, at) AS code, argMax(reason, at) AS reason, argMax(who, at) AS who
    FROM verdicts
    GROUP BY flag_id
    HAVING verdict != 'none'
) AS latest ON flag.flag_id = latest.flag_id
WHERE alike >= 2
ORDER BY alike DESC, night DESC, flag_id ASC
LIMIT 1 BY flag_id
LIMIT 6
