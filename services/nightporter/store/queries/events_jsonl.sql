-- Purpose: merged logins as JSON lines, exactly as the contract writes them (section 2).
-- Grain: one row per login, ordered. {rows}: at most so many. Reader: store/events.py, which puts queries/events.sql in as `chosen`.
-- Bytes that are no UTF-8 become U+FFFD. A sort larger than memory goes to disk.
SELECT
    event_id,
    host,
    service,
    pid,
    formatDateTime(chosen.start, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS start,
    formatDateTime(chosen.end, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS end,
    user,
    target_user,
    source_ip,
    source_port,
    method,
    key_fingerprint,
    outcome,
    invalid_user,
    failures,
    formatDateTime(chosen.session_opened, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS session_opened,
    formatDateTime(chosen.session_closed, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS session_closed,
    tty,
    command,
    entries,
    logind_session
FROM chosen
ORDER BY chosen.start ASC, host ASC, event_id ASC
LIMIT {rows:UInt64}
SETTINGS output_format_json_validate_utf8 = 1, output_format_json_escape_forward_slashes = 0, output_format_json_quote_64bit_integers = 0,
    max_bytes_before_external_sort = 200000000
FORMAT JSONEachRow
