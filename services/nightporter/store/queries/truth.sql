-- Purpose: logins of the users that a simulated farm's attacks use, to be matched with what truly happened.
-- Grain: one row per login; start in microseconds since 1970. Reader: nightly/evaluate.py.
SELECT event_id, toString(host), toString(service), pid, toUnixTimestamp64Micro(start), user
FROM login_events FINAL
WHERE user IN {users:Array(String)}
