-- Purpose: what was said about one flag, newest first. Grain: one row per verdict. Reader: console/reading.py.
SELECT at, who, verdict, reason
FROM verdicts
WHERE flag_id = {flag_id:String}
ORDER BY at DESC
LIMIT 200
