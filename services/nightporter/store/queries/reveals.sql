-- Purpose: requests to see the person behind a pseudonym since {since}, and how each stands.
-- Grain: one row per request, newest first. Reader: store/reveals.py.
SELECT
    id,
    min(at) AS asked,
    argMin(who, at) AS who,
    argMin(user, at) AS user,
    argMin(reason, at) AS reason,
    argMax(state, at) AS state,
    if(state = 'asked', '', argMax(reveals.who, at)) AS by,
    argMax(until, at) AS until
FROM reveals
GROUP BY id
HAVING asked >= {since:DateTime64(6, 'UTC')}
ORDER BY asked DESC
LIMIT 1000
