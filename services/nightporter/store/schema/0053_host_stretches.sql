-- host_stretches: which stretch of its log each delivery covers, as its collector says: what was passed over shows as a gap between two.
-- stream: one log file (its inode), or 'journal'; read_from, read_to: bytes of the file, journald's numbers of entries; from 0 on it is another file or count.
-- Deliveries without stream (another shipper's, an older collector's) leave no row.
CREATE TABLE IF NOT EXISTS host_stretches
(
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    host LowCardinality(String),
    stream LowCardinality(String),
    read_from UInt64 CODEC(Delta, ZSTD(1)),
    read_to UInt64 CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (host, stream, received)
TTL toDateTime(received) + INTERVAL 14 DAY
SETTINGS non_replicated_deduplication_window = 10000;

ALTER TABLE deliveries
    ADD COLUMN IF NOT EXISTS stream String,
    ADD COLUMN IF NOT EXISTS read_from UInt64,
    ADD COLUMN IF NOT EXISTS read_to UInt64;

CREATE MATERIALIZED VIEW IF NOT EXISTS note_stretches TO host_stretches AS
SELECT received, host, stream, read_from, read_to
FROM deliveries
WHERE stream != '';
