-- The parse: raw lines in, the columns of `entries` out.
-- Grain: one row a line, always; nothing is dropped. Readers: the materialized view from `lines`, the `parse` command.
-- ${names} are filled in by parse/__init__.py: the relation to read, and expressions made from the rule lists beside this file.
-- Order of the steps, from the innermost SELECT outwards: line, text, header, meaning of the header, rule, fields.
SELECT
    received,
    CAST(if(utf8, host, ${bytes_of_host}), 'LowCardinality(String)') AS host,
    time,
    CAST(if(utf8, program, ${bytes_of_program}), 'LowCardinality(String)') AS program,
    CAST(service, 'LowCardinality(String)') AS service,
    pid,
    CAST(kind, 'LowCardinality(String)') AS kind,
    if(utf8, header, ${bytes_of_header}) AS header,
    if(utf8, message, ${bytes_of_message}) AS message,
    if(utf8, user, ${bytes_of_user}) AS user,
    invalid_user,
    if(utf8, target_user, ${bytes_of_target_user}) AS target_user,
    if(utf8, source_ip, ${bytes_of_source_ip}) AS source_ip,
    source_port,
    CAST(if(utf8, method, ${bytes_of_method}), 'LowCardinality(String)') AS method,
    key_fingerprint,
    if(utf8, tty, ${bytes_of_tty}) AS tty,
    if(utf8, command, ${bytes_of_command}) AS command,
    CAST(outcome, 'LowCardinality(String)') AS outcome,
    repeats,
    ref_pid,
    session
FROM
(
    -- fields: what the rule reads from the message
    SELECT
        received, utf8, host, program, service, pid, header, message,
        if(timed, moment, toDateTime64(0, 6, 'UTC')) AS time,
        multiIf(NOT timed, 'unparsed', rule > 0, [${kinds}][rule], program IN (${other_programs}), 'other', 'unparsed') AS kind,
        ${user} AS user,
        toUInt8(${invalid_user}) AS invalid_user,
        ${target_user} AS target_user,
        ${source_ip} AS peer,
        multiIf(
            startsWith(peer, '::ffff:') AND position(peer, '.') > 0, substring(peer, 8),
            position(peer, '%') > 0 AND position(peer, ':') > 0, substringIndex(peer, '%', 1),
            peer IN ('UNKNOWN', 'unknown', '(null)', '?'), '',
            peer) AS source_ip,
        toUInt16OrZero(${source_port}) AS source_port,
        ${method} AS method,
        ${key_fingerprint} AS key_fingerprint,
        ${tty} AS tty,
        ${command} AS command,
        if(rule > 0, [${outcomes}][rule], '') AS outcome,
        greatest(toUInt16OrZero(${repeats}), toUInt16OrZero(said_times), 1) AS repeats,
        toUInt32OrZero(${ref_pid}) AS ref_pid,
        ${session} AS session
    FROM
    (
        -- rule: the first of the family's rules that matches
        SELECT
            *,
            multiIf(NOT timed, 0, ${match_family}, 0) AS place,
            if(place = 0, 0, place + [${family_starts}][family]) AS rule
        FROM
        (
            -- meaning of the header: which program and service, when, and what is left to read
            SELECT
                received, utf8, timed, moment, host, program, pid,
                if(timed, header, '') AS header,
                if(timed, message, concat(header, message)) AS message,
                if(startsWith(message, 'message repeated '), extract(message, '^message repeated (\\d+) times: \\[ ?(?s:.*)\\]$$'), '') AS said_times,
                multiIf(
                    said_times != '', extract(message, '(?s)^message repeated \\d+ times: \\[ ?(.*?) ?\\]$$'),
                    startsWith(message, '[ID '), extract(message, '(?s)^\\[ID \\d+ [a-z0-9]+\\.[a-z]+\\] (.*)$$'),
                    message) AS said,
                if(startsWith(said, 'pam_'), extract(said, '^pam_[a-z0-9_]+\\(([A-Za-z0-9_.@-]+):[a-z_]+\\): '), '') AS pam_service,
                multiIf(
                    pam_service != '', substring(said, position(said, '): ') + 3),
                    startsWith(said, '(pam_'), extract(said, '(?s)^\\(pam_[a-z0-9_]+\\) (.*)$$'),
                    startsWith(said, 'pam_unix: '), substring(said, 11),
                    said) AS body,
                pam_service != '' OR pam_in_header OR body != said AND said_times = '' AND startsWith(said, '(pam_') OR startsWith(said, 'pam_unix: ') AS by_pam,
                transform(if(pam_service != '', pam_service, program), [${service_names}], [${service_values}], '') AS service,
                if(by_pam, transform(service, [${pam_families}], [${pam_family_values}], ${pam_family}), transform(service, [${service_families}], [${service_family_values}], 0)) AS family
            FROM
            (
                -- the moment: years are found, zones taken off
                SELECT
                    received, utf8, host, header, message, pid,
                    transform(name, [${program_names}], [${program_values}], name) AS program,
                    position(header, '(pam_') > 0 AND NOT journal AS pam_in_header,
                    if(year > 0, year, toYear(latest)) AS year_tried,
                    -- nearest before receipt: this year, the one before, or for 29 February the last leap year
                    if(month = 2 AND day = 29 AND year = 0,
                        year_tried - arrayFirstIndex(back -> (year_tried - back) % 4 = 0 AND makeDateTime(year_tried - back, 2, 29, hour, minute, second, 'UTC') <= latest, range(9)) + 1,
                        year_tried - (year = 0 AND makeDateTime(year_tried, month, day, hour, minute, second, 'UTC') > latest)) AS year_found,
                    multiIf(
                        journal, fromUnixTimestamp64Micro(toInt64OrZero(journal_time), 'UTC'),
                        stamp != '', ifNull(parseDateTime64BestEffortOrNull(replaceOne(stamp, ',', '.'), 6, 'UTC'), toDateTime64(0, 6, 'UTC')),
                        month > 0 AND toMonth(makeDate(year_found, month, day)) = month AND hour < 24 AND minute < 60 AND second < 61,
                            addMicroseconds(toDateTime64(makeDateTime(year_found, month, day, hour, minute, 0, 'UTC'), 6, 'UTC'), second * 1000000 + toUInt32OrZero(rightPad(substring(clock, 10, 6), 6, '0'))),
                        toDateTime64(0, 6, 'UTC')) AS written,
                    multiIf(journal OR match(substring(stamp, 18), '[Z+-]'), 'UTC', empty(zones) OR zones[host] = '', zone, zones[host]) AS tz,
                    if(tz IN ('UTC', ''), 0, ${offset_guess}) AS offset_guess,
                    if(offset_guess = 0 AND tz IN ('UTC', ''), 0, ${offset}) AS offset,
                    if(offset = 0, written, addSeconds(written, -offset)) AS moment,
                    header != '' AND written >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC') AND moment <= addDays(received, 366) AS timed
                FROM
                (
                    -- header: its parts, by position in the everyday forms, by rule in the others
                    SELECT
                        received, year, zone, zones, utf8, journal, journal_time,
                        multiIf(everyday > 0, left(text, head_end), journal, record, form > 0, ${form_header}, '') AS head,
                        if(journal, text, substring(text, length(head) + 1)) AS rest,
                        if(everyday > 0, concat(head, repeat(' ', toUInt32(length(rest) - length(trimLeft(rest))))), head) AS header,
                        if(everyday > 0, trimLeft(rest), rest) AS message,
                        multiIf(everyday > 0, substring(text, stamp_end + 2, host_end - stamp_end - 2), journal, journal_fields.3, form > 0, ${form_host}, '') AS host,
                        multiIf(everyday > 0, substring(text, host_end + 1, name_end - host_end - 1), journal, if(journal_fields.4 != '', journal_fields.4, journal_fields.5), form > 0, ${form_program}, '') AS tag,
                        if(startsWith(tag, '/'), extract(tag, '[^/]+$$'), tag) AS name,
                        toUInt32OrZero(multiIf(everyday IN (1, 3), substring(text, name_end + 1, head_end - name_end - 3), everyday > 0, '', journal, if(journal_fields.6 != '', journal_fields.6, journal_fields.7), form > 0, ${form_pid}, '')) AS pid,
                        multiIf(everyday > 2, left(text, stamp_end), form > 0, concat(${form_stamp}, ${form_date}, if(${form_date} = '', '', concat('T', ${form_clock}, ${form_offset}))), '') AS stamp,
                        multiIf(everyday IN (1, 2), substring(text, stamp_end - 7, 8), form > 0, ${form_clock}, '') AS clock,
                        intDiv(position('JanFebMarAprMayJunJulAugSepOctNovDec', multiIf(everyday IN (1, 2), left(text, 3), form > 0 AND stamp = '', ${form_month}, '-')) + 2, 3) AS month,
                        toUInt8OrZero(trimLeft(multiIf(everyday IN (1, 2), substring(text, 5, 2), form > 0, ${form_day}, ''))) AS day,
                        toUInt8OrZero(substring(clock, 1, 2)) AS hour,
                        toUInt8OrZero(substring(clock, 4, 2)) AS minute,
                        toUInt8OrZero(substring(clock, 7, 2)) AS second,
                        if(form > 0 AND ${form_year} != '', toUInt16OrZero(${form_year}), line_year) AS year,
                        -- clocks and zones may run ahead of the receiver by at most 14 hours
                        toDateTime(addHours(received, 14), 'UTC') AS latest
                    FROM
                    (
                        -- text: valid UTF-8 for the patterns; any other bytes are read as Latin-1 here and put back at the end
                        SELECT
                            received, year AS line_year, zone, zones, journal, journal_time, journal_fields, record,
                            isValidUTF8(bytes) AS utf8,
                            if(utf8, bytes, convertCharset(bytes, 'ISO-8859-1', 'UTF-8')) AS text,
                            if(journal, 0, multiMatchAnyIndex(left(text, 256), [
                                '^[A-Z][a-z][a-z] (?: \\d|\\d\\d|\\d) \\d\\d:\\d\\d:\\d\\d [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+\\[\\d+\\]: ',
                                '^[A-Z][a-z][a-z] (?: \\d|\\d\\d|\\d) \\d\\d:\\d\\d:\\d\\d [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+: ',
                                '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)? [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+\\[\\d+\\]: ',
                                '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)? [^ \\[\\]]*[^ \\[\\]:] [^ \\[\\]():]+: '])) AS everyday,
                            if(everyday > 0 OR journal, 0, ${match_form}) AS form,
                            toUInt32(multiIf(everyday = 0, 0, everyday > 2, position(text, ' ') - 1, substring(text, 15, 1) = ' ', 14, 15)) AS stamp_end,
                            toUInt32(if(everyday = 0, 0, position(text, ' ', toUInt32(stamp_end + 2)))) AS host_end,
                            toUInt32(multiIf(everyday = 0, 0, everyday IN (1, 3), position(text, '[', host_end), position(text, ':', host_end))) AS name_end,
                            toUInt32(multiIf(everyday = 0, 0, everyday IN (1, 3), position(text, ']: ') + 2, position(text, ': ') + 1)) AS head_end
                        FROM
                        (
                            -- line: a carriage return at the end goes, what is longer than 64 KiB is cut and says so
                            SELECT
                                received, year, zone, zones,
                                trimRight(line, '\r') AS record,
                                startsWith(record, '{') AND position(record, '"__REALTIME_TIMESTAMP"') > 0 AND position(record, '"MESSAGE"') > 0 AS journal,
                                if(journal, JSONExtract(record, 'Tuple(__REALTIME_TIMESTAMP String, _SOURCE_REALTIME_TIMESTAMP String, _HOSTNAME String, SYSLOG_IDENTIFIER String, _COMM String, SYSLOG_PID String, _PID String, MESSAGE String)'), ('', '', '', '', '', '', '', '')) AS journal_fields,
                                if(journal_fields.2 != '', journal_fields.2, journal_fields.1) AS journal_time,
                                multiIf(NOT journal, record, journal_fields.8 != '', journal_fields.8, arrayStringConcat(arrayMap(byte -> char(byte), JSONExtract(record, 'MESSAGE', 'Array(UInt8)')))) AS whole,
                                if(length(whole) > 65536, concat(left(whole, 65536), ' [nightporter: cut, the line had ', toString(length(whole)), ' bytes]'), whole) AS bytes
                            FROM ${source}
                        )
                    )
                )
            )
        )
    )
)
