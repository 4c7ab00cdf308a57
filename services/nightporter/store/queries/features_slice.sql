-- Purpose: what was known before each login of one slice of time ({begin} <= start < {end}) of run {run}: windows over the slice's logins and
-- those earlier ones that are still the last of something (feature_state), with the sums that had grown up to them.
-- Grain: one login of the slice (fresh), or one earlier login that was of use. Reader: queries/features.sql, queries/features_state.sql.
-- Every window ends one row before the login itself, so a login's features never change when later ones arrive.
-- Windows that slide are exponentially decayed (exact, one pass); nothing counts for ever. 0 in a last_* column: never.
-- features/history.py puts in the conditions under which an earlier login is of use.
INSERT INTO feature_rows (run, fresh, roles, event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad,
    terminal, steps, network, target, family, hour, source_host,
    first_user, last_user, seen_user, last_user_host, seen_user_host, last_user_source, seen_user_source, last_user_network, last_user_key,
    last_key_source, last_user_service, last_user_method, last_user_family, last_user_target, last_user_terminal, last_family,
    last_key, last_user_steps, last_host_network, last_source, last_network, seen_source_host, last_way_in,
    logins_user, logins_user_host, logins_user_hour, new_hosts_user_7d, new_sources_user_7d, new_families_user_7d, hosts_user_1h, hosts_user_1d,
    sources_user_1d, failures_user_10m, failures_user_1d, owners_source, hosts_source_1h, users_source_1d, failures_source_10m, failures_source_1d,
    after_user, after_source, after_user_host, after_user_hour)
WITH
    {horizon:UInt32} AS horizon,
slice AS
(
    SELECT *
    FROM feature_logins
    WHERE run = {run:String} AND start >= {begin:DateTime64(6, 'UTC')} AND start < {end:DateTime64(6, 'UTC')}
),
-- Logins on servers that logins of the slice came from, by those who came: by their own name, or as whom somebody became.
came_from AS
(
    SELECT user, source_host FROM slice WHERE source_host != ''
),
ways_in AS
(
    SELECT user AS there_as, host AS there, start AS there_since FROM slice WHERE good AND (user, host) IN (came_from)
    UNION ALL
    SELECT toString(target), host, start FROM slice WHERE good AND target != '' AND (toString(target), host) IN (came_from)
    UNION ALL
    SELECT user, host, start FROM feature_state FINAL WHERE run = {run:String} AND roles != 0 AND good AND (user, host) IN (came_from)
    UNION ALL
    SELECT toString(target), host, start FROM feature_state FINAL WHERE run = {run:String} AND roles != 0 AND good AND target != '' AND (toString(target), host) IN (came_from)
),
together AS
(
    SELECT
        event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad, terminal, steps, network, target, family, hour, source_host,
        toFloat64(toUnixTimestamp64Micro(start)) / 1e6 AS at,
        fresh, roles, after_user, after_source, after_user_host, after_user_hour
    FROM
    (
        SELECT event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad, terminal, steps, network, target, family, hour, source_host,
            1 AS fresh, toUInt32(0) AS roles,
            emptyArrayFloat64() AS after_user, emptyArrayFloat64() AS after_source, 0. AS after_user_host, 0. AS after_user_hour
        FROM slice
        UNION ALL
        SELECT event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad, terminal, steps, network, target, family, hour, '',
            0, roles, after_user, after_source, after_user_host, after_user_hour
        FROM feature_state FINAL
        WHERE run = {run:String} AND roles != 0 AND (/* the conditions of features/history.py */)
    )
),
lasts AS
(
    SELECT
        *,
        minIf(at, good) OVER by_user AS first_user,
        maxIf(at, good) OVER by_user AS last_user,
        max(at) OVER by_user AS seen_user,
        maxIf(at, good) OVER by_user_host AS last_user_host,
        max(at) OVER by_user_host AS seen_user_host,
        maxIf(at, good) OVER by_user_source AS last_user_source,
        max(at) OVER by_user_source AS seen_user_source,
        maxIf(at, good) OVER by_user_network AS last_user_network,
        maxIf(at, good) OVER by_user_key AS last_user_key,
        maxIf(at, good) OVER by_key_source AS last_key_source,
        maxIf(at, good) OVER by_user_service AS last_user_service,
        maxIf(at, good) OVER by_user_method AS last_user_method,
        maxIf(at, good) OVER by_user_family AS last_user_family,
        maxIf(at, good) OVER by_user_target AS last_user_target,
        maxIf(at, good) OVER by_user_terminal AS last_user_terminal,
        maxIf(at, good) OVER by_family AS last_family,
        maxIf(at, good) OVER by_key AS last_key,
        maxIf(at, good) OVER by_user_steps AS last_user_steps,
        maxIf(at, good) OVER by_host_network AS last_host_network,
        maxIf(at, good) OVER by_source AS last_source,
        maxIf(at, good) OVER by_network AS last_network,
        max(at) OVER by_source_host AS seen_source_host
    FROM together
    WINDOW
        by_user AS (PARTITION BY user ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_host AS (PARTITION BY user, host ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_source AS (PARTITION BY user, source_ip ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_network AS (PARTITION BY user, network ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_key AS (PARTITION BY user, key_fingerprint ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_key_source AS (PARTITION BY key_fingerprint, source_ip ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_service AS (PARTITION BY user, service ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_method AS (PARTITION BY user, service, method ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_family AS (PARTITION BY user, service, family ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_target AS (PARTITION BY user, service, target ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_terminal AS (PARTITION BY user, service, terminal ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_family AS (PARTITION BY service, family ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_key AS (PARTITION BY key_fingerprint ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_steps AS (PARTITION BY user, steps ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_host_network AS (PARTITION BY host, network ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_source AS (PARTITION BY source_ip ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_network AS (PARTITION BY network ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_source_host AS (PARTITION BY source_ip, host ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
firsts AS
(
    -- "new" is judged against the last {horizon} seconds, whatever the table still holds
    SELECT
        *,
        good AND at - last_user_host > horizon AS new_host,
        good AND source_ip != '' AND at - last_user_source > horizon AS new_source,
        good AND source_ip != '' AND last_user_source = 0 AS owns_source,
        good AND family != '' AND at - last_user_family > horizon AS new_family,
        good AND at - last_user_host > 3600 AS enters_host_1h,
        good AND at - last_user_host > 86400 AS enters_host_1d,
        good AND source_ip != '' AND at - last_user_source > 86400 AS enters_source_1d,
        at - seen_source_host > 3600 AS source_enters_host_1h,
        at - seen_user_source > 86400 AS source_enters_user_1d,
        -- what each login adds to sums; an earlier one stands for all that had been added up to it
        if(fresh, CAST([good, new_host, new_source, new_family, enters_host_1h, enters_host_1d, enters_source_1d, bad, bad], 'Array(Float64)'), after_user) AS add_user,
        if(fresh, CAST([owns_source, source_enters_host_1h, source_enters_user_1d, bad, bad], 'Array(Float64)'), after_source) AS add_source,
        if(fresh, toFloat64(good), after_user_host) AS add_user_host,
        if(fresh, toFloat64(good), after_user_hour) AS add_user_hour
    FROM lasts
),
decayed AS
(
    SELECT
        *,
        exponentialTimeDecayedSum(604800)(add_user[1], at) OVER by_user * exp((seen_user - at) / 604800) AS logins_user,
        exponentialTimeDecayedSum(604800)(add_user_host, at) OVER by_user_host * exp((seen_user_host - at) / 604800) AS logins_user_host,
        exponentialTimeDecayedSum(604800)(add_user_hour, at) OVER by_user_hour * exp((max(at) OVER by_user_hour - at) / 604800) AS logins_user_hour,
        exponentialTimeDecayedSum(604800)(add_user[2], at) OVER by_user * exp((seen_user - at) / 604800) AS new_hosts_user_7d,
        exponentialTimeDecayedSum(604800)(add_user[3], at) OVER by_user * exp((seen_user - at) / 604800) AS new_sources_user_7d,
        exponentialTimeDecayedSum(604800)(add_user[4], at) OVER by_user * exp((seen_user - at) / 604800) AS new_families_user_7d,
        exponentialTimeDecayedSum(3600)(add_user[5], at) OVER by_user * exp((seen_user - at) / 3600) AS hosts_user_1h,
        exponentialTimeDecayedSum(86400)(add_user[6], at) OVER by_user * exp((seen_user - at) / 86400) AS hosts_user_1d,
        exponentialTimeDecayedSum(86400)(add_user[7], at) OVER by_user * exp((seen_user - at) / 86400) AS sources_user_1d,
        exponentialTimeDecayedSum(600)(add_user[8], at) OVER by_user * exp((seen_user - at) / 600) AS failures_user_10m,
        exponentialTimeDecayedSum(86400)(add_user[9], at) OVER by_user * exp((seen_user - at) / 86400) AS failures_user_1d,
        max(at) OVER by_source AS seen_source,
        sum(add_source[1]) OVER by_source AS owners_source,
        exponentialTimeDecayedSum(3600)(add_source[2], at) OVER by_source * exp((seen_source - at) / 3600) AS hosts_source_1h,
        exponentialTimeDecayedSum(86400)(add_source[3], at) OVER by_source * exp((seen_source - at) / 86400) AS users_source_1d,
        exponentialTimeDecayedSum(600)(add_source[4], at) OVER by_source * exp((seen_source - at) / 600) AS failures_source_10m,
        exponentialTimeDecayedSum(86400)(add_source[5], at) OVER by_source * exp((seen_source - at) / 86400) AS failures_source_1d
    FROM firsts
    WINDOW
        by_user AS (PARTITION BY user ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_host AS (PARTITION BY user, host ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_hour AS (PARTITION BY user, hour ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_source AS (PARTITION BY source_ip ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT
    {run:String}, fresh, roles, event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad,
    terminal, steps, network, target, family, hour, source_host,
    first_user, last_user, seen_user, last_user_host, seen_user_host, last_user_source, seen_user_source, last_user_network, last_user_key,
    last_key_source, last_user_service, last_user_method, last_user_family, last_user_target, last_user_terminal, last_family,
    last_key, last_user_steps, last_host_network, last_source, last_network, seen_source_host, toFloat64(toUnixTimestamp64Micro(there_since)) / 1e6,
    logins_user, logins_user_host, logins_user_hour, new_hosts_user_7d, new_sources_user_7d, new_families_user_7d, hosts_user_1h, hosts_user_1d,
    sources_user_1d, failures_user_10m, failures_user_1d, owners_source, hosts_source_1h, users_source_1d, failures_source_10m, failures_source_1d,
    arrayMap((before, own) -> before + own, [logins_user, new_hosts_user_7d, new_sources_user_7d, new_families_user_7d, hosts_user_1h, hosts_user_1d,
        sources_user_1d, failures_user_10m, failures_user_1d], add_user),
    arrayMap((before, own) -> before + own, [owners_source, hosts_source_1h, users_source_1d, failures_source_10m, failures_source_1d], add_source),
    logins_user_host + add_user_host,
    logins_user_hour + add_user_hour
FROM decayed
LEFT ASOF JOIN ways_in ON there_as = user AND there = source_host AND there_since < start
