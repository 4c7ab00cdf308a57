-- Purpose: the same verdict for several flags, those that are still open; each with its score and model run at that time.
-- Grain: one row per open flag of {flag_ids}. Caller: store/review.py.
INSERT INTO verdicts (flag_id, who, verdict, code, reason, score, model_run)
SELECT flag_id, {who:String}, {verdict:String}, {code:String}, {reason:String}, score, model_run
FROM flags FINAL
WHERE has({flag_ids:Array(String)}, flag_id)
    AND flag_id NOT IN (SELECT flag_id FROM verdicts WHERE has({flag_ids:Array(String)}, flag_id) GROUP BY flag_id HAVING argMax(verdict, at) != 'none')
ORDER BY night DESC
LIMIT 1 BY flag_id
