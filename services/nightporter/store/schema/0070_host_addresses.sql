-- host_addresses: which address a host was heard to have, since when on that day, and when that was first received. Grain: address, host and
-- day, of the line's own time.
-- Writers: view index_addresses, from what sshd says at LogLevel VERBOSE, and view index_beats, from heartbeats. Reader: view address_owners.
CREATE TABLE IF NOT EXISTS host_addresses
(
    address String CODEC(ZSTD(1)),
    host LowCardinality(String),
    day Date CODEC(Delta, ZSTD(1)),
    first SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(Delta, ZSTD(1)),
    received SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (address, host, day)
TTL day + INTERVAL 13 MONTH
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000;

-- "Connection from 203.0.113.7 port 52144 on 10.0.0.5 port 22": who it was that listened. Every machine has the addresses that are left out.
CREATE MATERIALIZED VIEW IF NOT EXISTS index_addresses TO host_addresses AS
SELECT
    replaceRegexpOne(extract(message, '^Connection from [^ ]+ port \\d+ on ([0-9A-Fa-f:.]+)(?:%[^ ]+)? port \\d+'), '^::ffff:(\\d+\\.)', '\\1') AS address,
    host, toDate(time) AS day, min(time) AS first, min(entries.received) AS received
FROM entries
WHERE kind = 'connection' AND service = 'sshd' AND match(address, '[.:]') AND NOT match(address, '^(127\\.|0\\.|169\\.254\\.|::1?$|fe[89ab]|FE[89AB])')
GROUP BY address, host, day;

INSERT INTO host_addresses
SELECT
    replaceRegexpOne(extract(message, '^Connection from [^ ]+ port \\d+ on ([0-9A-Fa-f:.]+)(?:%[^ ]+)? port \\d+'), '^::ffff:(\\d+\\.)', '\\1') AS address,
    host, toDate(time) AS day, min(time) AS first, min(entries.received) AS received
FROM entries
WHERE kind = 'connection' AND service = 'sshd' AND match(address, '[.:]') AND NOT match(address, '^(127\\.|0\\.|169\\.254\\.|::1?$|fe[89ab]|FE[89AB])')
GROUP BY address, host, day;

-- The collector says from which address of its host it reaches the appliance; the receiver leaves out those that every machine has.
ALTER TABLE heartbeats ADD COLUMN IF NOT EXISTS address String DEFAULT '' CODEC(ZSTD(1)) AFTER system;

CREATE MATERIALIZED VIEW IF NOT EXISTS index_beats TO host_addresses AS
SELECT address, host, toDate(heartbeats.received) AS day, toDateTime64(min(heartbeats.received), 6, 'UTC') AS first, min(heartbeats.received) AS received
FROM heartbeats
WHERE address != ''
GROUP BY address, host, day;

-- address_owners: whose an address is on a day, and since when: what is said of a login may rest on it only if `since` is before the login.
-- Of several hosts that had it within the week before, it is that of which this was heard first (by the day of receipt: the time of a line is its
-- host's word), as long as it goes on having it: who says later that an address is theirs, takes it from nobody. What more than two had (bridges of
-- containers, translated addresses) is nobody's: host = ''. Of a host count the twenty addresses a day that it has had longest.
-- Readers: queries/features_logins.sql, queries/way_in.sql, queries/canary_addresses.sql.
CREATE VIEW IF NOT EXISTS address_owners AS
SELECT
    address,
    day,
    if(uniqExactIf(claimant, later > 0) > 2, '', argMin(claimant, (heard, had_since, claimant))) AS host,
    argMin(had_since, (heard, had_since, claimant)) AS since
FROM
(
    SELECT address, claimant, heard, had_since, claimed + later AS day, later
    FROM
    (
        SELECT address, host AS claimant, claimed, heard, had_since
        FROM
        (
            SELECT address, host, day AS claimed, toDate(min(min(received)) OVER (PARTITION BY address, host)) AS heard,
                min(min(first)) OVER (PARTITION BY address, host) AS had_since
            FROM host_addresses
            GROUP BY address, host, day
        )
        ORDER BY heard, had_since, address
        LIMIT 20 BY host, claimed
    )
    ARRAY JOIN range(8) AS later
    WHERE later > 0 OR claimed = toDate(had_since)
)
GROUP BY address, day;

-- The server that a login came from, if its address is one's of ours; and when this user last had logged in there.
ALTER TABLE feature_logins ADD COLUMN IF NOT EXISTS source_host LowCardinality(String) AFTER hour;
ALTER TABLE feature_rows ADD COLUMN IF NOT EXISTS source_host LowCardinality(String) AFTER hour;
ALTER TABLE feature_rows ADD COLUMN IF NOT EXISTS last_way_in Float64 AFTER seen_source_host;
