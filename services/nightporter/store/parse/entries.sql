-- The parse: raw lines in, the columns of `entries` out.
-- Grain: one row a line, always; nothing is dropped. Readers: the materialized view from `lines`, the `parse` command.
-- ${names} are filled in by parse/__init__.py: the relation to read, and expressions made from the rule lists beside this file.
--
-- Each step stands on its own, because the engine copies an expression for every use of its name within one SELECT. Run it with
-- query_plan_merge_expressions = 0 (store/client.py does), else the planner undoes that.
WITH
-- A carriage return at the end goes. A line of journalctl -o json is an object with a time and a message.
records AS
(
    SELECT
        received, year, zone, zones,
        trimRight(line, '\r') AS record,
        startsWith(record, '{') AND position(record, '"__REALTIME_TIMESTAMP"') > 0 AND position(record, '"MESSAGE"') > 0 AS journal
    FROM ${source}
),
journals AS
(
    SELECT
        received, year, zone, zones, record, journal,
        if(journal, JSONExtract(record, 'Tuple(__REALTIME_TIMESTAMP String, _SOURCE_REALTIME_TIMESTAMP String, _HOSTNAME String, SYSLOG_IDENTIFIER String, _COMM String, SYSLOG_PID String, _PID String, MESSAGE String)'), ('', '', '', '', '', '', '', '')) AS written_by,
        if(journal, arrayStringConcat(arrayMap(byte -> char(byte), JSONExtract(record, 'MESSAGE', 'Array(UInt8)'))), '') AS message_bytes
    FROM records
),
-- What is longer than 64 KiB is cut and says so.
cuts AS
(
    SELECT
        received, year, zone, zones, record, journal,
        if(journal, written_by.3, '') AS journal_host,
        if(journal, if(written_by.4 != '', written_by.4, written_by.5), '') AS journal_program,
        if(journal, if(written_by.6 != '', written_by.6, written_by.7), '') AS journal_pid,
        if(journal, if(written_by.2 != '', written_by.2, written_by.1), '') AS journal_time,
        if(journal, concat(written_by.8, message_bytes), record) AS whole,
        if(length(whole) > 65536, concat(left(whole, 65536), ' [nightporter: cut, the line had ', toString(length(whole)), ' bytes]'), whole) AS bytes
    FROM journals
),
-- Patterns want valid UTF-8. Any other bytes are read as Latin-1, which keeps each of them, and put back at the end.
texts AS
(
    SELECT
        received, year, zone, zones, record, journal, journal_host, journal_program, journal_pid, journal_time,
        isValidUTF8(bytes) AS utf8,
        if(utf8, bytes, convertCharset(bytes, 'ISO-8859-1', 'UTF-8')) AS text
    FROM cuts
),
-- The header: four everyday forms are read by position, the others by the rules of headers.sql.
everydays AS
(
    SELECT
        *,
        multiMatchAnyIndex(left(text, 256), [
            '^[A-Z][a-z][a-z] (?: \\d|\\d\\d|\\d) \\d\\d:\\d\\d:\\d\\d [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+\\[\\d+\\]: ',
            '^[A-Z][a-z][a-z] (?: \\d|\\d\\d|\\d) \\d\\d:\\d\\d:\\d\\d [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+: ',
            '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)? [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+\\[\\d+\\]: ',
            '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)? [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+: ']) AS matched,
        if(journal, 0, matched) AS everyday
    FROM texts
),
forms AS
(
    SELECT
        *,
        if(everyday > 0 OR journal, 0, ${match_form}) AS form,
        toUInt32(multiIf(everyday = 0, 0, everyday > 2, position(text, ' ') - 1, substring(text, 15, 1) = ' ', 14, 15)) AS stamp_end,
        toUInt32(multiIf(everyday = 0, 0, everyday IN (1, 3), position(text, ']: ') + 2, position(text, ': ') + 1)) AS head_end
    FROM everydays
),
hosts AS
(
    SELECT *, toUInt32(if(everyday = 0, 0, position(text, ' ', stamp_end + toUInt32(2)))) AS host_end
    FROM forms
),
names AS
(
    SELECT *, toUInt32(multiIf(everyday = 0, 0, everyday IN (1, 3), position(text, '[', host_end), position(text, ':', host_end))) AS name_end
    FROM hosts
),
heads AS
(
    SELECT
        *,
        multiIf(everyday > 0, left(text, head_end), journal, record, form > 0, ${form_header}, '') AS head,
        multiIf(everyday > 0, substring(text, stamp_end + 2, host_end - stamp_end - 2), journal, journal_host, form > 0, ${form_host}, '') AS host,
        multiIf(everyday > 0, substring(text, host_end + 1, name_end - host_end - 1), journal, journal_program, form > 0, ${form_program}, '') AS tag,
        multiIf(everyday IN (1, 3), substring(text, name_end + 1, head_end - name_end - 3), everyday > 0, '', journal, journal_pid, form > 0, ${form_pid}, '') AS pid_text,
        multiIf(everyday > 2, left(text, stamp_end), form > 0, ${form_stamp}, '') AS whole_stamp,
        if(form > 0, ${form_date}, '') AS date_text,
        multiIf(everyday IN (1, 2), substring(text, stamp_end - 7, 8), form > 0, ${form_clock}, '') AS clock,
        if(form > 0, ${form_offset}, '') AS offset_text,
        multiIf(everyday IN (1, 2), left(text, 3), form > 0, ${form_month}, '') AS month_text,
        multiIf(everyday IN (1, 2), substring(text, 5, 2), form > 0, ${form_day}, '') AS day_text,
        if(form > 0, ${form_year}, '') AS year_text
    FROM names
),
-- Blanks before a message belong to the header: header and message joined are the line.
rests AS
(
    SELECT *, if(journal, text, substring(text, length(head) + 1)) AS rest
    FROM heads
),
parts AS
(
    SELECT
        received, zone, zones, utf8, journal, journal_time, host, clock,
        trimLeft(rest) AS message,
        if(length(rest) = length(message), head, concat(head, left(rest, length(rest) - length(message)))) AS header,
        if(startsWith(tag, '/'), extract(tag, '[^/]+$$'), tag) AS name,
        toUInt32OrZero(pid_text) AS pid,
        if(date_text = '', whole_stamp, concat(date_text, 'T', clock, offset_text)) AS stamp,
        if(month_text = '', 0, intDiv(position('JanFebMarAprMayJunJulAugSepOctNovDec', month_text) + 2, 3)) AS month,
        toUInt8OrZero(trimLeft(day_text)) AS day,
        toUInt8OrZero(substring(clock, 1, 2)) AS hour,
        toUInt8OrZero(substring(clock, 4, 2)) AS minute,
        toUInt8OrZero(substring(clock, 7, 2)) AS second,
        if(year_text = '', year, toUInt16OrZero(year_text)) AS year_given,
        -- Clocks and zones run ahead of the receiver by at most 14 hours.
        toDateTime(received, 'UTC') + 50400 AS latest
    FROM rests
),
-- The year that RFC 3164 leaves out: the one nearest before receipt; for 29 February, the last leap year.
years AS
(
    SELECT
        *,
        multiIf(
            month = 0, 0,
            year_given > 0, year_given,
            month = 2 AND day = 29, ${leap_year},
            toYear(latest) - (makeDateTime(toYear(latest), month, day, hour, minute, second, 'UTC') > latest)) AS year_found
    FROM parts
),
stamps AS
(
    SELECT
        *,
        multiIf(
            journal, fromUnixTimestamp64Micro(toInt64OrZero(journal_time), 'UTC'),
            stamp != '', ifNull(parseDateTime64BestEffortOrNull(replaceOne(stamp, ',', '.'), 6, 'UTC'), toDateTime64(0, 6, 'UTC')),
            month > 0 AND toMonth(makeDate(year_found, month, day)) = month AND hour < 24 AND minute < 60 AND second < 61,
                toDateTime64(makeDateTime(year_found, month, day, hour, minute, 0, 'UTC') + second, 6, 'UTC'),
            toDateTime64(0, 6, 'UTC')) AS whole_seconds,
        if(month > 0 AND length(clock) > 8, addMicroseconds(whole_seconds, toUInt32OrZero(rightPad(substring(clock, 10, 6), 6, '0'))), whole_seconds) AS written,
        multiIf(journal OR match(substring(stamp, 18), '[Z+-]'), 'UTC', empty(zones), zone, zones[host] = '', zone, zones[host]) AS tz
    FROM years
),
-- The zone's distance from UTC, asked at the time as written and again at the time that this gives.
guesses AS
(
    SELECT *, if(tz IN ('UTC', ''), 0, ${offset_guess}) AS guess
    FROM stamps
),
offsets AS
(
    SELECT *, if(tz IN ('UTC', ''), written, written - ${offset}) AS moment
    FROM guesses
),
-- A time that cannot be true leaves the line unread, but counted under its host and program.
moments AS
(
    SELECT
        received, utf8, host, pid, journal, header, message,
        transform(name, [${program_names}], [${program_values}], name) AS program,
        header != '' AND written >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC') AND moment <= toDateTime64(received, 6, 'UTC') + 31622400 AS timed,
        if(timed, moment, toDateTime64(0, 6, 'UTC')) AS time,
        startsWith(message, 'message repeated ') AS repeated
    FROM offsets
),
-- What the message says, without syslog's "message repeated", Solaris' "[ID …]" and PAM's tag.
sayings AS
(
    SELECT
        *,
        if(repeated, extract(message, '(?s)^message repeated (\\d+) times: \\[.*\\]$$'), '') AS said_times,
        multiIf(
            repeated, extract(message, '(?s)^message repeated \\d+ times: \\[ ?(.*?) ?\\]$$'),
            startsWith(message, '[ID '), extract(message, '(?s)^\\[ID \\d+ [a-z0-9]+\\.[a-z]+\\] (.*)$$'),
            message) AS said
    FROM moments
),
tags AS
(
    SELECT *, if(startsWith(said, 'pam_'), extract(said, '^pam_[a-z0-9_]+\\(([A-Za-z0-9_.@-]+):[a-z_]+\\): '), '') AS pam_service
    FROM sayings
),
bodies AS
(
    SELECT
        *,
        multiIf(
            pam_service != '', substring(said, position(said, '): ') + 3),
            startsWith(said, '(pam_'), extract(said, '(?s)^\\(pam_[a-z0-9_]+\\) (.*)$$'),
            startsWith(said, 'pam_unix: '), substring(said, 11),
            said) AS body,
        pam_service != '' OR startsWith(said, '(pam_') OR startsWith(said, 'pam_unix: ') OR NOT journal AND position(header, '(pam_') > 0 AS by_pam,
        transform(if(pam_service != '', pam_service, program), [${service_names}], [${service_values}], '') AS service
    FROM tags
),
families AS
(
    SELECT
        *,
        multiIf(
            NOT timed, 0,
            by_pam, transform(service, [${pam_families}], [${pam_family_values}], ${pam_family}),
            transform(service, [${service_families}], [${service_family_values}], 0)) AS family
    FROM bodies
),
-- The first of the family's rules that matches.
places AS
(
    SELECT *, multiIf(family = 0, 0, ${match_family}, 0) AS place
    FROM families
),
rules AS
(
    SELECT *, if(place = 0, 0, place + transform(family, [${family_numbers}], [${family_starts}], 0)) AS rule
    FROM places
),
-- What the rule reads from the message.
fields AS
(
    SELECT
        *,
        multiIf(rule > 0, transform(rule, [${rule_numbers}], [${kinds}], ''), timed AND program IN (${other_programs}), 'other', 'unparsed') AS kind,
        if(rule > 0, transform(rule, [${rule_numbers}], [${outcomes}], ''), '') AS outcome,
        ${invalid_user} AS invalid_user,
        ${user} AS user,
        ${target_user} AS target_user,
        ${source_ip} AS peer,
        ${source_port} AS port,
        ${method} AS method,
        ${key_fingerprint} AS key_fingerprint,
        ${tty} AS tty,
        ${command} AS command,
        ${repeats} AS times,
        ${ref_pid} AS named_pid,
        ${session} AS session
    FROM rules
)
SELECT
    received,
    CAST(if(utf8, host, ${bytes_of_host}), 'LowCardinality(String)') AS host,
    time,
    CAST(if(utf8, program, ${bytes_of_program}), 'LowCardinality(String)') AS program,
    CAST(service, 'LowCardinality(String)') AS service,
    pid,
    CAST(kind, 'LowCardinality(String)') AS kind,
    multiIf(NOT timed, '', utf8 OR journal, header, ${bytes_of_header}) AS header,
    if(timed, if(utf8, message, ${bytes_of_message}), if(utf8, concat(header, message), convertCharset(concat(header, message), 'UTF-8', 'ISO-8859-1'))) AS message,
    if(utf8, user, ${bytes_of_user}) AS user,
    toUInt8(invalid_user) AS invalid_user,
    if(utf8, target_user, ${bytes_of_target_user}) AS target_user,
    multiIf(
        NOT utf8, ${bytes_of_peer},
        startsWith(peer, '::ffff:') AND position(peer, '.') > 0, substring(peer, 8),
        position(peer, '%') > 0 AND position(peer, ':') > 0, substringIndex(peer, '%', 1),
        peer IN ('UNKNOWN', 'unknown', '(null)', '?'), '',
        peer) AS source_ip,
    toUInt16OrZero(port) AS source_port,
    CAST(if(utf8, method, ${bytes_of_method}), 'LowCardinality(String)') AS method,
    key_fingerprint,
    if(utf8, tty, ${bytes_of_tty}) AS tty,
    if(utf8, command, ${bytes_of_command}) AS command,
    CAST(outcome, 'LowCardinality(String)') AS outcome,
    toUInt16(greatest(toUInt16OrZero(times), toUInt16OrZero(said_times), 1)) AS repeats,
    toUInt32OrZero(named_pid) AS ref_pid,
    session
FROM fields
