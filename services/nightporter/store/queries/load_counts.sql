-- Purpose: how many entries a load was the first to bring, and how many of these nobody could read.
-- Grain: one row. {received}: the load's time of receipt in milliseconds since 1970. Reader: ingest/load.py.
-- FINAL keeps the first delivery of each entry. Only hosts and days of this load are looked at; the filter is on sorting columns,
-- because one on `received` would hide the earlier delivery in another partition.
WITH fromUnixTimestamp64Milli({received:Int64}, 'UTC') AS load
SELECT countIf(received = load) AS stored, countIf(received = load AND kind = 'unparsed') AS unparsed
FROM entries FINAL
WHERE (host, toDate(time)) IN (SELECT host, toDate(time) FROM entries WHERE received = load GROUP BY ALL)
