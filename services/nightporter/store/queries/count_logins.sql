-- Purpose: how many logins there are, less those that the merge has replaced or withdrawn.
-- Grain: one row. Reads the keys of all logins: for stores of some millions. Reader: status.
SELECT count() AS logins
FROM login_events FINAL
