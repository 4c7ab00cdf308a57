-- The parse: raw lines in, the columns of `entries` out.
-- Grain: one row a line, always; nothing is dropped. Readers: the materialized view from `lines`, the `parse` command.
-- ${names} are filled in: the relation to read by __init__.py, expressions made from the rule lists by expressions.py.
--
-- Two habits of the engine shape this text. It copies an expression for every use of its name within one SELECT; so
-- each step stands on its own. And it may evaluate every branch of an if() for every row; so rare and costly work goes
-- through arrayMap over an array of none or one, which it cannot.
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
opened AS
(
    SELECT
        *,
        arrayMap(object -> JSONExtract(object, 'Tuple(__REALTIME_TIMESTAMP String, _SOURCE_REALTIME_TIMESTAMP String, _HOSTNAME String, SYSLOG_IDENTIFIER String, _COMM String, SYSLOG_PID String, _PID String)'), if(journal, [record], []))[1] AS j,
        arrayMap(
            object -> if(
                JSONType(object, 'MESSAGE') = 'Array',
                arrayStringConcat(arrayMap(byte -> char(byte), JSONExtract(object, 'MESSAGE', 'Array(UInt8)'))),
                JSONExtractString(object, 'MESSAGE')),
            if(journal, [record], []))[1] AS journal_message
    FROM records
),
-- What is longer than 64 KiB is cut and says so.
wholes AS
(
    SELECT *, concat(if(journal, '', record), journal_message) AS whole
    FROM opened
),
cuts AS
(
    SELECT
        *,
        if(length(whole) > 65536, concat(left(whole, 65536), ' [nightporter: cut, the line had ', toString(length(whole)), ' bytes]'), whole) AS bytes,
        isValidUTF8(bytes) AS utf8
    FROM wholes
),
-- Patterns want valid UTF-8. Any other bytes are read as Latin-1, which keeps each of them, and put back at the end.
texts AS
(
    SELECT *, concat(if(utf8, bytes, ''), arrayMap(raw -> convertCharset(raw, 'ISO-8859-1', 'UTF-8'), if(utf8, [], [bytes]))[1]) AS text
    FROM cuts
),
-- The header: four everyday forms are read by position, the others by the rules of headers.sql.
everydays AS
(
    SELECT
        *,
        multiMatchAnyIndex(left(text, 256), [${everyday}]) AS matched,
        if(journal, 0, matched) AS everyday
    FROM texts
),
matches AS
(
    SELECT
        *,
        toUInt32(multiIf(everyday = 0, 0, everyday > 2, position(text, ' ') - 1, substring(text, 15, 1) = ' ', 14, 15)) AS stamp_end,
        toUInt32(multiIf(everyday = 0, 0, everyday IN (1, 3), position(text, ']: ') + 2, position(text, ': ') + 1)) AS head_end,
        arrayMap(text -> ${match_form}, if(everyday = 0 AND NOT journal, [text], []))[1] AS form
    FROM everydays
),
forms AS
(
    SELECT
        *,
        toUInt32(position(text, ' ', stamp_end + toUInt32(2))) AS host_end,
        arrayMap((text, number) -> multiIf(${form_groups}, []), if(form > 0, [text], []), if(form > 0, [form], []))[1] AS groups
    FROM matches
),
names AS
(
    SELECT *, toUInt32(if(everyday IN (1, 3), position(text, '[', host_end), position(text, ':', host_end))) AS name_end
    FROM forms
),
heads AS
(
    SELECT
        *,
        concat(left(text, head_end), groups[1]) AS head,
        concat(if(everyday > 0, substring(text, stamp_end + 2, host_end - stamp_end - 2), ''), j.3, ${form_host}) AS host,
        concat(
            if(everyday > 0, substring(text, host_end + 1, name_end - host_end - 1), ''), if(j.4 != '', j.4, j.5),
            ${form_program}, [${form_constants}][form]) AS tag,
        toUInt32OrZero(concat(if(everyday IN (1, 3), substring(text, name_end + 1, head_end - name_end - 3), ''), if(j.6 != '', j.6, j.7), ${form_pid})) AS pid,
        concat(if(everyday > 2, left(text, stamp_end), ''), ${form_stamp}, ${form_date}) AS stamp_start,
        concat(if(everyday IN (1, 2), substring(text, stamp_end - 7, 8), ''), ${form_clock}) AS clock,
        ${form_offset} AS stamp_offset,
        ${form_date} != '' AS by_date,
        concat(if(everyday IN (1, 2), left(text, 3), ''), ${form_month}) AS month_name,
        toUInt8OrZero(trimBoth(concat(if(everyday IN (1, 2), substring(text, 5, 2), ''), ${form_day}))) AS day,
        toUInt16OrZero(${form_year}) AS own_year
    FROM names
),
-- Blanks before a message belong to the header: header and message joined are the line.
messages AS
(
    SELECT
        *,
        substring(text, length(head) + 1) AS rest,
        trimLeft(rest) AS message,
        if(startsWith(tag, '/'), arrayElement(splitByChar('/', tag), -1), tag) AS name,
        if(by_date, concat(stamp_start, 'T', clock, stamp_offset), stamp_start) AS stamp,
        if(month_name = '', 0, intDiv(position('JanFebMarAprMayJunJulAugSepOctNovDec', month_name) + 2, 3)) AS month,
        toUInt8OrZero(substring(clock, 1, 2)) AS hour,
        toUInt8OrZero(substring(clock, 4, 2)) AS minute,
        toUInt8OrZero(substring(clock, 7, 2)) AS second,
        if(own_year > 0, own_year, year) AS year_given,
        -- Clocks and zones run ahead of the receiver by at most 14 hours.
        toDateTime(received, 'UTC') + 50400 AS latest
    FROM heads
),
-- The year that RFC 3164 leaves out: the one nearest before receipt; for 29 February, the last leap year.
years AS
(
    SELECT
        *,
        concat(head, left(rest, length(rest) - length(message))) AS header,
        intDiv(toYear(latest), 4) * 4 AS leap_year,
        multiIf(
            year_given > 0, year_given,
            month = 2 AND day = 29, leap_year - if(makeDateTime(leap_year, 2, 29, hour, minute, second, 'UTC') > latest, 4, 0),
            toYear(latest) - (makeDateTime(toYear(latest), month, day, hour, minute, second, 'UTC') > latest)) AS year_found
    FROM messages
),
stamps AS
(
    SELECT
        *,
        toMonth(makeDate(year_found, month, day)) = month AND hour < 24 AND minute < 60 AND second < 61 AS valid,
        multiIf(
            journal, fromUnixTimestamp64Micro(toInt64OrZero(if(j.2 != '', j.2, j.1)), 'UTC'),
            month = 0, ifNull(parseDateTime64BestEffortOrNull(replaceOne(stamp, ',', '.'), 6, 'UTC'), toDateTime64(0, 6, 'UTC')),
            valid, toDateTime64(makeDateTime(year_found, month, day, hour, minute, 0, 'UTC') + second, 6, 'UTC'),
            toDateTime64(0, 6, 'UTC')) AS seconds,
        if(month > 0 AND length(clock) > 8, addMicroseconds(seconds, toUInt32OrZero(rightPad(substring(clock, 10, 6), 6, '0'))), seconds) AS written,
        multiIf(journal OR month = 0 AND match(substring(stamp, 18), '[Z+-]'), 'UTC', empty(zones), zone, zones[host] = '', zone, zones[host]) AS own_zone
    FROM years
),
-- A zone's distance from UTC, asked at the time as written and again at the time that this gives.
moments AS
(
    SELECT
        *,
        written - arrayMap(
            (local, tz) -> ${offset_later},
            if(own_zone IN ('UTC', ''), [], [written]), if(own_zone IN ('UTC', ''), [], [own_zone]))[1] AS moment
    FROM stamps
),
-- A time that cannot be true leaves the line unread, but counted under its host and program.
timed AS
(
    SELECT
        *,
        (journal OR header != '') AND written >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC') AND moment <= toDateTime64(received, 6, 'UTC') + 31622400 AS timely,
        transform(name, [${program_names}], [${program_values}], name) AS program,
        startsWith(message, 'message repeated ') AS repeated
    FROM moments
),
-- What the message says, without syslog's "message repeated", Solaris' "[ID …]" and PAM's tag.
sayings AS
(
    SELECT
        *,
        arrayMap(text -> extractGroups(text, '(?s)^message repeated (\\d+) times: \\[ ?(.*?) ?\\]$$'), if(repeated, [message], []))[1] AS repetition,
        if(startsWith(message, '[ID '), position(message, '] ') + 1, 0) AS solaris,
        multiIf(notEmpty(repetition), repetition[2], solaris > 0, substring(message, solaris + 1), message) AS said
    FROM timed
),
tags AS
(
    SELECT *, arrayMap(text -> extract(text, '^pam_[a-z0-9_]+\\(([A-Za-z0-9_.@-]+):[a-z_]+\\): '), if(startsWith(said, 'pam_'), [said], []))[1] AS pam_service
    FROM sayings
),
bodies AS
(
    SELECT
        *,
        startsWith(said, '(pam_') AS old_tag,
        multiIf(
            pam_service != '', substring(said, position(said, '): ') + 3),
            old_tag, substring(said, position(said, ') ') + 2),
            startsWith(said, 'pam_unix: '), substring(said, 11),
            said) AS body,
        pam_service != '' OR old_tag OR startsWith(said, 'pam_unix: ') OR NOT journal AND position(header, '(pam_') > 0 AS by_pam,
        transform(if(pam_service != '', pam_service, program), [${service_names}], [${service_values}], '') AS service
    FROM tags
),
families AS
(
    SELECT
        *,
        toUInt8(multiIf(
            NOT timely, 0,
            by_pam, transform(service, [${pam_families}], [${pam_family_values}], ${pam_family}),
            transform(service, [${service_families}], [${service_family_values}], 0))) AS family
    FROM bodies
),
-- The first of the family's rules that matches.
places AS
(
    SELECT
        *,
        arrayMap((text, family) -> multiIf(${match_family}, 0), if(family > 0, [body], []), if(family > 0, [family], []))[1] AS place,
        toUInt16(if(place = 0, 0, place + [${family_starts}][family])) AS rule
    FROM families
),
-- The words of the message, or the groups of the rule's pattern, that the fields are picked from.
sources AS
(
    SELECT
        *,
        toUInt8([${sources}][rule]) AS origin,
        if(origin IN (1, ${joined}), splitByChar(' ', body), []) AS words,
        arrayMap((text, number) -> multiIf(${rule_groups}, []), if(origin = ${groups}, [body], []), if(origin = ${groups}, [rule], []))[1] AS matched_groups
    FROM places
),
parted AS
(
    SELECT
        *,
        arrayMap(
            (list, before, after) -> arrayConcat(
                arraySlice(list, 1, before),
                [arrayStringConcat(arraySlice(list, before + 1, length(list) - before - after), ' ')],
                arraySlice(list, length(list) - after + 1)),
            if(origin = ${joined}, [words], []), if(origin = ${joined}, [[${befores}][rule]], []), if(origin = ${joined}, [[${afters}][rule]], []))[1] AS joined_words,
        multiIf(origin = ${joined}, joined_words, origin = ${groups}, matched_groups, words) AS parts
    FROM sources
),
fields AS
(
    SELECT
        *,
        multiIf(rule > 0, [${kinds}][rule], timely AND program IN (${other_programs}), 'other', 'unparsed') AS kind,
        [${outcomes}][rule] AS outcome,
        toUInt8([${invalid_users}][rule]) AS invalid_user,
        ${user} AS user,
        ${target_user} AS target_user,
        ${source_ip} AS peer,
        toUInt16OrZero(${source_port}) AS source_port,
        ${method} AS method,
        ${key_fingerprint} AS key_fingerprint,
        ${tty} AS tty,
        ${command} AS command,
        toUInt16(greatest(toUInt16OrZero(${repeats}), toUInt16OrZero(repetition[1]), 1)) AS repeats,
        toUInt32OrZero(${ref_pid}) AS ref_pid,
        ${session} AS session
    FROM parted
)
SELECT
    received,
    CAST(if(utf8, host, convertCharset(host, 'UTF-8', 'ISO-8859-1')), 'LowCardinality(String)') AS host,
    if(timely, moment, toDateTime64(0, 6, 'UTC')) AS time,
    CAST(if(utf8, program, convertCharset(program, 'UTF-8', 'ISO-8859-1')), 'LowCardinality(String)') AS program,
    CAST(service, 'LowCardinality(String)') AS service,
    pid,
    CAST(kind, 'LowCardinality(String)') AS kind,
    multiIf(journal, record, NOT timely, '', utf8, header, convertCharset(header, 'UTF-8', 'ISO-8859-1')) AS header,
    multiIf(NOT timely AND NOT journal, bytes, utf8, message, convertCharset(message, 'UTF-8', 'ISO-8859-1')) AS message,
    if(utf8, user, convertCharset(user, 'UTF-8', 'ISO-8859-1')) AS user,
    invalid_user,
    if(utf8, target_user, convertCharset(target_user, 'UTF-8', 'ISO-8859-1')) AS target_user,
    multiIf(
        NOT utf8, convertCharset(peer, 'UTF-8', 'ISO-8859-1'),
        startsWith(peer, '::ffff:') AND position(peer, '.') > 0, substring(peer, 8),
        position(peer, '%') > 0 AND position(peer, ':') > 0, substringIndex(peer, '%', 1),
        peer IN ('UNKNOWN', 'unknown', '(null)', '?'), '',
        peer) AS source_ip,
    source_port,
    CAST(if(utf8, method, convertCharset(method, 'UTF-8', 'ISO-8859-1')), 'LowCardinality(String)') AS method,
    key_fingerprint,
    if(utf8, tty, convertCharset(tty, 'UTF-8', 'ISO-8859-1')) AS tty,
    if(utf8, command, convertCharset(command, 'UTF-8', 'ISO-8859-1')) AS command,
    CAST(outcome, 'LowCardinality(String)') AS outcome,
    repeats,
    ref_pid,
    session
FROM fields
