-- Purpose: every login that has a part in what was known before one login: of the same user (or becoming that user), host, source,
-- network or key, and, where a command was run, all that ran one. Grain: one login. Reader: nightly/single.py, as what features.sql reads.
-- Windows of that one login see here exactly what they see in the whole table; those of the others need not.
SELECT *
FROM login_events FINAL
WHERE user IN (SELECT user FROM login_events FINAL WHERE event_id = {event_id:String})
    OR (target_user != '' AND target_user IN (SELECT user FROM login_events FINAL WHERE event_id = {event_id:String}))
    OR host IN (SELECT host FROM login_events FINAL WHERE event_id = {event_id:String})
    OR (source_ip != '' AND source_ip IN (SELECT source_ip FROM login_events FINAL WHERE event_id = {event_id:String}))
    OR (position(source_ip, '.') > 0 AND substringIndex(source_ip, '.', 3) IN
        (SELECT substringIndex(source_ip, '.', 3) FROM login_events FINAL WHERE event_id = {event_id:String}))
    OR (position(source_ip, ':') > 0 AND tupleElement(IPv6CIDRToRange(toIPv6OrDefault(source_ip), 64), 1) IN
        (SELECT tupleElement(IPv6CIDRToRange(toIPv6OrDefault(source_ip), 64), 1) FROM login_events FINAL WHERE event_id = {event_id:String}))
    OR (key_fingerprint != '' AND key_fingerprint IN (SELECT key_fingerprint FROM login_events FINAL WHERE event_id = {event_id:String}))
    OR (command != '' AND (SELECT max(command != '') FROM login_events FINAL WHERE event_id = {event_id:String}))
