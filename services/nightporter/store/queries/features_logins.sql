-- Purpose: the logins with {since} <= start < {until} as run {run} works on them: in order of time, with what is derived from each alone.
-- Grain: one login; those that never tried to sign in are left out. Reader: queries/features_slice.sql, queries/features.sql.
INSERT INTO feature_logins (run, event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad,
    terminal, steps, network, target, family, hour, source_host)
SELECT
    {run:String}, event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user,
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
    toHour(start) AS hour,
    -- which of our servers had this address, as far as was known then
    if(owned_since < start, owner, '') AS source_host
FROM (SELECT * FROM login_events FINAL) AS logins
LEFT ANY JOIN
(
    SELECT address AS owned, day AS owned_on, host AS owner, since AS owned_since
    FROM address_owners
    WHERE owner != '' AND owned_on >= toDate({since:DateTime64(6, 'UTC')}) AND owned_on <= toDate({until:DateTime64(6, 'UTC')})
) AS owners ON owned = source_ip AND owned_on = toDate(start)
WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')} AND outcome != 'no_auth'
