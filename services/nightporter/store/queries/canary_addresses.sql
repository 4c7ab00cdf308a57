-- Purpose: servers whose address is known since before a night, each with one of its addresses: where planted attacks come from.
-- Grain: one server. Reader: nightly/canaries.py.
SELECT toString(host) AS server, min(address) AS one
FROM address_owners
WHERE day = {night:Date} AND since < toDateTime64({night:Date}, 6, 'UTC') AND host != ''
GROUP BY server
ORDER BY server
