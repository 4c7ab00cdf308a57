-- Purpose: one more verdict on a flag, with the flag's score and model run at that time.
-- Grain: one row; none where the flag is unknown or, if {checked}, somebody said something after {seen}. Caller: store/review.py.
INSERT INTO verdicts (flag_id, who, verdict, code, reason, score, model_run)
SELECT flag_id, {who:String}, {verdict:String}, {code:String}, {reason:String}, score, model_run
FROM flags FINAL
WHERE flag_id = {flag_id:String}
    AND (NOT {checked:Bool} OR (SELECT max(at) FROM verdicts WHERE flag_id = {flag_id:String}) <= {seen:DateTime64(6, 'UTC')})
ORDER BY night DESC
LIMIT 1
