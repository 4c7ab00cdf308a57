-- Purpose: which server of ours had the address {source} at the moment {at}, when {user} had last logged in there before it (or somebody had become
-- {user} there), and who else had a network session there then. Grain: one row; `server` is '' where the address was no server's.
-- Reader: nightly/quoted.py.
WITH
    {at:DateTime64(6, 'UTC')} AS moment,
    (
        SELECT max(host)
        FROM address_owners
        WHERE address = {source:String} AND day = toDate(moment) AND since < moment
    ) AS found,
    {user:String} IN (user, target_user) AS own,
    -- without an end in the log, for half a day
    NOT own AND source_ip != '' AND if(session_closed IS NULL, start > moment - INTERVAL 12 HOUR, session_closed >= moment) AS open
SELECT
    found AS server,
    countIf(own) AS times_there,
    age('hour', maxIf(start, own), moment) AS hours_since_there,
    arrayDistinct(arrayMap(session -> session.2, arrayReverseSort(groupArrayIf((start, user), open)))) AS others_there
FROM login_events FINAL
WHERE host = found AND start >= {since:DateTime64(6, 'UTC')} AND start < moment AND outcome = 'success'
