-- touched: the queue of what new entries concern. Grain: one row per insert, process and peer.
-- merge.py re-stitches the processes queued since its last run; block numbers grow in the order in which inserts are committed,
-- so nothing that arrives while a merge runs can be skipped.
CREATE TABLE IF NOT EXISTS touched
(
    at DateTime('UTC') DEFAULT now('UTC') CODEC(Delta, ZSTD(1)),
    host LowCardinality(String),
    service LowCardinality(String),
    process UInt32 CODEC(ZSTD(1)),
    link String CODEC(ZSTD(1)),
    first DateTime64(6, 'UTC') CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (host, service, process)
TTL at + INTERVAL 3 DAY
SETTINGS enable_block_number_column = 1, non_replicated_deduplication_window = 10000;

-- Which lines make logins: those of a login program, except what the program says of itself (daemon), what systemd says beside it,
-- and what nobody could read.
CREATE MATERIALIZED VIEW IF NOT EXISTS queue_touched TO touched AS
SELECT host, service, process, if(source_port > 0, concat(source_ip, ' ', toString(source_port)), multiIf(kind = 'child_pid', concat('pid ', toString(ref_pid)), service = 'cron' AND kind = 'command', 'cron', '')) AS link, min(time) AS first
FROM entries
WHERE service NOT IN ('', 'logind', 'systemd-user', 'account') AND kind NOT IN ('daemon', 'user_manager', 'account_change', 'other', 'unparsed')
GROUP BY host, service, process, link;

-- links: which processes spoke of which peer ("ip port"), announced which child ("pid N"), or ran a job for cron ("cron").
-- led_since: when this process first spoke as the one that handles the connection (maximal date: it never did, it only followed).
-- Readers: merge, to give the lines that children of sshd and cron write to the login they belong to.
CREATE TABLE IF NOT EXISTS links
(
    host LowCardinality(String),
    link String CODEC(ZSTD(1)),
    process UInt32 CODEC(ZSTD(1)),
    led_since SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    follows SimpleAggregateFunction(max, UInt8) CODEC(ZSTD(1)),
    seen SimpleAggregateFunction(max, DateTime('UTC')) CODEC(Delta, ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (host, link, process)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS index_links TO links AS
SELECT
    host,
    multiIf(service = 'cron', 'cron', source_port > 0, concat(source_ip, ' ', toString(source_port)), kind = 'child_pid', concat('pid ', toString(ref_pid)),
        concat('pid ', toString(process))) AS link,
    process,
    min(if(kind IN ('disconnected', 'session_start', 'session_end', 'command'), toDateTime64('2200-01-01 00:00:00', 6, 'UTC'), time)) AS led_since,
    max(kind IN ('disconnected', 'session_start', 'session_end', 'command')) AS follows,
    toDateTime(max(received)) AS seen
FROM entries
WHERE (service = 'sshd' AND kind NOT IN ('daemon', 'other', 'unparsed') AND (source_port > 0 OR kind IN ('child_pid', 'disconnected', 'session_start', 'session_end')))
    OR (service = 'cron' AND kind = 'command')
GROUP BY host, link, process;
