-- Purpose: the processes that run {run} re-stitches: those queued since {after}.
-- Grain: run, process, peer. Reader: queries/merge_peers.sql, queries/merge_stitch.sql.
INSERT INTO merge_scope (run, host, service, process, link, since)
SELECT {run:UInt64}, host, service, process, link, min(first)
FROM touched
WHERE _block_number > {after:UInt64} AND _block_number <= {run:UInt64}
GROUP BY host, service, process, link
