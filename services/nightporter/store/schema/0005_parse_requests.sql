-- parse_requests: lines that `nightporter parse` wants read, while it waits for the answer. Removed then, or soon after a crash.
CREATE TABLE IF NOT EXISTS parse_requests
(
    id UUID,
    at DateTime('UTC') DEFAULT now('UTC'),
    block String CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY id
TTL at + INTERVAL 1 HOUR;
