-- What several steps of a merge run need is looked up once and kept until the run is over, as merge_scope is.

-- merge_cuts: from where a process is read again; one that has no row is read whole. Grain: run and process. Rows of a run that was
-- broken off may stand beside those of its repetition; the earlier cut holds.
CREATE TABLE IF NOT EXISTS merge_cuts
(
    run UInt64,
    host LowCardinality(String),
    service LowCardinality(String),
    process UInt32,
    cut DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (run, host, service, process);

-- merge_links: the rows of `links` about the peers of a run. Grain: run, peer and process.
CREATE TABLE IF NOT EXISTS merge_links
(
    run UInt64,
    host LowCardinality(String),
    link String,
    process UInt32,
    led_since DateTime64(6, 'UTC'),
    follows UInt8
)
ENGINE = MergeTree
ORDER BY (run, host, link, process);
