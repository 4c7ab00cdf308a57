-- Purpose: keep what run {from} has to know at this moment under another name, or begin run {to} with what was kept.
-- Grain: one login that is still the last of something, or the first of its user (bit 5); others that began before {oldest} are of no use.
-- Reader: features/history.py.
INSERT INTO feature_state
SELECT * REPLACE ({to:String} AS run, now('UTC') AS made, 0 AS slice)
FROM
(
    SELECT *
    FROM feature_state FINAL
    WHERE run = {from:String} AND roles != 0 AND (start >= {oldest:DateTime64(6, 'UTC')} OR bitTest(roles, 5))
)
