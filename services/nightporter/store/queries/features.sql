-- Purpose: one row of causal features per login: what was known about it before it happened.
-- Grain:   one login of login_events with {since} <= start < {until}; all of them see the logins since {since}.
-- Reader:  features/stream.py, which puts the expressions of features/fields.py in place of the marker in the last SELECT.
-- Every window ends one row before the login itself, so a login's features never change when later ones arrive.
-- Windows that slide are exponentially decayed (exact, one pass); nothing counts for ever. 0 in a last_* column: never.
WITH
    {horizon:UInt32} AS horizon,
logins AS
(
    SELECT
        event_id, host, service, user, start, source_ip, method, key_fingerprint,
        toFloat64(toUnixTimestamp64Micro(start)) / 1e6 AS at,
        outcome, invalid_user, pid,
        outcome = 'success' AS good,
        greatest(failures, outcome = 'failure') AS bad,
        -- a person at a keyboard has a terminal; a program mostly has none
        multiIf(service NOT IN ('sudo', 'su', 'doas'), '', tty IN ('', 'unknown', 'none', '?'), 'no terminal', 'terminal') AS terminal,
        multiIf(service != 'sshd' OR outcome != 'success', '', method = '', 'no accepted login', session_opened IS NULL, 'no session', 'whole') AS steps,
        multiIf(source_ip = '', '',
                position(source_ip, ':') > 0, IPv6NumToString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(source_ip), 64), 1)) || '/64',
                IPv4NumToString(bitAnd(toUInt32(toIPv4OrDefault(source_ip)), 4294967040)) || '/24') AS network,
        if(target_user IN ('', user), '', toString(target_user)) AS target,
        multiIf(
            command = '', '',
            position(command, 'BECOME-SUCCESS-') > 0, 'become by ansible',
            position(command, 'ansible-tmp-') > 0, 'ansible module',
            replaceRegexpAll(
                -- the program without its folder, and the word after it where that is a plain word (systemctl restart, apt update)
                extract(command, '^(?:/\\S*/)?([^\\s/]+)')
                || if(extract(command, '^\\S+\\s+([a-z][a-z-]+)(?:\\s|$)') != '', ' ' || extract(command, '^\\S+\\s+([a-z][a-z-]+)(?:\\s|$)'), '')
                -- what is stopped or started is part of it: stopping the log is not stopping a web server
                || if(match(command, '^(?:/\\S*/)?(?:systemctl|service|pkill|killall)\\s'), ' ' || extract(command, '^\\S+\\s+(?:[a-z-]+\\s+)?([a-z][a-z_-]*)'), '')
                || if(position(command, ' --vacuum') > 0, ' --vacuum', '')
                || if(match(command, '^\\S+\\s+-[a-z]*c\\s'), ' -c ' || extract(command, '-[a-z]*c\\s+[\'"]?(?:/\\S*/)?([^\\s/\'"]+)'), ''),
                '[0-9]+', 'N')) AS family,
        toHour(start) AS hour
    FROM login_events FINAL
    WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')} AND outcome != 'no_auth'
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
    FROM logins
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
        (good AND at - last_user_host > 3600)::Float64 AS enters_host_1h,
        (good AND at - last_user_host > 86400)::Float64 AS enters_host_1d,
        (good AND source_ip != '' AND at - last_user_source > 86400)::Float64 AS enters_source_1d,
        (at - seen_source_host > 3600)::Float64 AS source_enters_host_1h,
        (at - seen_user_source > 86400)::Float64 AS source_enters_user_1d
    FROM lasts
),
decayed AS
(
    SELECT
        *,
        exponentialTimeDecayedSum(604800)(good::Float64, at) OVER by_user * exp((seen_user - at) / 604800) AS logins_user,
        exponentialTimeDecayedSum(604800)(good::Float64, at) OVER by_user_host * exp((seen_user_host - at) / 604800) AS logins_user_host,
        exponentialTimeDecayedSum(604800)(good::Float64, at) OVER by_user_hour * exp((max(at) OVER by_user_hour - at) / 604800) AS logins_user_hour,
        exponentialTimeDecayedSum(604800)(new_host::Float64, at) OVER by_user * exp((seen_user - at) / 604800) AS new_hosts_user_7d,
        exponentialTimeDecayedSum(604800)(new_source::Float64, at) OVER by_user * exp((seen_user - at) / 604800) AS new_sources_user_7d,
        exponentialTimeDecayedSum(604800)(new_family::Float64, at) OVER by_user * exp((seen_user - at) / 604800) AS new_families_user_7d,
        exponentialTimeDecayedSum(3600)(enters_host_1h, at) OVER by_user * exp((seen_user - at) / 3600) AS hosts_user_1h,
        exponentialTimeDecayedSum(86400)(enters_host_1d, at) OVER by_user * exp((seen_user - at) / 86400) AS hosts_user_1d,
        exponentialTimeDecayedSum(86400)(enters_source_1d, at) OVER by_user * exp((seen_user - at) / 86400) AS sources_user_1d,
        exponentialTimeDecayedSum(600)(bad::Float64, at) OVER by_user * exp((seen_user - at) / 600) AS failures_user_10m,
        exponentialTimeDecayedSum(86400)(bad::Float64, at) OVER by_user * exp((seen_user - at) / 86400) AS failures_user_1d,
        max(at) OVER by_source AS seen_source,
        sum(owns_source) OVER by_source AS owners_source,
        exponentialTimeDecayedSum(3600)(source_enters_host_1h, at) OVER by_source * exp((seen_source - at) / 3600) AS hosts_source_1h,
        exponentialTimeDecayedSum(86400)(source_enters_user_1d, at) OVER by_source * exp((seen_source - at) / 86400) AS users_source_1d,
        exponentialTimeDecayedSum(600)(bad::Float64, at) OVER by_source * exp((seen_source - at) / 600) AS failures_source_10m,
        exponentialTimeDecayedSum(86400)(bad::Float64, at) OVER by_source * exp((seen_source - at) / 86400) AS failures_source_1d
    FROM firsts
    WINDOW
        by_user AS (PARTITION BY user ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_host AS (PARTITION BY user, host ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_user_hour AS (PARTITION BY user, hour ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        by_source AS (PARTITION BY source_ip ORDER BY start, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT
    event_id,
    toUnixTimestamp64Micro(start) AS start_us,
    pid,
    source_ip,
    toUInt16(toDate(start)) AS day,
    row_number() OVER (PARTITION BY toDate(start), service, user, host, network, outcome ORDER BY cityHash64(event_id)) AS nth,
    /* the fields of features/fields.py */
FROM decayed
-- a few logins per key and day are enough to learn from; the days that are scored are read whole
QUALIFY nth <= {thin:UInt32} OR toDate(start) >= {whole_from:Date}
ORDER BY start, event_id
