-- Purpose: open flags of the same actor as {flag_id}'s: the same user from the same source, or on the same server where there is no source.
-- Grain: one row per flag, newest first, at most 200. Reader: console/reading.py.
WITH (SELECT (user, source_ip, host) FROM flags FINAL WHERE flag_id = {flag_id:String} ORDER BY night DESC LIMIT 1) AS actor
SELECT flag_id, night, sentence
FROM flags FINAL
WHERE flag_id != {flag_id:String} AND user = actor.1 AND source_ip = actor.2 AND (source_ip != '' OR host = actor.3)
    AND flag_id NOT IN (SELECT flag_id FROM verdicts GROUP BY flag_id HAVING argMax(verdict, at) != 'none')
ORDER BY night DESC, rank ASC
LIMIT 1 BY flag_id
LIMIT 200
