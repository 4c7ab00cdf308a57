-- Purpose: accounts whose names planted attacks misuse, with what is usual for each. Grain: one row per account.
-- Reader: nightly/canaries.py. A random choice, the same for the same {seed}.
SELECT
    user,
    argMaxIf(key_fingerprint, start, key_fingerprint != '') AS key,
    argMaxIf(source_ip, start, source_ip != '') AS source,
    groupUniqArray(60)(toString(host)) AS hosts,
    countIf(service = 'sudo') AS sudo,
    uniqExact(toHour(start)) AS hours,
    dateDiff('day', max(start), {night:DateTime64(6, 'UTC')}) AS silent_days
FROM login_events FINAL
WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {night:DateTime64(6, 'UTC')} AND outcome = 'success' AND user != ''
GROUP BY user
HAVING countIf(service = 'sshd' AND source_ip != '') >= 3
ORDER BY cityHash64(user, {seed:UInt64})
LIMIT 300
