-- Purpose: one day of logins of a made-up site: half cron; half ssh, mostly of programs (fixed source, a few hosts, the
-- same key), then people on their hosts from their desks, some odd ones, and refused guesses from outside; a little sudo.
-- Grain: {count} rows of login_events. Reader: made_month.py.
INSERT INTO login_events (event_id, host, service, pid, start, end, user, target_user, source_ip, source_port, method,
    key_fingerprint, outcome, invalid_user, failures, command, entries, version)
SELECT
    lower(hex(cityHash64(day, number))) AS event_id,
    'srv' || toString(host_number) AS host,
    multiIf(kind < 54, 'cron', kind < 97, 'sshd', 'sudo') AS service,
    h2 % 60000,
    {day:DateTime64(6, 'UTC')} + toIntervalMicrosecond(intDiv(number * 86400000000, {count:UInt64})) AS start,
    start,
    multiIf(kind < 54, if(h3 % 10 < 8, 'root', 'www-data'), scan, 'admin' || toString(h3 % 400), program, 'service' || toString(who), 'user' || toString(who)) AS user,
    if(kind >= 97, 'root', ''),
    multiIf(service != 'sshd', '', scan, concat('198.', toString(h3 % 200), '.', toString(h2 % 200), '.', toString(h1 % 250)),
            program, concat('10.2.0.', toString(who)), odd, concat('10.77.', toString(h3 % 50), '.', toString(h2 % 250)),
            concat('10.10.', toString(intDiv(who, 100)), '.', toString(who % 100))),
    h1 % 60000,
    multiIf(service != 'sshd', '', scan, 'password', 'publickey'),
    if(service = 'sshd' AND NOT scan, 'SHA256:' || toString(who) || if(program, 's', 'u'), ''),
    if(scan OR (h2 % 200 = 0 AND kind >= 80), 'failure', 'success'),
    scan,
    (scan OR (h2 % 200 = 0 AND kind >= 80))::UInt8,
    if(service = 'sudo', ['/usr/bin/apt update', '/usr/bin/systemctl restart nginx', '/usr/bin/less /var/log/syslog', '/bin/bash'][1 + h3 % 4], ''),
    3,
    1
FROM
(
    SELECT
        number, {day:DateTime64(6, 'UTC')} AS day,
        cityHash64(number, day, 1) AS h1, cityHash64(number, day, 2) AS h2, cityHash64(number, day, 3) AS h3,
        h1 % 100 AS kind,
        kind >= 54 AND kind < 80 AS program,
        kind >= 94 AND kind < 97 AS scan,
        h2 % 500 = 1 AND NOT program AS odd,
        multiIf(program, h3 % 60, toUInt64(2800 * pow((h3 % 100000) / 100000, 2))) AS who,
        multiIf(kind < 54, h2 % 1000, scan, h2 % 10, program, (who * 17 + h1 % 40) % 1000, odd, h1 % 1000, (who * 7 + toUInt64(12 * pow((h1 % 1000) / 1000, 2))) % 1000) AS host_number
    FROM numbers({count:UInt64})
)
