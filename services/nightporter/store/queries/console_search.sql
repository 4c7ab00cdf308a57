-- Purpose: a page of logins, newest first, that match every filter that is not ''. Grain: one row per login, at most {rows}.
-- Reader: console/questions/search.py. The page goes on from {before} and {before_id}, never by OFFSET.
-- First the rows in question, by index and without merging versions (twice as many as shown, as a login may have several); then the newest
-- version of each, asked the same once more.
SELECT
    event_id, start, end, host, service, pid, user, target_user, source_ip, source_port, method, outcome, failures, command, entries
FROM login_events FINAL
WHERE (host, service, pid, start, event_id) IN
(
    SELECT host, service, pid, start, event_id FROM login_events
    WHERE start >= {from:DateTime64(6, 'UTC')} AND start < {to:DateTime64(6, 'UTC')}
        AND (start, event_id) < ({before:DateTime64(6, 'UTC')}, {before_id:String})
        AND ({user:String} = '' OR user = {user:String}) AND ({host:String} = '' OR host = {host:String})
        AND ({source:String} = '' OR source_ip = {source:String}) AND ({service:String} = '' OR service = {service:String})
        AND ({outcome:String} = '' OR outcome = {outcome:String})
    ORDER BY start DESC, event_id DESC
    LIMIT {rows:UInt32} * 2
)
    AND start >= {from:DateTime64(6, 'UTC')} AND start < {to:DateTime64(6, 'UTC')}
    AND ({user:String} = '' OR user = {user:String}) AND ({source:String} = '' OR source_ip = {source:String})
    AND ({outcome:String} = '' OR outcome = {outcome:String})
ORDER BY start DESC, event_id DESC
LIMIT {rows:UInt32}
