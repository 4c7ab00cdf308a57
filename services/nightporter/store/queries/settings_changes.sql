-- Purpose: the settings that admins have changed in the console and not taken back. Grain: one row per setting. Reader: store/changes.py.
SELECT name, argMax(value, settings_changes.at) AS value, max(settings_changes.at) AS at, argMax(who, settings_changes.at) AS who,
    argMax(reason, settings_changes.at) AS reason
FROM settings_changes
GROUP BY name
HAVING NOT argMax(taken_back, settings_changes.at)
ORDER BY name
