-- Purpose: how far the next merge run reaches: whole inserts from the queue, until at least {keys} rows are in hand.
-- Grain: one row; upto = 0 when nothing waits. Reader: merge.py.
SELECT
    ifNull(minIf(block, running >= {keys:UInt64}), 0) AS enough,
    max(block) AS last,
    if(enough > 0, enough, last) AS upto,
    sum(size) AS waiting
FROM
(
    SELECT block, size, sum(size) OVER (ORDER BY block ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running
    FROM
    (
        SELECT _block_number AS block, count() AS size
        FROM touched
        WHERE _block_number > (SELECT max(upto) FROM merge_runs)
        GROUP BY block
    )
)
