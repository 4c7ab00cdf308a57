-- Purpose: one row of causal features per login of a slice of run {run}: what was known about it before it happened.
-- Grain: one login; before {whole_from} a few of each key and day, which are enough to learn from. All keys' few are `sampled`.
-- Reader: features/stream.py, which puts the expressions of features/fields.py in place of the marker.
WITH
    {horizon:UInt32} AS horizon,
    toFloat64(toUnixTimestamp64Micro(start)) / 1e6 AS at
SELECT
    event_id,
    toUnixTimestamp64Micro(start) AS start_us,
    pid,
    source_ip,
    toUInt16(toDate(start)) AS day,
    event_id IN
    (
        SELECT event_id
        FROM feature_logins
        WHERE run = {run:String} AND start >= toStartOfDay({begin:DateTime64(6, 'UTC')}) AND start < toStartOfDay({end:DateTime64(6, 'UTC')}) + INTERVAL 1 DAY
        ORDER BY cityHash64(event_id)
        LIMIT {thin:UInt32} BY toDate(start), service, user, host, network, outcome
    ) AS sampled,
    /* the fields of features/fields.py */
FROM feature_rows
WHERE run = {run:String} AND fresh AND startsWith(event_id, {only:String}) AND (sampled OR toDate(start) >= {whole_from:Date})
ORDER BY start, event_id
