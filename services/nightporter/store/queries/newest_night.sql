-- Purpose: the newest night that was scored, to say when scores are old. Grain: one row. Reader: console/reading.py.
SELECT count() AS runs, max(night) AS night
FROM model_runs
