-- Purpose: the kinds of action there are, to choose from. Grain: one row per kind. Reader: console/views/audit.py.
SELECT DISTINCT action
FROM audit
ORDER BY action ASC
LIMIT 100
