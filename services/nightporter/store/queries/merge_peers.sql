-- Purpose: add to the scope of run {run} every sshd process that speaks of the same peer: a late line of a child concerns its monitor,
-- a late line of a monitor concerns its children, and "pid N" ties the two where no line names a peer.
-- A child's remarks name nobody: the peers of its other lines count ("remark").
-- Likewise cron: the job is logged by a child, a process just after the one that opened the session; and login, where root came in.
-- Grain: run, process, peer. Reader: queries/merge_stitch.sql.
INSERT INTO merge_scope (run, host, service, process, link, since)
WITH named AS
(
    SELECT host, link, min(since) AS since
    FROM merge_scope
    WHERE run = {run:UInt64} AND service = 'sshd' AND link NOT IN ('', 'remark')
    GROUP BY host, link
    UNION ALL
    SELECT host, if(source_port > 0, concat(source_ip, ' ', toString(source_port)), concat('pid ', toString(process))) AS link, min(time) AS since
    FROM entries
    WHERE service = 'sshd' AND (kind IN ('disconnected', 'session_start', 'session_end') OR (auth_process AND source_port > 0))
        AND (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND link = 'remark')
    GROUP BY host, link
    UNION ALL
    SELECT host, concat('pid ', toString(process)) AS link, min(since) AS since
    FROM merge_scope
    WHERE run = {run:UInt64} AND service = 'sshd' AND host IN (SELECT host FROM links WHERE link >= 'pid ' AND link < 'pid!')
    GROUP BY host, process
)
SELECT {run:UInt64}, host, 'sshd', process, link, earliest
FROM
(
    SELECT links.host AS host, links.process AS process, links.link AS link, least(named.since, links.led_since) AS earliest
    FROM links
    INNER JOIN named ON links.host = named.host AND links.link = named.link
    WHERE (links.host, links.link) IN (SELECT host, link FROM named)
) AS related
LEFT ANY JOIN (SELECT host, process, link, since FROM merge_scope WHERE run = {run:UInt64} AND service = 'sshd') AS present USING (host, process, link)
WHERE present.since > earliest OR present.since = toDateTime64(0, 6, 'UTC')
UNION ALL
-- an end that names no port belongs to one of the nine processes up to its own
SELECT {run:UInt64}, host, 'sshd', process - shift, 'near', since
FROM
(
    SELECT links.host AS host, links.process AS process, min(touched.since) AS since
    FROM links
    INNER JOIN
    (
        SELECT host, process + shift AS process, since
        FROM merge_scope
        ARRAY JOIN range(9) AS shift
        WHERE run = {run:UInt64} AND service = 'sshd' AND host IN (SELECT host FROM links WHERE link >= 'pid ' AND link < 'pid!' AND follows)
    ) AS touched ON links.host = touched.host AND links.process = touched.process
    WHERE links.follows AND links.link >= 'pid ' AND links.link < 'pid!'
    GROUP BY host, process
)
ARRAY JOIN range(9) AS shift
WHERE process > shift
UNION ALL
-- where jobs are logged at all
SELECT DISTINCT {run:UInt64}, host, 'cron', process, 'near', since
FROM entries
INNER JOIN
(
    SELECT host, process + shift AS process, min(since) AS since
    FROM merge_scope
    ARRAY JOIN range(-32, 33) AS shift
    WHERE run = {run:UInt64} AND service = 'cron' AND host IN (SELECT host FROM links WHERE link = 'cron')
    GROUP BY host, process
) AS touched ON entries.host = touched.host AND entries.process = touched.process
WHERE service = 'cron' AND kind IN ('session_opened', 'command', 'session_end') AND (host, process) IN
(
    SELECT host, process + shift
    FROM merge_scope
    ARRAY JOIN range(-32, 33) AS shift
    WHERE run = {run:UInt64} AND service = 'cron' AND host IN (SELECT host FROM links WHERE link = 'cron')
)
UNION ALL
-- what PAM says of a su or pkexec may lack the pid that the program itself logs ten seconds later at most
SELECT DISTINCT {run:UInt64}, host, service, 0, 'near', since - INTERVAL 10 SECOND
FROM merge_scope
WHERE run = {run:UInt64} AND service IN ('su', 'polkit') AND process > 0 AND (host, service) IN
(
    SELECT host, service
    FROM entries
    WHERE (service, kind) IN (('su', 'auth_failure'), ('polkit', 'session_opened'))
        AND (host, service, process) IN (SELECT host, service, 0 FROM merge_scope WHERE run = {run:UInt64} AND service IN ('su', 'polkit'))
)
UNION ALL
SELECT DISTINCT {run:UInt64}, host, service, process, 'near', early.time
FROM entries
INNER JOIN
(
    SELECT host, service, user, target_user, time
    FROM entries
    WHERE (service, kind) IN (('su', 'auth_failure'), ('polkit', 'session_opened'))
        AND (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND service IN ('su', 'polkit') AND process = 0)
) AS early ON entries.host = early.host AND entries.service = early.service AND entries.target_user = early.target_user
WHERE (service, kind) IN (('su', 'failed'), ('polkit', 'command')) AND process > 0 AND (service = 'polkit' OR entries.user = early.user)
    AND entries.time >= early.time AND entries.time <= early.time + INTERVAL 10 SECOND
    AND (host, service) IN (SELECT host, service FROM merge_scope WHERE run = {run:UInt64} AND service IN ('su', 'polkit') AND process = 0)
UNION ALL
-- Debian's login tells of root in a child of the process that opened the session
SELECT {run:UInt64}, host, 'login', process, 'near', min(time)
FROM entries
WHERE service = 'login' AND process > 0 AND user = 'root' AND (kind = 'session_opened' OR startsWith(message, 'ROOT LOGIN  on '))
    AND host IN (SELECT host FROM merge_scope WHERE run = {run:UInt64} AND service = 'login')
GROUP BY host, process
