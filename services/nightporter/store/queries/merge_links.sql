-- Purpose: who spoke of the peers of run {run}. sshd's children log under their own pid (sshd-auth before the login, others after it),
-- but name the peer, or were announced by their monitor.
-- Grain: run, peer, process. Reader: queries/merge_stitch.sql.
INSERT INTO merge_links (run, host, link, process, led_since, follows)
SELECT {run:UInt64}, host, link, process, led_since, follows
FROM links
WHERE (host, link) IN
(
    SELECT host, link FROM merge_scope WHERE run = {run:UInt64} AND service = 'sshd' AND link NOT IN ('', 'remark')
    UNION ALL
    SELECT known.host, concat(source_ip, ' ', toString(source_port))
    FROM
    (
        SELECT host, pid AS process, start, source_ip, source_port
        FROM login_events FINAL
        WHERE service = 'sshd' AND (host, service, pid) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64} AND service = 'sshd')
    ) AS known
    LEFT ANY JOIN
    (
        SELECT host, process, min(cut) AS cut FROM merge_cuts WHERE run = {run:UInt64} AND service = 'sshd' GROUP BY host, process
    ) AS cuts USING (host, process)
    WHERE source_port > 0 AND start >= cuts.cut
    UNION ALL
    SELECT host, concat('pid ', toString(ref_pid))
    FROM entries
    WHERE kind = 'child_pid' AND (host, service, process) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64})
    UNION ALL
    -- a child that is here for another reason: its other lines still belong to who leads their peers
    SELECT host, link
    FROM links
    WHERE follows AND (host, process) IN (SELECT host, process FROM merge_scope WHERE run = {run:UInt64} AND service = 'sshd')
)
