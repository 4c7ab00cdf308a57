-- Purpose: what is usual for one user: the commonest hosts, sources, programs and hours of successful logins in a stretch of time.
-- Grain: one row per kind of value and value, at most {each} of a kind, commonest first. Reader: console/reading.py.
SELECT
    tupleElement(about, 1) AS kind,
    tupleElement(about, 2) AS value,
    count() AS logins,
    uniqExact(toDate(start)) AS days,
    min(start) AS first,
    max(start) AS last
FROM
(
    SELECT
        start,
        arrayJoin([
            ('server', toString(host)),
            ('source', source_ip),
            ('program', trimRight(concat(toString(service), ' ', toString(method)))),
            ('key', key_fingerprint),
            ('becomes', toString(target_user)),
            ('hour (UTC)', formatDateTime(start, '%H:00'))]) AS about
    FROM login_events FINAL
    WHERE user = {user:String} AND outcome = 'success' AND start >= {from:DateTime64(6, 'UTC')} AND start < {to:DateTime64(6, 'UTC')}
)
WHERE tupleElement(about, 2) != ''
GROUP BY kind, value
ORDER BY indexOf(['server', 'source', 'key', 'program', 'becomes', 'hour (UTC)'], kind) ASC, logins DESC, value ASC
LIMIT {each:UInt16} BY kind
LIMIT 200
