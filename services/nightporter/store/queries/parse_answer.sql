-- Purpose: what the parse read from each line, one JSON object a line, in the order of the lines.
-- Grain: one row per line. Reader: store/reading.py, which puts the SELECT that fills `entries` in as `parsed`.
SELECT
    if(kind = 'unparsed' AND header = '', NULL, formatDateTime(time, '%Y-%m-%dT%H:%i:%S.%f+00:00')) AS time,
    host,
    program,
    service,
    nullIf(pid, 0) AS pid,
    kind,
    user,
    toBool(invalid_user) AS invalid_user,
    target_user,
    source_ip,
    source_port,
    method,
    key_fingerprint,
    tty,
    command,
    outcome,
    if(kind = 'failed', repeats, 0) AS failures,
    session AS logind_session,
    message
FROM parsed
SETTINGS max_threads = 1, output_format_json_validate_utf8 = 1, output_format_json_escape_forward_slashes = 0,
    output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow
