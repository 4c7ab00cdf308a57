-- Purpose: which hosts' way of reporting looks like tampering on {night}, and on how many host-nights since {first} it looked as bad.
-- Grain: one row per host and kind, hosts in order. Reader: nightly/tampering.py, which puts host_findings.sql in the place of `host_findings`.
-- A single session without the line that let it in is for the model, which sees it as a field of the login; here are many within an hour.
WITH
    (SELECT (uniqExactIf(toDate(hour), toDate(hour) < {night:Date}), uniqExact(host)) FROM host_hours WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}) AS reported
SELECT
    host, kind, techniques, measure, first_at, last_at, as_bad, hosts_tonight,
    if(kind = 'session_without_login', dateDiff('day', {first:Date}, {night:Date}), reported.1) AS nights,
    greatest(reported.2, 1) AS hosts
FROM
(
    SELECT
        *,
        countIf(day < {night:Date}) OVER (PARTITION BY kind ORDER BY measure DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS as_bad,
        countIf(day = {night:Date}) OVER (PARTITION BY kind) AS hosts_tonight
    FROM
    (
        SELECT
            host, kind, toDate(at) AS day, any(techniques) AS techniques, if(kind = 'clock', max(found.measure), sum(found.measure)) AS measure,
            min(at) AS first_at, max(at) AS last_at
        FROM host_findings AS found
        WHERE kind != 'session_without_login' OR found.measure >= {bulk:UInt32}
        GROUP BY host, kind, day
    )
)
WHERE day = {night:Date}
ORDER BY host ASC, as_bad / (nights + 1) ASC, kind ASC
LIMIT 10000
