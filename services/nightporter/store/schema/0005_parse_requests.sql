-- parse_requests: lines that `nightporter parse` wants read, while it waits for the answer. Held in memory only, the oldest are dropped.
CREATE TABLE IF NOT EXISTS parse_requests
(
    id UUID,
    block String
)
ENGINE = Memory
SETTINGS max_rows_to_keep = 100;
