-- line_days: how many lines of each program each server delivered on each day, how many of them nobody could read, and the newest.
-- Grain: day of the line, host, program. A line that is delivered twice counts twice: this is about delivery. Reader: the console's Health.
CREATE TABLE IF NOT EXISTS line_days
(
    day Date,
    host LowCardinality(String),
    program LowCardinality(String),
    lines SimpleAggregateFunction(sum, UInt64),
    unparsed SimpleAggregateFunction(sum, UInt64),
    last SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, host, program)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS count_line_days TO line_days AS
SELECT toDate(least(time, received)) AS day, host, program, count() AS lines, countIf(kind = 'unparsed') AS unparsed, max(least(time, received)) AS last
FROM entries
GROUP BY day, host, program;

INSERT INTO line_days
SELECT toDate(least(time, received)) AS day, host, program, count() AS lines, countIf(kind = 'unparsed') AS unparsed, max(least(time, received)) AS last
FROM entries
GROUP BY day, host, program;
