-- user_days: what each person did on each day, as facts that a second delivery does not change: on this server, from this source, with
-- this key, by this program, as this target, with this command, in this hour. Grain: user, kind, value and day. Reader: the console.
-- It says on how many days something happened, not how often: logins are merged several times while their lines arrive, and an insert
-- trigger sees each time. Names that no server knows are left out: attackers invent them by the million.
CREATE TABLE IF NOT EXISTS user_days
(
    user String CODEC(ZSTD(1)),
    kind LowCardinality(String),
    value String CODEC(ZSTD(1)),
    day Date,
    first SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    last SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (user, kind, value, day)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS collect_user_days TO user_days AS
SELECT user, tupleElement(fact, 1) AS kind, tupleElement(fact, 2) AS value, toDate(start) AS day, min(start) AS first, max(start) AS last
FROM login_events
ARRAY JOIN if(outcome = 'success',
    [('server', toString(host)), ('source', source_ip), ('key', key_fingerprint), ('program', trimRight(concat(toString(service), ' ', toString(method)))),
     ('becomes', toString(target_user)), ('command', arrayElement(splitByChar('/', arrayElement(splitByChar(' ', command), 1)), -1)),
     ('hour', concat(toString(toDayOfWeek(start)), ' ', toString(toHour(start))))],
    [('refused', toString(host))]) AS fact
WHERE user != '' AND NOT invalid_user AND is_deleted = 0 AND tupleElement(fact, 2) != ''
GROUP BY user, kind, value, day;

INSERT INTO user_days
SELECT user, tupleElement(fact, 1) AS kind, tupleElement(fact, 2) AS value, toDate(start) AS day, min(start) AS first, max(start) AS last
FROM login_events FINAL
ARRAY JOIN if(outcome = 'success',
    [('server', toString(host)), ('source', source_ip), ('key', key_fingerprint), ('program', trimRight(concat(toString(service), ' ', toString(method)))),
     ('becomes', toString(target_user)), ('command', arrayElement(splitByChar('/', arrayElement(splitByChar(' ', command), 1)), -1)),
     ('hour', concat(toString(toDayOfWeek(start)), ' ', toString(toHour(start))))],
    [('refused', toString(host))]) AS fact
WHERE user != '' AND NOT invalid_user AND tupleElement(fact, 2) != ''
GROUP BY user, kind, value, day;

-- Logins are kept in the order of servers; these say which parts of the table a person, a source or one login can be in.
ALTER TABLE login_events
    ADD INDEX IF NOT EXISTS by_user user TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS by_source source_ip TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS by_event event_id TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE login_events MATERIALIZE INDEX by_user;

ALTER TABLE login_events MATERIALIZE INDEX by_source;

ALTER TABLE login_events MATERIALIZE INDEX by_event;
