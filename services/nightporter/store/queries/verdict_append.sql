-- Purpose: one more verdict on a flag, with the flag's score at that time. Grain: one row, none where the flag is unknown.
-- Callers: nightly/feedback.py, console/reading.py, cli/nights.py.
INSERT INTO verdicts (flag_id, who, verdict, reason, score)
SELECT flag_id, {who:String}, {verdict:String}, {reason:String}, score
FROM flags FINAL
WHERE flag_id = {flag_id:String}
LIMIT 1
