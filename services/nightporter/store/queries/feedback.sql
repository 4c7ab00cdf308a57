-- Purpose: what reviewers said of flags of the nights before, and what those flags were like.
-- Grain: one row per flag with a verdict that stands, as its newest night showed it. Reader: nightly/feedback.py.
SELECT night, signature, said.verdict AS verdict, said.at AS at
FROM flags FINAL
INNER JOIN
(
    SELECT flag_id, argMax(verdict, verdicts.at) AS verdict, max(verdicts.at) AS at
    FROM verdicts
    GROUP BY flag_id
    HAVING verdict != 'none'
) AS said ON said.flag_id = flags.flag_id
WHERE night < {night:Date} AND night >= {since:Date} AND signature != ''
ORDER BY night DESC, flags.flag_id ASC
LIMIT 1 BY flags.flag_id
