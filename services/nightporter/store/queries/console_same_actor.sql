-- Purpose: other open flags of the actor of {flag_id}. Of a {user}: all of that {night}, on other nights those from the same source, or on the
-- same server where there is no source. Of a {source} that tried several names ({user} = ''): all of that source.
-- Grain: one row per flag, those of the night first, at most 200. Reader: console/reading.py.
SELECT flag_id, night, rank, sentence
FROM
(
    SELECT flag_id, night, rank, sentence, length(arrayDistinct(JSONExtract(events, 'Array(Tuple(user String))').user)) > 1 AS several_names
    FROM flags FINAL
    WHERE flag_id != {flag_id:String}
        AND if({user:String} = '',
            source_ip = {source:String} AND (source_ip != '' OR (user = '' AND host = {host:String})),
            user = {user:String} AND (night = {night:Date} OR (source_ip = {source:String} AND (source_ip != '' OR host = {host:String}))))
        AND flag_id NOT IN (SELECT flag_id FROM verdicts GROUP BY flag_id HAVING argMax(verdict, at) != 'none')
)
WHERE {user:String} = '' OR NOT several_names
ORDER BY night = {night:Date} DESC, night DESC, rank ASC
LIMIT 1 BY flag_id
LIMIT 200
