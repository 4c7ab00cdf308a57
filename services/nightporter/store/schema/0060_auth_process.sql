-- OpenSSH 10 authenticates in a process of its own (sshd-auth), whose lines belong to the connection that sshd-session handles.
-- auth_process: the line was written by it. Set by the parse; 0 for lines stored before.
ALTER TABLE entries ADD COLUMN IF NOT EXISTS auth_process UInt8 AFTER session;

-- such a process follows, as a child does after login
ALTER TABLE index_links MODIFY QUERY
SELECT
    host,
    multiIf(service = 'cron', 'cron', source_port > 0, concat(source_ip, ' ', toString(source_port)), kind = 'child_pid', concat('pid ', toString(ref_pid)),
        concat('pid ', toString(process))) AS link,
    process,
    min(if(auth_process OR kind IN ('disconnected', 'session_start', 'session_end', 'command'), toDateTime64('2200-01-01 00:00:00', 6, 'UTC'), time)) AS led_since,
    max(auth_process OR kind IN ('disconnected', 'session_start', 'session_end', 'command')) AS follows,
    toDateTime(max(received)) AS seen
FROM entries
WHERE (service = 'sshd' AND kind NOT IN ('daemon', 'other', 'unparsed') AND (source_port > 0 OR kind IN ('child_pid', 'disconnected', 'session_start', 'session_end')))
    OR (service = 'cron' AND kind = 'command')
GROUP BY host, link, process;

-- a line of a child that names nobody ("remark") concerns the connections of its other lines, also when it comes alone
ALTER TABLE queue_touched MODIFY QUERY
SELECT
    host, service, process,
    multiIf(
        source_port > 0, concat(source_ip, ' ', toString(source_port)),
        kind = 'child_pid', concat('pid ', toString(ref_pid)),
        service = 'cron' AND kind = 'command', 'cron',
        service = 'sshd' AND (kind = 'note' OR auth_process), 'remark',
        '') AS link,
    min(time) AS first
FROM entries
WHERE service NOT IN ('', 'logind', 'systemd-user', 'account') AND kind NOT IN ('daemon', 'user_manager', 'account_change', 'other', 'unparsed')
GROUP BY host, service, process, link;
