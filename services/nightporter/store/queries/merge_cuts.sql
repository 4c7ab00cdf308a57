-- Purpose: from where run {run} reads each process again. A line can change only the event it falls into and later ones of its process.
-- So a process is read from the last event that began well before its earliest new line, cleanly: with a line that opens a login,
-- after everything before it had ended.
-- Grain: run, process. Readers: queries/merge_links.sql, queries/merge_stitch.sql.
INSERT INTO merge_cuts (run, host, service, process, cut)
SELECT {run:UInt64}, host, service, process, max(start)
FROM
(
    SELECT host, service, pid AS process, start, anchored,
        max(end) OVER (PARTITION BY host, service, pid ORDER BY start ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM login_events FINAL
    WHERE pid > 0 AND (host, service, pid) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64})
) AS earlier
INNER JOIN
(
    SELECT host, service, process, min(since) AS since
    FROM merge_scope
    WHERE run = {run:UInt64} AND (host, service, process) IN
    (
        SELECT host, service, pid
        FROM login_events
        WHERE pid > 0 AND (host, service, pid) IN (SELECT host, service, process FROM merge_scope WHERE run = {run:UInt64})
    )
    GROUP BY host, service, process
) AS scope USING (host, service, process)
WHERE anchored AND start > reached AND start <= since - INTERVAL 10 MINUTE
GROUP BY host, service, process
