-- Purpose: append what a reviewer says of a flag, with the flag's score at that time. Grain: one row per call.
-- Callers: console/reading.py, cli/nights.py.
INSERT INTO verdicts (flag_id, who, verdict, reason, score)
SELECT {flag_id:String}, {who:String}, {verdict:String}, {reason:String}, max(score)
FROM flags FINAL
WHERE flag_id = {flag_id:String}
