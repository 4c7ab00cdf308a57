-- Header forms beyond the two everyday ones (which entries.sql reads by position): one row a form, the first match wins.
-- Grain: one row a form. Reader: rules.py. The header is what the pattern matches, or its group of
-- that name; the message follows it.
--
-- A host never ends in a colon and holds no bracket, so "sshd[1]:" is never taken for one. Programs hold no colon.
-- Groups: clock is "hh:mm:ss" with any fraction; month, day and year, or date as year-month-day, or stamp (RFC 3339).
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
-- RFC 5424, with or without <PRI>1, structured data, byte order mark; before it the count of bytes of RFC 6587
('rfc5424', $r$^(?:(?:\d{1,5} )?<\d{1,3}>1 )?(?<stamp>\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (?:-|(?<host>[^ \[\]]*[^ \[\]:])) (?:-|(?<program>[^ \[\]]*[^ \[\]:])) (?:-|(?<pid>\d+)|[^ \[\]]+) [^ \[\]:]+ (?:-|\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*")*\](?:\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*")*\])*) (?:\x{FEFF})? *$r$, ''),
-- socklog: its own stamp and facility before the line as it came
('socklog', $r$^\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d+ [a-z0-9]+\.[a-z]+: (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
('socklog', $r$^(?<date>\d{4}-\d\d-\d\d)T(?<clock>[0-2]\d:[0-5]\d:[0-6]\d\.\d+) [a-z0-9]+\.[a-z]+: (?<program>[^ \[\]():]+)\[(?<pid>\d+)\]: *$r$, ''),
-- OpenWrt's logread
('logread', $r$^[A-Z][a-z][a-z] (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<year>\d{4}) [a-z0-9]+\.[a-z]+ (?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- the year after the time, as ctime writes it
('bsd', $r$^(?:<\d{1,3}>)?(?:[A-Z][a-z][a-z] )?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<year>(?:19|20)\d\d) (?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- what AIX forwards
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) Message forwarded from (?<host>[^ \[\]]*[^ \[\]:]): (?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- util-linux of old, when login has become the shell of somebody: " -- ada[2021]: LOGIN ON tty1 BY ada"
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<host>[^ \[\]]*[^ \[\]:]) +-- [^ \[\]]+\[(?<pid>\d+)\]: *$r$, 'program=login'),
-- what docker compose and container runtimes put before a line
('container', $r$^(?:[^ |]+ +\| |\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP] )(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?) (?<host>[^ \[\]]*[^ \[\]:]) (?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
('container', $r$^(?:[^ |]+ +\| |\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP] )(?<date>\d{4}-\d\d-\d\d)T(?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?)(?<offset>Z|[+-]\d\d:\d\d)? (?<host>[^ \[\]]*[^ \[\]:]) (?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- RFC 3164 with its variants: <PRI>, several blanks, a fraction, a year, busybox's and FreeBSD's facility, PAM in the
-- tag, a stray bracket, a word in brackets after the pid, a program of two words, no colon after the pid; blanks or a
-- byte order mark before it, tabs for blanks, AIX's facility
('bsd', $r$^(?:\x{FEFF})? *(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z])[ \t]{1,2}(?<day>\d{1,2})[ \t](?:(?<year>\d{4})[ \t])?(?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?)[ \t]+(?:<[a-z0-9.]+> )?(?<host>[^ \t\[\]]*[^ \t\[\]:])[ \t]+(?:[a-z0-9]+\.[a-z]+ |[a-z0-9]+\|[a-z]+:[a-z]+ |<[a-z0-9.]+> )?(?<program>\(systemd\)|[^ \t\[\]():]+)(?:\([a-z0-9_:.=-]+\))?(?:\]?\[(?<pid>\d+)\]|\])?(?:\([a-z]+\))?:[ \t]*$r$, ''),
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?:(?<year>\d{4}) )?(?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+(?: [^ \[\]():]+)?)\[(?<pid>\d+)\]: *$r$, ''),
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?:(?<year>\d{4}) )?(?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+)\[(?<pid>\d+)\] +$r$, ''),
-- the year first
('bsd', $r$^(?:<\d{1,3}>)?(?<year>\d{4}) (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- no host
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +\[?(?<program>[^ \[\]():]+)\]?(?:\([a-z0-9_:.=-]+\))?(?:\[(?<pid>\d+)\])?: *$r$, ''),
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +\[(?<program>[^ \[\]():]+)\] +$r$, ''),
-- syslogd speaking for the program before it
('bsd', $r$^(?<header>(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) +(?<host>[^ \[\]]*[^ \[\]:]) )(?:last )?message repeated $r$, 'program=syslogd'),
-- ISO 8601 with a T or a blank, any fraction after a point or comma, any offset or none, syslog-ng's facility
('iso', $r$^(?:\x{FEFF})? *(?:<\d{1,3}>)?(?<date>\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d)[T ](?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?)(?<offset>Z|[+-]\d\d:?\d\d)?[ \t]+(?<host>[^ \t\[\]]*[^ \t\[\]:])[ \t]+(?:[a-z0-9]+\.[a-z]+ )?(?<program>\(systemd\)|[^ \t\[\]():]+)(?:\([a-z0-9_:.=-]+\))?(?:\]?\[(?<pid>\d+)\]|\])?(?:\([a-z]+\))?:[ \t]*$r$, ''),
('iso', $r$^(?:<\d{1,3}>)?(?<date>\d{4}-\d\d-\d\d)[T ](?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?)(?<offset>Z|[+-]\d\d:?\d\d)? +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+(?: [^ \[\]():]+)?)\[(?<pid>\d+)\]:? +$r$, ''),
-- journalctl -o short-full and with-unit: UTC and numbers say how far; an abbreviation is the reader's own, so the zone is as set
('journal', $r$^[A-Z][a-z][a-z] (?<date>\d{4}-\d\d-\d\d) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?) (?<offset>UTC|GMT|[+-]\d\d(?:\d\d)?) (?<host>[^ \[\]]*[^ \[\]:]) (?<program>\(systemd\)|[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
('journal', $r$^[A-Z][a-z][a-z] (?<date>\d{4}-\d\d-\d\d) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?) [A-Z]{2,5} (?<host>[^ \[\]]*[^ \[\]:]) (?<program>\(systemd\)|[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- journalctl -o short-unix: seconds since 1970
('journal', $r$^(?<stamp>\d{10}(?:\.\d+)?) (?<host>[^ \[\]]*[^ \[\]:]) (?<program>\(systemd\)|[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- vsftpd's own log
('vsftpd', $r$^[A-Z][a-z][a-z] (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<year>\d{4}) \[pid (?<pid>\d+)\] $r$, 'program=vsftpd'),
-- xrdp-sesman's own log
('xrdp', $r$^\[(?<date>\d{8})-(?<clock>[0-2]\d:[0-5]\d:[0-6]\d)\] \[[A-Z]+ *\] $r$, 'program=xrdp-sesman')
)
