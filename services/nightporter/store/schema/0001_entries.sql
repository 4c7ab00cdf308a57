-- entries: every log line, kept raw (header || message) and parsed.
-- Grain: one row per (host, program, pid, time, message); the same line delivered again collapses into the first delivery,
-- because `precedence` falls with the time of receipt and ReplacingMergeTree keeps the highest.
-- `process` is the process the line is about: the writer, or the one it names (a listener that reports a dead connection).
-- Partitioned by receipt, not by the line's own time: an attacker chooses the latter, and retention counts from the former.
CREATE TABLE IF NOT EXISTS entries
(
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    host LowCardinality(String),
    time DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    program LowCardinality(String),
    service LowCardinality(String),
    pid UInt32 CODEC(ZSTD(1)),
    kind LowCardinality(String),
    header String CODEC(ZSTD(3)),
    message String CODEC(ZSTD(3)),
    user String CODEC(ZSTD(1)),
    invalid_user UInt8 CODEC(ZSTD(1)),
    target_user LowCardinality(String),
    source_ip String CODEC(ZSTD(1)),
    source_port UInt16 CODEC(ZSTD(1)),
    method LowCardinality(String),
    key_fingerprint String CODEC(ZSTD(1)),
    tty LowCardinality(String),
    command String CODEC(ZSTD(1)),
    outcome LowCardinality(String),
    repeats UInt16 CODEC(ZSTD(1)),
    ref_pid UInt32 CODEC(ZSTD(1)),
    session String CODEC(ZSTD(1)),
    process UInt32 DEFAULT if(kind = 'preauth_closed' AND ref_pid > 0, ref_pid, pid) CODEC(Delta, ZSTD(1)),
    precedence UInt64 DEFAULT 18446744073709551615 - toUnixTimestamp64Milli(received) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(received)
PRIMARY KEY (host, service, process, time)
ORDER BY (host, service, process, time, program, pid, message)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000;

-- lines: the door. Nothing is stored here; the view parse_lines (made from store/parse) turns each line into an entry.
CREATE TABLE IF NOT EXISTS lines
(
    line String,
    received DateTime64(3, 'UTC'),
    year UInt16,
    zone String,
    zones Map(String, String),
    source String
)
ENGINE = Null;
