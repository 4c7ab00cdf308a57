-- Purpose: logins of one night that were merged after it was scored and have no score: what came late.
-- Grain: one row. Reader: nightly/catchup.py. Whatever is newer than {since} includes the newest version of each login,
-- so the newest of these says whether the login still exists, and FINAL over the month is not needed.
WITH fresh AS
(
    SELECT event_id
    FROM login_events
    WHERE start >= {night:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')}
        AND merged_at >= {since:DateTime('UTC')} AND outcome != 'no_auth'
    GROUP BY event_id
    HAVING argMax(is_deleted, version) = 0
)
SELECT count() AS logins
FROM fresh
WHERE event_id NOT IN (SELECT event_id FROM scores WHERE night = toDate({night:DateTime64(6, 'UTC')}) AND event_id IN (SELECT event_id FROM fresh))
