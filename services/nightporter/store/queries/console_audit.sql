-- Purpose: what was done before {before}, newest first, by {who} ('' = anybody) and of the kind {action} ('' = any).
-- Grain: one row per action, at most {rows}. Reader: console/views/audit.py.
SELECT at, who, action, about, detail, address
FROM audit
WHERE at < {before:DateTime64(6, 'UTC')} AND ({who:String} = '' OR who = {who:String}) AND ({action:String} = '' OR action = {action:String})
ORDER BY at DESC
LIMIT {rows:UInt32}
