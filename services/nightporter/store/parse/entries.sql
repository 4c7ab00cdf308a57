-- The parse: raw lines in, the columns of `entries` out.
-- Grain: one row a line, always; nothing is dropped. Readers: the materialized view from `lines`, the `parse` command.
-- ${names} are filled in: the relation to read by __init__.py, expressions made from the rule lists by expressions.py.
-- `source` is the server that proved to be the sender; it is the host of all its lines, whatever they say. Empty for loaded files.
--
-- Two habits of the engine shape this text. It copies an expression for every use of its name within one SELECT; so
-- each step stands on its own, and conditions are multiplied (an AND costs the planner 10 ms up here). And it may evaluate every branch of an if() for every row; so rare and costly work goes
-- through arrayMap over an array of none or one, which it cannot.
WITH
-- A carriage return at the end goes. A line of journalctl -o json is an object with a time and a message: a text, a list of bytes, or
-- of texts where the field came more than once (the first counts).
records AS
(
    SELECT
        received, source, year, zone, zones,
        trimRight(line, '\r') AS record,
        toUInt8(startsWith(record, '{') * position(record, '"__REALTIME_TIMESTAMP"') * position(record, '"MESSAGE"') > 0) AS journal
    FROM ${source}
),
opened AS
(
    SELECT
        received, source, year, zone, zones, record, journal,
        arrayMap(object -> JSONExtract(object, 'Tuple(__REALTIME_TIMESTAMP String, _SOURCE_REALTIME_TIMESTAMP String, _HOSTNAME String, SYSLOG_IDENTIFIER String, _COMM String, SYSLOG_PID String, _PID String)'), if(journal, [record], []))[1] AS written_by,
        concat(
            if(journal, '', record),
            arrayMap(
                object -> multiIf(
                    JSONType(object, 'MESSAGE') != 'Array', JSONExtractString(object, 'MESSAGE'),
                    JSONType(object, 'MESSAGE', 1) = 'String', JSONExtractString(object, 'MESSAGE', 1),
                    arrayStringConcat(arrayMap(byte -> char(byte), JSONExtract(object, 'MESSAGE', 'Array(UInt8)')))),
                if(journal, [record], []))[1]) AS whole
    FROM records
),
-- What is longer than 64 KiB is cut and says so.
cuts AS
(
    SELECT
        received, source, year, zone, zones, record, journal,
        if(written_by.2 != '', written_by.2, written_by.1) AS journal_time,
        written_by.3 AS journal_host,
        if(written_by.4 != '', written_by.4, written_by.5) AS journal_program,
        if(written_by.6 != '', written_by.6, written_by.7) AS journal_pid,
        concat(left(whole, 65536), if(length(whole) > 65536, concat(' [nightporter: cut, the line had ', toString(length(whole)), ' bytes]'), '')) AS bytes
    FROM opened
),
checks AS
(
    SELECT received, source, year, zone, zones, record, journal, journal_time, journal_host, journal_program, journal_pid, bytes, isValidUTF8(bytes) AS utf8
    FROM cuts
),
-- Patterns want valid UTF-8. Any other bytes are read as Latin-1, which keeps each of them, and put back at the end.
texts AS
(
    SELECT
        received, source, year, zone, zones, record, journal, journal_time, journal_host, journal_program, journal_pid, bytes, utf8,
        concat(if(utf8, bytes, ''), arrayMap(raw -> convertCharset(raw, 'ISO-8859-1', 'UTF-8'), if(utf8, [], [bytes]))[1]) AS text
    FROM checks
),
-- The header: four everyday forms are read by position, the others by the rules of headers.sql.
everydays AS
(
    SELECT
        received, source, year, zone, zones, record, journal, journal_time, journal_host, journal_program, journal_pid, bytes, utf8, text,
        -- 1 RFC 3164, 2 the same without a pid, 3 ISO 8601 (it begins with a digit), 4 the same without a pid
        toUInt8(if(journal, 0, match(text, ${everyday}) * (1 + 2 * (ascii(text) < 58) + (position(left(text, position(text, ': ')), '[') = 0)))) AS everyday
    FROM texts
),
matches AS
(
    SELECT
        received, source, year, zone, zones, record, journal, journal_time, journal_host, journal_program, journal_pid, bytes, utf8, text, everyday,
        toUInt32(multiIf(everyday = 0, 0, everyday > 2, position(text, ' ') - 1, substring(text, 15, 1) = ' ', 14, 15)) AS stamp_end,
        arrayMap(text -> ${match_form}, if(everyday + journal = 0, [text], []))[1] AS form
    FROM everydays
),
forms AS
(
    SELECT
        received, source, year, zone, zones, record, journal, journal_time, journal_host, journal_program, journal_pid, bytes, utf8, text, everyday, stamp_end, form,
        toUInt32(position(text, ' ', stamp_end + toUInt32(2))) AS host_end,
        toUInt32(multiIf(everyday = 0, 0, everyday IN (1, 3), position(text, ']: ') + 2, position(text, ': ') + 1)) AS head_end,
        arrayMap((text, number) -> multiIf(${form_groups}, []), if(form > 0, [text], []), if(form > 0, [form], []))[1] AS groups
    FROM matches
),
names AS
(
    SELECT
        received, source, year, zone, zones, record, journal, journal_time, journal_host, journal_program, journal_pid, bytes, utf8, text, everyday, stamp_end, form, host_end, head_end, groups,
        toUInt32(if(everyday IN (1, 3), position(text, '[', host_end), position(text, ':', host_end))) AS name_end
    FROM forms
),
heads AS
(
    SELECT
        received, zone, zones, record, journal, journal_time, bytes, utf8, form, text,
        concat(left(text, head_end), groups[1]) AS head,
        if(source != '', source, concat(if(everyday > 0, substring(text, stamp_end + 2, host_end - stamp_end - 2), ''), journal_host, ${form_host})) AS host,
        concat(if(everyday > 0, substring(text, host_end + 1, name_end - host_end - 1), ''), journal_program, ${form_program}, [${form_constants}][form]) AS tag,
        toUInt32OrZero(concat(if(everyday IN (1, 3), substring(text, name_end + 1, head_end - name_end - 3), ''), journal_pid, ${form_pid})) AS pid,
        concat(if(everyday > 2, left(text, stamp_end), ''), ${form_stamp}, ${form_date}) AS stamp_start,
        concat(if(everyday IN (1, 2), substring(text, stamp_end - 7, 8), ''), ${form_clock}) AS clock,
        if(${form_date} = '', '', concat('T', ${form_clock}, ${form_offset})) AS stamp_rest,
        concat(if(everyday IN (1, 2), left(text, 3), ''), ${form_month}) AS month_name,
        toUInt8OrZero(trimBoth(concat(if(everyday IN (1, 2), substring(text, 5, 2), ''), ${form_day}))) AS day,
        greatest(year, toUInt16OrZero(${form_year})) AS year_given
    FROM names
),
-- Blanks before a message belong to the header: header and message joined are the line.
messages AS
(
    SELECT
        received, zone, zones, record, journal, journal_time, bytes, utf8, form, host, pid, clock, day, year_given,
        head,
        substring(text, length(head) + 1) AS rest,
        substring(tag, if(startsWith(tag, '/'), length(tag) + 2 - position(reverse(tag), '/'), 1)) AS name,
        replaceOne(concat(stamp_start, stamp_rest), ',', '.') AS stamp,
        if(month_name = '', 0, intDiv(position('JanFebMarAprMayJunJulAugSepOctNovDec', month_name) + 2, 3)) AS month,
        toUInt32OrZero(substring(clock, 1, 2)) * 3600 + toUInt32OrZero(substring(clock, 4, 2)) * 60 + toUInt32OrZero(substring(clock, 7, 2)) AS second,
        -- Clocks and zones run ahead of the receiver by at most 14 hours.
        toDateTime(received, 'UTC') + 50400 AS latest
    FROM heads
),
-- The year that RFC 3164 leaves out: the one nearest before receipt; for 29 February, the last leap year (it is day 59).
years AS
(
    SELECT
        received, zone, zones, record, journal, journal_time, bytes, utf8, form, host, pid, clock, head, rest, name, stamp, day, month, second,
        trimLeft(rest) AS message,
        multiIf(
            year_given > 0, year_given,
            month * 100 + day = 229, intDiv(toYear(latest - 5097600 - second), 4) * 4,
            toYear(latest) - (month * 3200000 + day * 100000 + second > toMonth(latest) * 3200000 + toDayOfMonth(latest) * 100000 + toUnixTimestamp(latest) % 86400)) AS year_found
    FROM messages
),
stamps AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, name, message,
        concat(head, left(rest, length(rest) - length(message))) AS header,
        multiIf(
            journal, fromUnixTimestamp64Micro(toInt64OrZero(journal_time), 'UTC'),
            month = 0, ifNull(parseDateTime64BestEffortOrNull(stamp, 6, 'UTC'), toDateTime64(0, 6, 'UTC')),
            toMonth(makeDate(year_found, month, day)) = if(second <= 86400, month, 0),
                addMicroseconds(toDateTime64(makeDate(year_found, month, day), 6, 'UTC') + second, toUInt32OrZero(rightPad(substring(clock, 10, 6), 6, '0'))),
            toDateTime64(0, 6, 'UTC')) AS written,
        multiIf(journal, 'UTC', match(stamp, '^(\\d{10}(\\.|$$)|.{17}.*[Z+-]|.*(UTC|GMT)$$)'), 'UTC', empty(zones), zone, zones[host] = '', zone, zones[host]) AS own_zone
    FROM years
),
-- A zone's distance from UTC, asked at the time as written and again at the time that this gives.
moments AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, name, message, header, written,
        written - arrayMap(
            (local, tz) -> ${offset_later},
            if(own_zone IN ('UTC', ''), [], [written]), if(own_zone IN ('UTC', ''), [], [own_zone]))[1] AS moment
    FROM stamps
),
-- A time that cannot be true leaves the line unread, but counted under its host and program.
timed AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, message, header, moment,
        toUInt8(if(journal, 1, header != '') * (written >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC')) * (moment <= toDateTime64(received, 6, 'UTC') + 31622400)) AS timely,
        transform(name, [${program_names}], [${program_values}], name) AS program,
        arrayMap(
            text -> extractGroups(text, '(?s)^message repeated (\\d+) times: \\[ ?(.*?) ?\\]$$'),
            if(startsWith(message, 'message repeated '), [message], []))[1] AS repetition
    FROM moments
),
-- What the message says, without syslog's "message repeated", Solaris' "[ID …]" and PAM's tag.
sayings AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, message, header, moment, timely, program, repetition[1] AS said_times,
        multiIf(
            notEmpty(repetition), repetition[2],
            startsWith(message, '[ID '), substring(message, position(message, '] ') + 2),
            message) AS said
    FROM timed
),
tags AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, message, header, moment, timely, program, said_times, said,
        arrayMap(text -> extract(text, '^pam_[a-z0-9_]+\\(([A-Za-z0-9_.@-]+):[a-z_]+\\): '), if(startsWith(said, 'pam_'), [said], []))[1] AS pam_service
    FROM sayings
),
bodies AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, message, header, moment, timely, program, said_times,
        multiIf(
            pam_service != '', substring(said, position(said, '): ') + 3),
            startsWith(said, '(pam_'), substring(said, position(said, ') ') + 2),
            startsWith(said, 'pam_unix: '), substring(said, 11),
            said) AS body,
        multiIf(pam_service != '', 1, startsWith(said, '(pam_'), 1, startsWith(said, 'pam_unix: '), 1, journal, 0, position(header, '(pam_') > 0) AS by_pam,
        transform(if(pam_service != '', pam_service, program), [${service_names}], [${service_values}], '') AS service
    FROM tags
),
families AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, message, header, moment, timely, program, said_times, body, service,
        toUInt8(if(
            by_pam,
            transform(service, [${pam_families}], [${pam_family_values}], ${pam_family}),
            transform(service, [${service_families}], [${service_family_values}], 0)) * timely) AS family
    FROM bodies
),
-- The first of the family's rules that matches.
places AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, message, header, moment, timely, program, said_times, body, service, family,
        arrayMap((text, family) -> multiIf(${match_family}, 0), if(family > 0, [body], []), if(family > 0, [family], []))[1] AS place
    FROM families
),
rules AS
(
    SELECT
        received, record, journal, bytes, utf8, form, host, pid, message, header, moment, timely, program, said_times, body, service,
        toUInt16(if(place = 0, 0, place + [${family_starts}][family])) AS rule
    FROM places
),
origins AS
(
    SELECT
        received, record, journal, bytes, utf8, host, pid, message, header, moment, timely, program, said_times, body, service, rule,
        toUInt8(${source_of_rule}) AS origin
    FROM rules
),
-- The words of the message, or the groups of the rule's pattern, that the fields are picked from.
sources AS
(
    SELECT
        received, record, journal, bytes, utf8, host, pid, message, header, moment, timely, program, said_times, service, rule, origin,
        if(origin IN (1, ${joined}), splitByChar(' ', body), []) AS words,
        arrayMap((text, number) -> multiIf(${rule_groups}, []), if(origin = ${groups}, [body], []), if(origin = ${groups}, [rule], []))[1] AS matched
    FROM origins
),
picked AS
(
    SELECT
        received, record, journal, bytes, utf8, host, pid, message, header, moment, timely, program, said_times, service, rule,
        multiIf(
            origin = ${joined},
            arrayMap(
                (list, before, after) -> arrayConcat(
                    arraySlice(list, 1, before),
                    [arrayStringConcat(arraySlice(list, before + 1, length(list) - before - after), ' ')],
                    arraySlice(list, length(list) - after + 1)),
                if(origin = ${joined}, [words], []), if(origin = ${joined}, [${words_before}], []), if(origin = ${joined}, [${words_after}], []))[1],
            origin = ${groups}, matched,
            words) AS parts
    FROM sources
),
fields AS
(
    SELECT
        received, record, journal, bytes, utf8, host, pid, message, header, moment, timely, program, said_times, service, rule,
        ${user} AS user,
        ${target_user} AS target_user,
        ${source_ip} AS peer,
        toUInt16OrZero(${source_port}) AS source_port,
        ${method} AS method,
        ${key_fingerprint} AS key_fingerprint,
        ${tty} AS tty,
        ${command} AS command,
        ${repeats} AS times,
        toUInt32OrZero(${ref_pid}) AS ref_pid,
        ${session} AS session
    FROM picked
),
-- Back to the bytes that came, for lines that were not valid UTF-8.
bytes_again AS
(
    SELECT
        received, record, journal, bytes, utf8, host, pid, message, header, moment, timely, program, said_times, service, rule,
        user, target_user, peer, source_port, method, key_fingerprint, tty, command, times, ref_pid, session,
        arrayMap(text -> convertCharset(text, 'UTF-8', 'ISO-8859-1'), if(utf8, [], [host, program, header, message, user, target_user, peer, method, tty, command])) AS b
    FROM fields
)
SELECT
    f.received,
    CAST(if(f.utf8, f.host, f.b[1]), 'LowCardinality(String)') AS host,
    if(f.timely, f.moment, toDateTime64(0, 6, 'UTC')) AS time,
    CAST(if(f.utf8, f.program, f.b[2]), 'LowCardinality(String)') AS program,
    CAST(f.service, 'LowCardinality(String)') AS service,
    f.pid,
    CAST(multiIf(rule > 0, ${kind_of_rule}, f.timely = 0, 'unparsed', f.program IN (${other_programs}), 'other', 'unparsed'), 'LowCardinality(String)') AS kind,
    multiIf(f.journal, f.record, f.timely = 0, '', f.utf8, f.header, f.b[3]) AS header,
    multiIf(f.timely + f.journal = 0, f.bytes, f.utf8, f.message, f.b[4]) AS message,
    if(f.utf8, f.user, f.b[5]) AS user,
    toUInt8(${invalid_user}) AS invalid_user,
    if(f.utf8, f.target_user, f.b[6]) AS target_user,
    multiIf(
        f.utf8 = 0, f.b[7],
        startsWith(f.peer, '::ffff:') * position(f.peer, '.') > 0, substring(f.peer, 8),
        position(f.peer, '%') * position(f.peer, ':') > 0, substringIndex(f.peer, '%', 1),
        f.peer IN ('UNKNOWN', 'unknown', '(null)', '?'), '',
        f.peer) AS source_ip,
    f.source_port,
    CAST(if(f.utf8, f.method, f.b[8]), 'LowCardinality(String)') AS method,
    f.key_fingerprint,
    if(f.utf8, f.tty, f.b[9]) AS tty,
    if(f.utf8, f.command, f.b[10]) AS command,
    CAST(${outcome_of_rule}, 'LowCardinality(String)') AS outcome,
    toUInt16(greatest(toUInt16OrZero(f.times), toUInt16OrZero(f.said_times), 1)) AS repeats,
    f.ref_pid,
    f.session,
    toUInt8(if(f.journal, position(f.record, '"SYSLOG_IDENTIFIER":"sshd-auth"'), position(f.header, 'sshd-auth')) > 0) AS auth_process
FROM bytes_again AS f
