-- Purpose: what was said about one flag, newest first. Grain: one row per verdict. Reader: store/review.py.
SELECT at, who, verdict, code, reason, score, model_run
FROM verdicts
WHERE flag_id = {flag_id:String}
ORDER BY at DESC
LIMIT 200
