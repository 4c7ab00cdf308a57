-- Purpose: the processes that run {run} re-stitches: those queued since {after}, and every process that speaks of the same peer
-- (a late line of an sshd child concerns its monitor, a late line of a monitor concerns its children).
-- Grain: run, process. Reader: queries/merge_stitch.sql.
INSERT INTO merge_scope (run, host, service, process, since)
WITH fresh AS
(
    SELECT host, service, process, link, min(first) AS since
    FROM touched
    WHERE _block_number > {after:UInt64} AND _block_number <= {run:UInt64}
    GROUP BY host, service, process, link
)
SELECT {run:UInt64}, host, service, process, min(since)
FROM
(
    SELECT host, service, process, since FROM fresh
    UNION ALL
    SELECT links.host, 'sshd', links.process, least(fresh.since, links.led_since)
    FROM links
    INNER JOIN fresh ON links.host = fresh.host AND links.link = fresh.link
    WHERE fresh.service = 'sshd' AND fresh.link != '' AND (links.host, links.link) IN (SELECT host, link FROM fresh WHERE link != '')
    UNION ALL
    SELECT links.host, 'sshd', links.process, least(fresh.since, links.led_since)
    FROM links
    INNER JOIN fresh ON links.host = fresh.host AND links.link = concat('pid ', toString(fresh.process))
    WHERE fresh.service = 'sshd' AND links.link LIKE 'pid %' AND (links.host, links.link) IN (SELECT host, concat('pid ', toString(process)) FROM fresh WHERE service = 'sshd')
)
GROUP BY host, service, process
