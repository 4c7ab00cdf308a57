-- Purpose: the counts that a flag's sentence quotes: what the actor did before, and in that night.
-- Grain: one row. Reader: nightly/explain.py.
-- "Before" is [since, night), "that night" is [night, until); only successful logins count as having been somewhere.
WITH
    user = {user:String} AS own,
    source_ip != '' AND source_ip = {source:String} AS same_source,
    multiIf(source_ip = '', '',
            position(source_ip, ':') > 0, IPv6NumToString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(source_ip), 64), 1)) || '/64',
            IPv4NumToString(bitAnd(toUInt32(toIPv4OrDefault(source_ip)), 4294967040)) || '/24') AS net,
    net != '' AND net = {network:String} AS same_network,
    outcome = 'success' AND start < {night:DateTime64(6, 'UTC')} AS before,
    start >= {night:DateTime64(6, 'UTC')} AS tonight
SELECT
    countIf(before AND own) AS logins,
    uniqExactIf(toDate(start), before AND own) AS days,
    maxIf(start, before AND own) AS last_login,
    minIf(start, own) AS first_seen,
    countIf(before AND own AND host = {host:String}) AS on_host,
    countIf(before AND own AND same_source) AS from_source,
    countIf(before AND own AND same_network) AS from_network,
    countIf(before AND same_source) AS anyone_from_source,
    countIf(before AND same_network) AS anyone_from_network,
    countIf(before AND same_network AND host = {host:String}) AS network_on_host,
    countIf(before AND own AND toHour(start) = {hour:UInt8}) AS at_hour,
    countIf(before AND own AND service = {service:String}) AS by_service,
    countIf(before AND own AND service = {service:String} AND method = {method:String}) AS by_method,
    countIf(before AND own AND key_fingerprint = {key:String}) AS by_key,
    countIf(before AND key_fingerprint = {key:String} AND same_source) AS key_from_source,
    countIf(before AND own AND service = {service:String} AND target_user = {target:String}) AS to_target,
    uniqExactIf(host, before AND own) AS hosts,
    uniqExactIf(source_ip, before AND own AND source_ip != '') AS sources,
    topKIf(2)(user, before AND same_source AND NOT own) AS source_users,
    topKIf(2)(user, before AND key_fingerprint != '' AND key_fingerprint = {key:String} AND NOT own) AS key_users,
    topKIf(3)(toString(host), before AND own) AS usual_hosts,
    topKIf(3)(source_ip, before AND own AND source_ip != '') AS usual_sources,
    topKIf(2)(toString(method), before AND own AND method != '') AS usual_methods,
    topKIf(2)(toString(service), before AND own) AS usual_services,
    topKIf(2)(toString(target_user), before AND own AND target_user != '') AS usual_targets,
    quantilesExactIf(0.05, 0.95)(toHour(start), before AND own) AS usual_hours,
    countIf(tonight AND if({refused:Bool}, same_source AND outcome != 'success', own AND source_ip = {source:String})) AS logins_tonight,
    sumIf(greatest(failures, outcome = 'failure'), tonight AND same_source) AS failures_source,
    sumIf(greatest(failures, outcome = 'failure'), tonight AND own) AS failures_user,
    sumIf(greatest(failures, outcome = 'failure'), tonight AND host = {host:String}) AS failures_host,
    uniqExactIf(user, tonight AND same_source) AS users_source,
    uniqExactIf(host, tonight AND same_source) AS hosts_source,
    uniqExactIf(host, tonight AND own) AS hosts_user,
    uniqExactIf(source_ip, tonight AND own AND source_ip != '') AS sources_user
FROM login_events FINAL
WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')} AND outcome != 'no_auth'
    AND (own OR host = {host:String} OR same_source OR same_network
         OR (key_fingerprint != '' AND key_fingerprint = {key:String}))
