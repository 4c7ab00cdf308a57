-- Purpose: the log lines of one login as they were written: those of its process, and those its children wrote about the same peer.
-- Grain: one row per entry, at most 500. Reader: console/reading.py.
-- Where the program logs no process id (old sudo), the user's name keeps out lines of others that ran at the same time.
-- A journald entry's header is its whole JSON object, message included.
SELECT time, if(startsWith(header, '{'), header, concat(header, message)) AS line
FROM entries FINAL
WHERE host = {host:String} AND service = {service:String}
    AND time >= {from:DateTime64(6, 'UTC')} AND time <= {to:DateTime64(6, 'UTC')}
    AND ((process = {pid:UInt32} AND (process > 0 OR user IN ('', {user:String}) OR target_user = {user:String}))
        OR ({source_port:UInt16} > 0 AND source_ip = {source_ip:String} AND source_port = {source_port:UInt16}))
ORDER BY time ASC, line ASC
LIMIT 500
