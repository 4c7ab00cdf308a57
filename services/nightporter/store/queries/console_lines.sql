-- Purpose: the log lines of one login as they were written: those of its process, and those its children wrote about the same peer.
-- Grain: one row per entry, at most 500. Reader: console/reading.py.
-- Where the program logs no process id (old sudo), the user's name keeps out lines of others that ran at the same time.
-- A journald entry's header is its whole JSON object, message included.
-- No order of lines of one time is stored: they come as the programs write them, by kind as merge_stitch.sql takes them, where it tells
-- no more than that by what sshd and PAM say first.
WITH
    multiIf(
        kind = 'note' AND match(message, '^(reverse mapping|Address |Nasty PTR|Set /proc)'), 15,
        kind = 'note' AND match(message, '^(Accepted (key|certificate)|Found matching|Authorized to|Certificate )'), 55,
        position(message, 'check pass') > 0, 35,
        startsWith(message, 'error: PAM: '), 45,
        startsWith(message, 'PAM service('), 171,
        kind = 'failed' AND method = 'none', 32,
        service IN ('sudo', 'su', 'doas', 'polkit') AND kind IN ('not_allowed', 'failed'), 150,
        startsWith(message, 'Received disconnect'), 145,
        match(message, '^error: maximum authentication'), 142,
        transform(kind, ['connection', 'invalid_user', 'not_allowed', 'auth_failure', 'failed', 'postponed', 'accepted', 'command', 'session_opened', 'note',
            'child_pid', 'session_start', 'command_continued', 'session_end', 'disconnected', 'preauth_closed', 'auth_note', 'session_closed', 'orphaned'],
            [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 160, 140, 150, 155, 170, 180, 190], 100)) AS place
SELECT time, if(startsWith(header, '{'), header, concat(header, message)) AS line
FROM entries FINAL
WHERE host = {host:String} AND service = {service:String}
    AND time >= {from:DateTime64(6, 'UTC')} AND time <= {to:DateTime64(6, 'UTC')}
    AND ((process = {pid:UInt32} AND (process > 0 OR user IN ('', {user:String}) OR target_user = {user:String}))
        OR ({source_port:UInt16} > 0 AND source_ip = {source_ip:String} AND source_port = {source_port:UInt16}))
-- the last piece of a long command is the shortest
ORDER BY time ASC, place ASC, if(kind = 'command_continued', -length(message), 0) ASC, line ASC
LIMIT 500
