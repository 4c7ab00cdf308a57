-- Purpose: which hosts should have reported on a day and did not. Expected are hosts that had logins on at least half of the days
-- {since} to {night} that have any, and those of the inventory; not those removed from it.
-- Grain: one row. Reader: nightly/checks.py.
WITH
    (SELECT uniqExact(toDate(start)) FROM login_events WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {night:DateTime64(6, 'UTC')}) AS days,
    (SELECT groupArray(name) FROM hosts FINAL WHERE removed_at <= {night:DateTime64(6, 'UTC')}) AS removed,
    expected AS
    (
        SELECT toString(host) AS name, countIf(start >= {night:DateTime64(6, 'UTC')}) AS tonight
        FROM login_events
        WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')}
        GROUP BY host
        HAVING 2 * uniqExactIf(toDate(start), start < {night:DateTime64(6, 'UTC')}) >= days AND days > 0
        UNION ALL
        SELECT name, 0 AS tonight
        FROM hosts FINAL
        WHERE expected_since < {night:DateTime64(6, 'UTC')} AND removed_at IS NULL
    ),
    once AS (SELECT name, max(tonight) AS logins FROM expected GROUP BY name)
SELECT
    countIf(NOT has(removed, name)) AS expected,
    countIf(logins > 0 AND NOT has(removed, name)) AS reported,
    arraySlice(arraySort(groupArrayIf(name, logins = 0 AND NOT has(removed, name))), 1, 5) AS missing
FROM once
