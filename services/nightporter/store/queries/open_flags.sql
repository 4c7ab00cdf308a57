-- Purpose: flags of earlier nights that nobody has answered, last seen on {from} or later. What {night} itself carries on already counts as
-- unanswered, so that a night that is run again carries on the same.
-- Grain: one row per flag, as its newest night before {night} showed it; in the order of that night. Reader: nightly/carried.py.
SELECT flag_id, max(flags.night) AS last_seen, argMax(flags.signature, flags.night) AS signature, argMax(flags.reasons, flags.night) AS reasons
FROM flags FINAL
WHERE night < {night:Date} AND flags.signature != ''
    AND (flag_id NOT IN (SELECT flag_id FROM verdicts GROUP BY flag_id HAVING argMax(verdict, at) != 'none')
        OR flag_id IN (SELECT flag_id FROM flags FINAL WHERE night = {night:Date}))
GROUP BY flag_id
HAVING last_seen >= {from:Date}
ORDER BY last_seen ASC, flag_id ASC
