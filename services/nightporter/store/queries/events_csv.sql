-- Purpose: merged logins as CSV for spreadsheets. A text that a spreadsheet would run as a formula gets an apostrophe in front.
-- Grain: one row per login, ordered, after a header line; null is empty. {rows}: at most so many.
-- Reader: store/events.py, which puts queries/events.sql in as `chosen`.
SELECT
    event_id,
    replaceRegexpOne(toValidUTF8(chosen.host), '^[=+@\t\r-]', '\'\\0') AS host,
    service,
    pid,
    formatDateTime(chosen.start, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS start,
    formatDateTime(chosen.end, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS end,
    replaceRegexpOne(toValidUTF8(chosen.user), '^[=+@\t\r-]', '\'\\0') AS user,
    replaceRegexpOne(toValidUTF8(chosen.target_user), '^[=+@\t\r-]', '\'\\0') AS target_user,
    replaceRegexpOne(toValidUTF8(chosen.source_ip), '^[=+@\t\r-]', '\'\\0') AS source_ip,
    source_port,
    replaceRegexpOne(toValidUTF8(chosen.method), '^[=+@\t\r-]', '\'\\0') AS method,
    replaceRegexpOne(toValidUTF8(chosen.key_fingerprint), '^[=+@\t\r-]', '\'\\0') AS key_fingerprint,
    outcome,
    invalid_user,
    failures,
    formatDateTime(chosen.session_opened, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS session_opened,
    formatDateTime(chosen.session_closed, '%Y-%m-%dT%H:%i:%S.%f+00:00') AS session_closed,
    replaceRegexpOne(toValidUTF8(chosen.tty), '^[=+@\t\r-]', '\'\\0') AS tty,
    replaceRegexpOne(toValidUTF8(chosen.command), '^[=+@\t\r-]', '\'\\0') AS command,
    entries,
    replaceRegexpOne(toValidUTF8(chosen.logind_session), '^[=+@\t\r-]', '\'\\0') AS logind_session
FROM chosen
ORDER BY chosen.start ASC, chosen.host ASC, event_id ASC
LIMIT {rows:UInt64}
SETTINGS format_csv_null_representation = '', max_bytes_before_external_sort = 200000000
FORMAT CSVWithNames
