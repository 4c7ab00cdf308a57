-- Purpose: merge the entries of each login into one event, for the processes in merge_scope of run {run}.
-- Grain: one row per event, plus one tombstone per event known before. Reader: merge.py, as one statement.
-- The steps, each a sentence in docs/data-flow.md: lines (owner) → timeline of each process → events → changes.
INSERT INTO login_events (event_id, host, service, pid, start, end, user, target_user, source_ip, source_port, method, key_fingerprint,
    outcome, invalid_user, failures, session_opened, session_closed, tty, command, entries, anchored, version, is_deleted)
WITH
cuts AS
(
    SELECT host, service, process, min(merge_cuts.cut) AS cut FROM merge_cuts WHERE run = {run:UInt64} GROUP BY host, service, process
),
children AS
(
    SELECT host, process FROM merge_links WHERE run = {run:UInt64} AND follows
),
leaders AS
(
    SELECT host, link, process, min(led_since) AS first_led
    FROM merge_links
    WHERE run = {run:UInt64} AND led_since < '2200-01-01'
    GROUP BY host, link, process
),
near AS
(
    SELECT DISTINCT host, concat('pid ', toString(process + shift)) AS link, process, source_ip, time AS led
    FROM entries
    ARRAY JOIN range(9) AS shift
    WHERE service = 'sshd' AND source_port > 0 AND kind NOT IN ('disconnected', 'session_start', 'session_end', 'daemon', 'other', 'unparsed')
        AND (host, process) IN (SELECT host, process + shift FROM merge_scope ARRAY JOIN range(-8, 9) AS shift WHERE run = {run:UInt64} AND service = 'sshd' AND link = 'near')
),
-- A child's remarks name no peer ("subsystem request for sftp by user ada"): they go with the line after them that does, else with the one before.
remarks AS
(
    SELECT * EXCEPT (names, peer, next, last), multiIf(next.1 = 2, next, next.1 = 0 AND last.1 = 2, last, (0, '', '', time)) AS spoken, spoken.2 AS link, spoken.3 AS named_ip, spoken.4 AS named
    FROM
    (
        SELECT *,
            source_port > 0 OR kind IN ('disconnected', 'session_start', 'session_end') AS names,
            (toUInt8(1 + (auth_process OR kind IN ('disconnected', 'session_start', 'session_end'))), if(source_port > 0, concat(source_ip, ' ', toString(source_port)), concat('pid ', toString(process))), source_ip, time) AS peer,
            anyLastIf(peer, names) OVER (PARTITION BY host, process ORDER BY time DESC, message DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS next,
            anyLastIf(peer, names) OVER (PARTITION BY host, process ORDER BY time ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last
        FROM entries
        WHERE service = 'sshd' AND kind NOT IN ('daemon', 'other', 'unparsed') AND (host, process) IN
        (
            SELECT host, process
            FROM entries
            WHERE service = 'sshd' AND process > 0 AND (kind = 'note' OR auth_process) AND source_port = 0 AND (host, process) IN (SELECT host, process FROM children)
        )
    )
    WHERE (kind = 'note' OR auth_process) AND NOT names AND spoken.2 != ''
),
jobs AS
(
    SELECT DISTINCT host, process, time, kind, message, source_ip, source_port, user, invalid_user, target_user, method, key_fingerprint, tty, command, outcome, repeats
    FROM entries
    WHERE service = 'cron' AND kind IN ('command', 'session_opened', 'session_end') AND (host, process) IN
    (
        SELECT host, process + shift
        FROM merge_scope
        ARRAY JOIN range(-32, 33) AS shift
        WHERE run = {run:UInt64} AND service = 'cron' AND host IN (SELECT host FROM links WHERE link = 'cron')
    )
),
lines AS
(
    SELECT host, service, process, '' AS link, time, kind, message, source_ip, source_port, user, invalid_user, target_user, method, key_fingerprint,
        tty, command, outcome, repeats
    FROM entries
    WHERE (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64})
        AND kind NOT IN ('daemon', 'user_manager', 'account_change', 'other', 'unparsed')
        AND NOT (service = 'sshd' AND (process = 0 OR kind IN ('disconnected', 'session_start', 'session_end') OR (auth_process AND source_port > 0)))
        AND NOT (service = 'cron' AND kind = 'command')
        AND NOT (service = 'login' AND process > 0 AND startsWith(message, 'ROOT LOGIN  on '))
        AND NOT (process = 0 AND kind IN ('command', 'session_opened', 'session_closed')) AND NOT (process = 0 AND service = 'su' AND kind = 'auth_failure')
        AND (service != 'sshd' OR NOT (kind = 'note' OR auth_process) OR (host, process, time, message) NOT IN (SELECT host, process, time, message FROM remarks))
    UNION ALL
    SELECT follower.host, 'sshd', multiIf(leaders.process > 0, leaders.process, near.process > 0, near.process, follower.process) AS owner, follower.link, follower.time,
        if(leaders.link != '' OR near.process > 0 OR kind != 'disconnected', kind, 'orphaned'), message, follower.source_ip,
        source_port, user, invalid_user, target_user, method, key_fingerprint, tty, command, outcome, repeats
    FROM
    (
        SELECT *, greatest(named, time + toIntervalMinute(5 * auth_process)) AS latest
        FROM
        (
            SELECT *, if(source_port > 0, concat(source_ip, ' ', toString(source_port)), concat('pid ', toString(process))) AS link, source_ip AS named_ip, time AS named
            FROM entries
            WHERE service = 'sshd' AND kind NOT IN ('daemon', 'other', 'unparsed')
                AND (kind IN ('disconnected', 'session_start', 'session_end') OR (auth_process AND source_port > 0 AND process > 0))
                AND (host, process) IN
                (
                    SELECT host, process FROM children
                    UNION ALL
                    SELECT host, process FROM merge_scope WHERE run = {run:UInt64} AND service = 'sshd'
                    UNION ALL
                    SELECT host, toUInt32(process + shift) FROM merge_scope ARRAY JOIN range(9) AS shift WHERE run = {run:UInt64} AND service = 'sshd' AND link = 'near'
                )
            UNION ALL
            SELECT * EXCEPT spoken FROM remarks
        )
    ) AS follower
    -- sshd-auth may be the first to speak of a connection
    ASOF LEFT JOIN leaders ON follower.host = leaders.host AND follower.link = leaders.link AND follower.latest >= leaders.first_led
    -- old servers name no port when a client leaves: that is the last connection from there of this process or one just before it
    ASOF LEFT JOIN near ON follower.host = near.host AND follower.link = near.link AND follower.named_ip = near.source_ip AND follower.latest >= near.led
    UNION ALL
    -- sshd whose process ids were lost on the way: an address and port are a connection. A session is that of the user's last login,
    -- and closes the last one open; what names only an address, or nothing, goes with the connection named soon after it, else with the one before.
    SELECT host, service, process,
        multiIf(
            own != '', own,
            kind = 'session_opened', accepted,
            kind = 'session_closed', anyLastIf(accepted, kind = 'session_opened') OVER (PARTITION BY host, user, level ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
            source_ip = '', if(soon.2 <= time + INTERVAL 2 SECOND, soon.1, ''),
            next.1 != '' AND next.2 <= time + INTERVAL 10 SECOND, next.1,
            last) AS link,
        time, kind, message, source_ip, source_port, user, invalid_user, target_user, method, key_fingerprint, tty, command, outcome, repeats
    FROM
    (
        SELECT *,
            anyLastIf(own, kind = 'accepted') OVER (PARTITION BY host, user ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS accepted,
            sum(transform(step, [2, 3], [-1, 1], 0)) OVER (PARTITION BY host, user ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS closed_less_opened,
            if(kind = 'session_closed', closed_less_opened - 1, closed_less_opened) AS level,
            anyLastIf((own, time), own != '') OVER (PARTITION BY host ORDER BY time DESC, step DESC, message DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS soon,
            anyLastIf((own, time), own != '') OVER (PARTITION BY host, source_ip ORDER BY time DESC, step DESC, message DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS next,
            anyLastIf(own, own != '') OVER (PARTITION BY host, source_ip ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last
        FROM
        (
            SELECT DISTINCT host, service, process, time, kind, message, source_ip, source_port, user, invalid_user, target_user, method, key_fingerprint, tty, command, outcome,
                repeats, if(source_port > 0, concat(source_ip, ' ', toString(source_port)), '') AS own, transform(kind, ['session_opened', 'session_closed'], [2, 3], 1) AS step
            FROM entries
            WHERE service = 'sshd' AND process = 0 AND kind NOT IN ('daemon', 'other', 'unparsed', 'disconnected', 'session_start', 'session_end')
                AND (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND process = 0)
        )
    )
    UNION ALL
    -- PAM speaks before su and pkexec have opened the log, then without a pid: it goes to the su that is refused, or the pkexec that runs
    -- the same within ten seconds
    SELECT early.host, early.service, if(early.time + INTERVAL 10 SECOND >= own.time, own.process, 0) AS owner, '', early.time, kind, message, source_ip, source_port,
        early.user, invalid_user, early.target_user, method, key_fingerprint, tty, command, outcome, repeats
    FROM
    (
        SELECT *, if(service = 'su', user, '') AS asker
        FROM entries
        WHERE (service, kind) IN (('su', 'auth_failure'), ('polkit', 'session_opened'))
            AND (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND service IN ('su', 'polkit') AND process = 0)
    ) AS early
    ASOF LEFT JOIN
    (
        SELECT host, service, if(service = 'su', user, '') AS asker, target_user, process, time
        FROM entries
        WHERE (service, kind) IN (('su', 'failed'), ('polkit', 'command')) AND process > 0
            AND (host, service) IN (SELECT host, service FROM merge_scope WHERE run = {run:UInt64} AND service IN ('su', 'polkit') AND process = 0)
    ) AS own ON early.host = own.host AND early.service = own.service AND early.asker = own.asker AND early.target_user = own.target_user AND early.time <= own.time
    UNION ALL
    -- Debian's login tells of root in the child that becomes the shell: its line goes with the session opened in the ten seconds before
    SELECT told.host, 'login', if(told.time - INTERVAL 10 SECOND <= opened.time, opened.process, told.process) AS owner, '', told.time, kind, message,
        source_ip, source_port, told.user, invalid_user, target_user, method, key_fingerprint, tty, command, outcome, repeats
    FROM
    (
        SELECT *
        FROM entries
        WHERE (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND service = 'login' AND process > 0)
            AND startsWith(message, 'ROOT LOGIN  on ')
    ) AS told
    ASOF LEFT JOIN
    (
        SELECT host, user, process, time
        FROM entries
        WHERE (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND service = 'login' AND process > 0)
            AND kind = 'session_opened'
    ) AS opened ON told.host = opened.host AND told.user = opened.user AND told.time >= opened.time
    UNION ALL
    -- sudo of old systems logs no pid: a session that closes is the last one opened for the same target and still open. One opened is that of
    -- the last command if it names nobody, or names somebody without such a command (within a sudo, PAM names who logged in there)
    SELECT host, service, process, '', time, kind, message, source_ip, source_port,
        if(
            asker != '' OR kind IN ('command', 'session_opened'), asker,
            anyLastIf(asker, kind = 'session_opened') OVER (PARTITION BY host, service, target_user, level ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)),
        invalid_user, target_user, method, key_fingerprint, tty, command, outcome, repeats
    FROM
    (
        SELECT *,
            sum(transform(step, [1, 2], [-1, 1], 0)) OVER (PARTITION BY host, service, target_user ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS closed_less_opened,
            if(kind = 'session_closed', closed_less_opened - 1, closed_less_opened) AS level,
            anyLastIf((user, time), kind = 'command') OVER (PARTITION BY host, service, target_user ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest,
            anyLastIf(time, kind = 'command') OVER (PARTITION BY host, service, target_user, user ORDER BY time ASC, step ASC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS own,
            if(kind = 'session_opened' AND (user = '' OR (own < time - INTERVAL 2 SECOND AND latest.2 >= time - INTERVAL 2 SECOND)), latest.1, user) AS asker
        FROM
        (
            SELECT DISTINCT host, service, process, time, kind, message, source_ip, source_port, user, invalid_user, target_user, method, key_fingerprint, tty, command, outcome,
                repeats, transform(kind, ['command', 'session_opened', 'session_closed'], [0, 1, 2], 0) AS step
            FROM entries
            WHERE process = 0 AND service != 'sshd' AND kind IN ('command', 'session_opened', 'session_closed') AND NOT (service = 'polkit' AND kind = 'session_opened')
                AND (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND process = 0)
        )
    )
    UNION ALL
    -- cron's job runs in a process begun soon after the one that opened the session, and that one tells of its end in the same words.
    -- Where no end is told, jobs and sessions of a user in one minute pair like brackets.
    SELECT job.host, 'cron', multiIf(ended.teller > 0, ended.teller, session.1 > 0 AND job.process - session.1 <= 16, session.1, job.process) AS owner, '', job.time, kind,
        job.message, source_ip, source_port, user, invalid_user, target_user, method, key_fingerprint, tty, command, outcome, repeats
    FROM
    (
        SELECT *, anyLastIf((process, time), kind = 'session_opened') OVER (PARTITION BY host, user, minute, level ORDER BY process ASC, time ASC, kind DESC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session
        FROM
        (
            SELECT *,
                toStartOfMinute(time + INTERVAL 30 SECOND) AS minute,
                (kind = 'command') + sum(if(kind = 'command', -1, 1)) OVER (PARTITION BY host, user, minute ORDER BY process ASC, time ASC, kind DESC, message ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS level
            FROM jobs
            WHERE kind != 'session_end'
        )
    ) AS job
    LEFT ANY JOIN
    (
        -- of several jobs that an end may mean, the last begun; of several ends of a job, the first
        SELECT host, job.1 AS process, job.2 AS time, job.3 AS message, argMin(teller, (told, teller)) AS teller
        FROM
        (
            SELECT host, teller, told, argMax((job.process, job.time, job.message), (job.time, -toInt64(job.process))) AS job
            FROM (SELECT host, user, command, process AS teller, time AS told, process + shift AS child FROM jobs ARRAY JOIN range(1, 17) AS shift WHERE kind = 'session_end') AS end
            ASOF INNER JOIN (SELECT * FROM jobs WHERE kind = 'command') AS job
                ON end.host = job.host AND end.user = job.user AND end.command = job.command AND end.child = job.process AND end.told >= job.time
            GROUP BY host, teller, told
        )
        GROUP BY host, process, time, message
    ) AS ended ON job.host = ended.host AND job.process = ended.process AND job.time = ended.time AND job.message = ended.message
    WHERE kind = 'command' AND (job.host, 'cron', owner) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND service = 'cron')
),
timelines AS
(
    SELECT
        host, service, process,
        -- where no pid was logged, a timeline is one person's; of sshd, one connection's; of an ftp server, one address's
        multiIf(process > 0, 0, service = 'sshd' AND lines.link != '', cityHash64(lines.link), service = 'ftp' AND source_ip != '', cityHash64(source_ip), cityHash64(user)) AS who,
        groupArray(CAST((
            time,
            -- of lines at one time: sudo's refusal after PAM's, the rest of a long command after both; sshd tries "none" before any other method
            multiIf(service IN ('sudo', 'su', 'doas', 'polkit') AND code IN (3, 5), 15, code = 13, 16, code = 5 AND method = 'none', 4, least(code, 18)),
            -- the last piece of a long command is the shortest
            if(code = 13, bitShiftLeft(65535 - toUInt64(least(length(message), 65535)), 48) + cityHash64(message) % 281474976710656, cityHash64(message)),
            transform(kind, ['connection', 'invalid_user', 'not_allowed', 'auth_failure', 'failed', 'postponed', 'accepted', 'command', 'session_opened', 'note',
                'child_pid', 'session_start', 'command_continued', 'session_end', 'disconnected', 'preauth_closed', 'auth_note', 'session_closed', 'orphaned'],
                [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19], 10) AS code,
            multiIf(
                code = 1, 7,
                service IN ('sudo', 'su', 'doas', 'polkit') AND code IN (3, 5), 6,
                code <= 6, 1,
                code = 7, 2,
                code = 8, if(service = 'cron', 8, 3),
                code = 9, 4,
                code = 18 OR (service = 'cron' AND code = 14), 5,
                code IN (16, 19), 6,
                0),
            if(source_port > 0, cityHash64(source_ip, source_port), 0),
            if(isIPv4String(source_ip) OR isIPv6String(source_ip), cityHash64(source_ip), 0),
            source_ip, source_port, lines.user, invalid_user, target_user, method, key_fingerprint, tty, command, transform(outcome, ['success', 'failure', 'no_auth'], [3, 2, 1], 0), repeats
        ), 'Tuple(time DateTime64(6, \'UTC\'), rank UInt8, hash UInt64, code UInt8, sign UInt8, link UInt64, address UInt64, source_ip String, source_port UInt16, user String, invalid_user UInt8, target_user String, method String, key_fingerprint String, tty String, command String, outcome UInt8, repeats UInt16)')) AS found
    FROM lines
    LEFT ANY JOIN cuts ON lines.host = cuts.host AND lines.service = cuts.service AND lines.process = cuts.process
    WHERE (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64}) AND time >= cuts.cut
    GROUP BY host, service, process, who
),
-- One step a level: what a line says, what stands around it, whether something begins with it.
segments AS
(
    SELECT host, service, process, arrayJoin(arraySplit((l, n) -> n, line, begins_here)) AS event
    FROM
    (
        -- the second reason to begin anew: another peer, or another address, than this event has named
        SELECT host, service, process, line, arrayMap((n, p, h, a, ah) -> n OR (p != 0 AND h > 1 AND p != h) OR (a != 0 AND ah > 1 AND a != ah), begins, peer, peer_here, line.address, address_here) AS begins_here
        FROM
        (
            SELECT host, service, process, line, peer, begins,
                arrayPushFront(arrayPopBack(arrayFill(x -> x != 0, arrayMap((p, n) -> if(p != 0, p, toUInt64(n)), peer, begins))), 0) AS peer_here,
                arrayPushFront(arrayPopBack(arrayFill(x -> x != 0, arrayMap((a, n) -> if(a != 0, a, toUInt64(n)), line.address, begins))), 0) AS address_here
            FROM
            (
                -- the first: the signs and pauses say so
                SELECT host, service, process, line, peer,
                    arrayMap((i, s, l, p, b, pause, forward, led) -> multiIf(
                            i = 1, 1,
                            forward, NOT led,
                            led, 0,
                            p != 0 AND p = b AND s != 7, s IN (1, 2) AND l IN (5, 6) AND pause > 60,
                            s = 0, (l IN (5, 6) AND pause > 600) OR (l = 1 AND pause > 3600),
                            s = 7, l != 0 OR pause > 600,
                            s = 1, l IN (3, 4, 5, 6) OR pause > 600,
                            s = 2, l IN (5, 6) OR (l IN (2, 4) AND pause > 60) OR pause > 600,
                            s = 3, l IN (2, 3, 5, 6) OR (l = 4 AND (service != 'polkit' OR pause > 10)) OR pause > 600,
                            s = 4, l IN (5, 6) OR (l = 4 AND pause > 60) OR (l != 4 AND pause > 600),
                            s = 5, l = 6 OR (l = 5 AND pause > 60) OR (l IN (0, 1) AND pause > 600),
                            s = 8, l IN (5, 6, 8) OR pause > 600,
                            l IN (3, 4, 5) OR pause > 600 OR (l = 6 AND (service IN ('sudo', 'doas') OR (service = 'su' AND pause > 1)))),
                        arrayEnumerate(sign), sign, last_sign, peer, peer_before, pauses, ahead, arrayPushFront(arrayPopBack(ahead), 0)) AS begins
                FROM
                (
                    SELECT host, service, process, line, sign, last_sign, peer,
                        arrayPushFront(arrayPopBack(arrayFill(p -> p != 0, peer)), 0) AS peer_before,
                        arrayMap((x, last) -> dateDiff('second', last, x), t, last_t) AS pauses,
                        -- a note after an end belongs to what follows if that is nearer (sshd remarks on an address before it names a user)
                        -- and so does an end that names nobody, if another peer than before is named within two seconds ("kex_exchange_identification: …")
                        arrayMap((s, l, p, x, last, next, before, after) -> if(s = 6,
                                p = 0 AND after.1 != 0 AND before.1 != 0 AND before.1 != after.1 AND dateDiff('second', x, after.2) <= 2
                                    AND dateDiff('microsecond', x, after.2) < dateDiff('microsecond', last, x) AND (before.1 != 1 OR dateDiff('second', last, x) > 1),
                                s = 0 AND l IN (5, 6) AND p = 0 AND next.1 IN (1, 2, 3, 4, 7)
                                    AND dateDiff('second', x, next.2) <= 300 AND dateDiff('microsecond', x, next.2) < dateDiff('microsecond', last, x)),
                            sign, last_sign, peer, t, last_t, next_sign, last_peer, next_peer) AS ahead
                    FROM
                    (
                        -- the peer each line is about; PAM speaks before any line that names the port, so its lines take the nearer neighbour's
                        SELECT host, service, process, line, t, sign, last_sign, last_t, next_sign, last_peer, next_peer,
                            arrayMap((l, c, x, before, after) -> multiIf(
                                    l != 0, l,
                                    c != 4, 0,
                                    after.1 != 0 AND dateDiff('second', x, after.2) <= 300
                                        AND (before.1 <= 1 OR dateDiff('microsecond', x, after.2) <= dateDiff('microsecond', before.2, x)), after.1,
                                    before.1 = 1, 0,
                                    before.1),
                                line.link, line.code, t, last_peer, next_peer) AS peer
                        FROM
                        (
                            SELECT host, service, process, line, t, sign,
                                -- the last sign before each line: 1 attempt, 2 accepted, 3 command, 4 session opened, 5 session closed, 6 ended without one, 7 connection, 8 cron's job
                                arrayPushFront(arrayPopBack(arrayFill(s -> s > 0, sign)), 0) AS last_sign,
                                arrayPushFront(arrayPopBack(t), t[1]) AS last_t,
                                arrayReverseFill(x -> x.1 > 0, arrayZip(sign, t)) AS next_sign,
                                -- the last peer named (0: none yet, 1: none since something ended) and the next one
                                arrayPushFront(arrayPopBack(arrayFill(x -> x.1 != 0, arrayMap((l, s, x) -> (if(l != 0, l, toUInt64(s IN (5, 6))), x), line.link, sign, t))), (toUInt64(0), t[1])) AS last_peer,
                                arrayReverseFill(x -> x.1 != 0, arrayZip(line.link, t)) AS next_peer
                            FROM
                            (
                                SELECT host, service, process, line, line.time AS t, line.sign AS sign
                                FROM (SELECT host, service, process, arrayCompact(arraySort(l -> (l.time, l.rank, l.hash), found)) AS line FROM timelines)
                            )
                        )
                    )
                )
            )
        )
    )
),
merged AS
(
    SELECT
        host, service, process AS pid, start, end, entries, anchored, outcome, opened, closed, tty, command, key_fingerprint,
        lower(hex(sipHash64(host, service, process, start, first_hash))) AS event_id,
        if(asker > 0, user_of[asker], '') AS user,
        if(target > 0, target_of[target], '') AS target_user,
        if(accepted > 0 AND ip_of[accepted] != '', ip_of[accepted], if(peer > 0, ip_of[peer], '')) AS source_ip,
        if(accepted > 0 AND port_of[accepted] > 0, port_of[accepted], if(peer > 0, port_of[peer], 0)) AS source_port,
        if(accepted > 0, method_of[accepted], refused_method) AS method,
        outcome = 'failure' AND unknown_name AS invalid_user,
        multiIf(service = 'su', toUInt64(outcome = 'failure'), service != 'sshd' AND refusals = 0, toUInt64(has(code, 4)), refusals) AS failures
    FROM
    (
        SELECT
            host, service, process, code, user_of, target_of, ip_of, port_of, method_of,
            time_of[1] AS start,
            time_of[-1] AS end,
            hash_of[1] AS first_hash,
            toUInt32(length(code)) AS entries,
            toUInt8(sign_of[1] > 0) AS anchored,
            indexOf(code, 7) AS accepted,
            -- who asks: what the accepted line says, else the session, else the attempts, PAM last
            arrayReduce('argMin', arrayEnumerate(code), arrayMap((c, u) -> if(u = '', 9, transform(c, [7, 8, 9, 2, 3, 5, 6, 16, 17, 4, 15, 19, 12, 14, 18], [1, 1, 2, 3, 3, 3, 3, 4, 4, 5, 6, 6, 6, 6, 7], 8)), code, user_of)) AS asker,
            if(service IN ('sudo', 'su', 'doas', 'polkit'), arrayReduce('argMin', arrayEnumerate(code), arrayMap((c, u) -> if(u = '', 9, transform(c, [7, 8, 9, 3, 5, 4, 18], [1, 1, 2, 3, 3, 5, 7], 8)), code, target_of)), 0) AS target,
            if(arrayExists(x -> x > 0, port_of), arrayFirstIndex(x -> x > 0, port_of), arrayFirstIndex(x -> x != '', ip_of)) AS peer,
            arrayLast((m, c) -> c = 5, method_of, code) AS refused_method,
            arrayFirst((k, c) -> c = 7, key_of, code) AS key_fingerprint,
            multiIf(
                has(outcome_of, 3) OR arrayExists((c, u) -> c IN (12, 14) OR (c IN (15, 19) AND u != ''), code, user_of), 'success',
                has(outcome_of, 2) OR arrayExists(u -> u != '', user_of), 'failure',
                'no_auth') AS outcome,
            arrayExists(x -> x > 0, invalid_of) AS unknown_name,
            arraySum(arrayMap((c, n) -> if(c = 5, n, 0), code, repeats_of)) AS refusals,
            arrayFirst((x, c) -> c = 9, time_of, code) AS opened,
            arrayLast((x, c) -> c = 18, time_of, code) AS closed,
            if(service = 'sudo', arrayFirst((x, c) -> x != '' AND c != 4, tty_of, arrayMap((c, k) -> if(k != '', 8, c), code, command_of)), '') AS tty,
            if(service = 'sudo', arrayStringConcat(arrayFilter(c -> c != '', command_of), ' '), '') AS command
        FROM
        (
            SELECT host, service, process, event.time AS time_of, event.hash AS hash_of, event.code AS code, event.sign AS sign_of, event.source_ip AS ip_of,
                event.source_port AS port_of, event.user AS user_of, event.invalid_user AS invalid_of, event.target_user AS target_of, event.method AS method_of,
                event.key_fingerprint AS key_of, event.tty AS tty_of, event.command AS command_of, event.outcome AS outcome_of, event.repeats AS repeats_of
            FROM segments
        )
        WHERE arrayExists((s, c, o) -> s > 0 OR c IN (8, 12, 14, 15, 19) OR o > 0, sign_of, code, outcome_of)
    )
)

SELECT
    event_id, host, service, pid, start, end, user, target_user, source_ip, source_port, method, key_fingerprint, outcome, invalid_user, failures,
    nullIf(opened, toDateTime64(0, 6, 'UTC')), nullIf(closed, toDateTime64(0, 6, 'UTC')), tty, command, entries, anchored, {run:UInt64} * 2 + 1, 0
FROM merged
UNION ALL
-- whatever was known of this stretch is withdrawn, one version below: an event that still exists covers its own tombstone
SELECT
    event_id, host, service, pid, start, end, '', '', '', 0, '', '', '', false, 0, NULL, NULL, '', '', 0, 0, {run:UInt64} * 2, 1
FROM
(
    SELECT host, service, pid, start, end, event_id
    FROM login_events FINAL
    WHERE (host, service, pid) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64})
) AS known
LEFT ANY JOIN cuts ON known.host = cuts.host AND known.service = cuts.service AND known.pid = cuts.process
WHERE start >= cuts.cut
