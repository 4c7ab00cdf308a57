-- Purpose: names that contain what somebody typed: people and servers. Grain: one row per name, at most 20 of a kind; those seen last come first.
-- Reader: console/questions/search.py.
SELECT kind, name, last_seen FROM
(
    SELECT 'person' AS kind, user AS name, max(last) AS last_seen FROM user_days
    WHERE positionCaseInsensitiveUTF8(user, {part:String}) > 0 GROUP BY user ORDER BY last_seen DESC LIMIT 20
    UNION ALL
    SELECT 'server' AS kind, toString(host) AS name, max(last) AS last_seen FROM line_days
    WHERE day >= today() - 400 AND positionCaseInsensitiveUTF8(host, {part:String}) > 0 GROUP BY host ORDER BY last_seen DESC LIMIT 20
)
ORDER BY kind ASC, last_seen DESC
