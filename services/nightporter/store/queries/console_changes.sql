-- Purpose: whether somebody reviewed something since the page was shown. Grain: one row. Reader: console/reading.py.
SELECT count() AS verdicts, max(at) AS newest
FROM verdicts
