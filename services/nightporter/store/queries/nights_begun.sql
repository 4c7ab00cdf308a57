-- Purpose: the nights that were begun and have a step that is neither done nor skipped, and those since {since} whatever they are.
-- Grain: one row per night, the oldest first. Reader: nightly/catchup.py.
SELECT night, countIf(state IN ('done', 'skipped')) AS over
FROM night_steps FINAL
GROUP BY night
HAVING over < {steps:UInt8} OR night >= {since:Date}
ORDER BY night ASC
