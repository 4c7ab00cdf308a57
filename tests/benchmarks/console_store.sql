-- The store of benchmarks/console.py. First a day of logins: who, where and how follow from the login's number. Most people use five servers
-- at their desk hours; root's cron jobs and one backup account are everywhere; one login in fifty is refused.
INSERT INTO login_events (event_id, host, service, pid, start, end, user, target_user, source_ip, source_port, method,
    key_fingerprint, outcome, failures, command, entries, version)
WITH
    cityHash64({day:UInt32}, number) AS h,
    h % 100 AS kind,
    intHash32(h % 1000003) % {users:UInt32} AS person,
    multiIf(kind < 25, 'root', kind < 30, 'backup', concat('user', toString(person))) AS name,
    multiIf(kind < 30, bitShiftRight(h, 20) % {hosts:UInt32}, cityHash64(person, bitShiftRight(h, 24) % 5) % {hosts:UInt32}) AS server,
    multiIf(kind < 25, bitShiftRight(h, 32) % 86400, kind < 30, 7200 + bitShiftRight(h, 32) % 3600, 25200 + bitShiftRight(h, 32) % 36000) AS second,
    multiIf(kind < 25, 'cron', kind < 80, 'sshd', 'sudo') AS program,
    if(bitShiftRight(h, 40) % 50 = 0, 'failure', 'success') AS result,
    toDateTime64({start:UInt32} + second, 6, 'UTC') + toIntervalMicrosecond(number % 1000000) AS begun
SELECT
    lower(hex(sipHash128({day:UInt32}, number))) AS event_id,
    concat('srv', leftPad(toString(server), 4, '0')) AS host,
    program AS service,
    toUInt32(1000 + bitShiftRight(h, 12) % 30000) AS pid,
    begun AS start,
    begun + toIntervalSecond(1 + h % 600) AS end,
    name AS user,
    if(program = 'sudo', 'root', '') AS target_user,
    if(program = 'sshd', concat('10.', toString(person % 200), '.', toString(intDiv(person, 200)), '.', toString(1 + h % 3)), '') AS source_ip,
    if(program = 'sshd', toUInt16(30000 + h % 30000), 0) AS source_port,
    if(program = 'sshd', 'publickey', '') AS method,
    if(program = 'sshd', concat('SHA256:', name), '') AS key_fingerprint,
    result AS outcome,
    toUInt32(result = 'failure') AS failures,
    multiIf(program = 'sudo', concat('/usr/bin/', ['apt', 'systemctl', 'tail', 'less', 'journalctl'][1 + h % 5], ' x'), program = 'cron', '/usr/lib/job', '') AS command,
    3 AS entries,
    1 AS version
FROM numbers({count:UInt64});

INSERT INTO flags (night, flag_id, rank, score, user, source_ip, host, sentence, reasons, benign_twin, techniques, events, model_run, version)
SELECT
    toDate(toDateTime({last:UInt32}, 'UTC')) - intDiv(number, {budget:UInt32}) AS night, concat('flag', toString(number)) AS flag_id,
    number % {budget:UInt32} + 1 AS rank, rank / 1000000 AS score,
    concat('user', toString(cityHash64(number) % {users:UInt32})) AS user, '203.0.113.7' AS source_ip,
    concat('srv', leftPad(toString(cityHash64(number, 1) % {hosts:UInt32}), 4, '0')) AS host,
    concat(user, ' logged in 4 times to ', host, ' from 203.0.113.7 at 03:04 UTC: ', user, ' never came from 203.0.113.7; nobody did.') AS sentence,
    concat('[{"field":"since_source","value":"203.0.113.7","usual":"10.1.2.3","surprise":6.1,"text":"', user, ' never came from there"},',
        '{"field":"hour","value":"03:04","usual":"08-17 h","surprise":3.2,"text":"at an odd hour"}]') AS reasons,
    'Back from leave: ask.' AS benign_twin, ['T1078', 'T1021.004'] AS techniques, '[]' AS events, concat('run-', toString(night)) AS model_run, 1 AS version
FROM numbers({flags:UInt32});

INSERT INTO flags
SELECT flag.* REPLACE (found.events AS events, 2 AS version)
FROM (SELECT * FROM flags FINAL WHERE night = toDate(toDateTime({last:UInt32}, 'UTC'))) AS flag
INNER JOIN
(
    SELECT user, toJSONString(arraySlice(groupArray(map('event_id', event_id, 'host', toString(host))), 1, 20)) AS events
    FROM login_events
    WHERE toDate(start) = toDate(toDateTime({last:UInt32}, 'UTC')) AND user != 'root' AND user != 'backup'
    GROUP BY user
) AS found ON flag.user = found.user;

INSERT INTO model_runs
SELECT concat('run-', toString(night)), night, now64(6), now64(6), 0, 1000000, {budget:UInt32}, '{"curve":{"train":[9,5,4],"held_out":[9,6,5]}}'
FROM (SELECT DISTINCT night FROM flags);

INSERT INTO verdicts (flag_id, at, who, verdict, code, reason, score)
SELECT flag_id, now64(6) - 86400, 'ada', 'benign', 'confirmed', 'asked', score
FROM flags FINAL
WHERE cityHash64(flag_id) % 10 < 6 AND night < toDate(toDateTime({last:UInt32}, 'UTC'));

INSERT INTO line_days (day, host, program, lines, unparsed, last)
SELECT toDate(start) AS day, host, 'sshd', count() * 4, 0, max(start)
FROM login_events
GROUP BY day, host;
