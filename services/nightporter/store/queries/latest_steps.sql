-- Purpose: how far the night is that was worked on last. Grain: one row per step of that night. Reader: status.
SELECT night, step, state, started, finished, share, text
FROM night_steps FINAL
WHERE night = (SELECT argMax(night, version) FROM night_steps)
