-- Purpose: the appliance's numbers for Prometheus; each column is one gauge, named and explained in store/metrics.py.
-- Grain: one row. Reads no large table but the newest parts of `entries`. Reader: metrics.
WITH
    (SELECT max(upto) FROM merge_runs) AS merged_upto,
    (SELECT summary FROM model_runs ORDER BY finished DESC LIMIT 1) AS newest_summary
SELECT
    (SELECT sum(total_rows) FROM system.tables WHERE database = currentDatabase() AND name = 'entries') AS entries,
    (SELECT sum(total_rows) FROM system.tables WHERE database = currentDatabase() AND name = 'login_events') AS logins,
    (SELECT sum(total_bytes) FROM system.tables WHERE database = currentDatabase()) AS stored_bytes,
    (SELECT min(free_space) FROM system.disks) AS disk_free_bytes,
    (SELECT sum(lines) FROM host_hours) AS lines_received,
    (SELECT count() FROM touched WHERE _block_number > merged_upto) AS merge_waiting,
    (SELECT if(count() = 0, 0, dateDiff('second', min(at), now())) FROM touched WHERE _block_number > merged_upto) AS merge_lag_seconds,
    (SELECT if(count() = 0, 0, countIf(kind = 'unparsed') / count()) FROM entries WHERE _part IN (
        SELECT name FROM system.parts
        WHERE database = currentDatabase() AND table = 'entries' AND active AND rows < 2000000 AND modification_time > now() - 3600
    )) AS unparsed_share,
    (SELECT count() FROM hosts FINAL WHERE isNull(removed_at)) AS hosts_expected,
    (SELECT count() FROM hosts FINAL WHERE isNull(removed_at)
        AND name NOT IN (SELECT host FROM heartbeats WHERE received > now64(3, 'UTC') - INTERVAL 10 MINUTE)) AS hosts_silent,
    (SELECT count() FROM parked WHERE received > now64(3, 'UTC') - INTERVAL 1 DAY) AS parked_last_day,
    (SELECT toUnixTimestamp(max(finished)) FROM model_runs) AS night_finished_timestamp_seconds,
    (SELECT argMax(flags, finished) FROM model_runs) AS night_flags,
    (SELECT argMax(logins, finished) FROM model_runs) AS night_logins,
    JSONExtractFloat(newest_summary, 'canaries', 'recall') AS canary_recall,
    JSONExtractFloat(newest_summary, 'stability', 'overlap') AS flag_overlap,
    JSONExtractFloat(newest_summary, 'drift', 'nll') AS drift_nll,
    (SELECT count() FROM night_steps FINAL WHERE night = (SELECT max(night) FROM night_steps) AND state = 'waiting') AS night_steps_waiting,
    (SELECT count() FROM night_steps FINAL WHERE night = (SELECT max(night) FROM night_steps) AND state = 'running') AS night_steps_running,
    (SELECT count() FROM night_steps FINAL WHERE night = (SELECT max(night) FROM night_steps) AND state = 'done') AS night_steps_done,
    (SELECT count() FROM night_steps FINAL WHERE night = (SELECT max(night) FROM night_steps) AND state = 'failed') AS night_steps_failed
