-- blocks: how ingest hands over lines: a few MiB of them as one row, with what is the same for all. Nothing is stored here.
-- One row a request works alike on a server and on the embedded engine, which has no INSERT ... SELECT FROM input().
CREATE TABLE IF NOT EXISTS blocks
(
    received DateTime64(3, 'UTC'),
    year UInt16,
    zone String,
    zones Map(String, String),
    block String
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS split_blocks TO lines AS
SELECT arrayJoin(splitByChar('\n', block)) AS line, received, year, zone, zones, '' AS source
FROM blocks
WHERE line != '';
