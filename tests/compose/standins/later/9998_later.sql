-- What a later version adds.
CREATE TABLE later (n UInt8) ENGINE = MergeTree ORDER BY n;
