-- Purpose: what is known of each step of one night. Grain: one row per step that was ever started. Reader: nightly/ledger.py.
SELECT step, state, started, finished, share, text, result, attempt, version
FROM night_steps FINAL
WHERE night = {night:Date}
