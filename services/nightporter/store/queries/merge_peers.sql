-- Purpose: add to the scope of run {run} every sshd process that speaks of the same peer: a late line of a child concerns its monitor,
-- a late line of a monitor concerns its children, and "pid N" ties the two where no line names a peer.
-- A child's remarks name nobody: the peers of its other lines count ("remark").
-- Likewise cron: the job is logged by a child, the process after the one that opened the session.
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
    WHERE service = 'sshd' AND kind IN ('disconnected', 'session_start', 'session_end')
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
SELECT {run:UInt64}, host, 'cron', process - 1, 'cron', since
FROM merge_scope
WHERE run = {run:UInt64} AND service = 'cron' AND link = 'cron' AND process > 1
UNION ALL
SELECT {run:UInt64}, links.host, 'cron', links.process, 'cron', session.since
FROM links
INNER JOIN (SELECT host, process + 1 AS process, since FROM merge_scope WHERE run = {run:UInt64} AND service = 'cron' AND link = '') AS session
    ON links.host = session.host AND links.process = session.process
WHERE links.link = 'cron' AND links.host IN (SELECT host FROM merge_scope WHERE run = {run:UInt64} AND service = 'cron')
