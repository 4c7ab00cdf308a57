-- Header forms beyond the two everyday ones (which entries.sql reads by position): one row a form, the first match wins.
-- Grain: one row a form. Reader: rules.py. The header is what the pattern matches, or its group of
-- that name; the message follows it.
--
-- A host never ends in a colon and holds no bracket, so "sshd[1]:" is never taken for one. Programs hold no colon.
-- Groups: clock is "hh:mm:ss" with any fraction; month, day and year, or date as year-month-day, or stamp (RFC 3339).
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
-- RFC 5424, with or without <PRI>1, structured data, byte order mark
('rfc5424', $r$^(?:<\d{1,3}>1 )?(?<stamp>\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (?:-|(?<host>[^ \[\]]*[^ \[\]:])) (?:-|(?<program>[^ \[\]]*[^ \[\]:])) (?:-|(?<pid>\d+)|[^ \[\]]+) [^ \[\]:]+ (?:-|\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*")*\](?:\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*")*\])*) (?:\x{FEFF})? *$r$, ''),
-- socklog: its own stamp and facility before the line as it came
('socklog', $r$^\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d+ [a-z0-9]+\.[a-z]+: (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
('socklog', $r$^(?<date>\d{4}-\d\d-\d\d)T(?<clock>[0-2]\d:[0-5]\d:[0-6]\d\.\d+) [a-z0-9]+\.[a-z]+: (?<program>[^ \[\]():]+)\[(?<pid>\d+)\]: *$r$, ''),
-- RFC 3164 with its variants: <PRI>, several blanks, a fraction, a year, busybox's and FreeBSD's facility, PAM in the
-- tag, a stray bracket, a word in brackets after the pid, a program of two words, no colon after the pid
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?:(?<year>\d{4}) )?(?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +(?:<[a-z0-9.]+> )?(?<host>[^ \[\]]*[^ \[\]:]) +(?:[a-z0-9]+\.[a-z]+ |<[a-z0-9.]+> )?(?<program>\(systemd\)|[^ \[\]():]+)(?:\([a-z0-9_:.=-]+\))?(?:\]?\[(?<pid>\d+)\]|\])?(?:\([a-z]+\))?: *$r$, ''),
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?:(?<year>\d{4}) )?(?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+(?: [^ \[\]():]+)?)\[(?<pid>\d+)\]: *$r$, ''),
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?:(?<year>\d{4}) )?(?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+)\[(?<pid>\d+)\] +$r$, ''),
-- the year first
('bsd', $r$^(?:<\d{1,3}>)?(?<year>\d{4}) (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- no host
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +\[?(?<program>[^ \[\]():]+)\]?(?:\([a-z0-9_:.=-]+\))?(?:\[(?<pid>\d+)\])?: *$r$, ''),
('bsd', $r$^(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?) +\[(?<program>[^ \[\]():]+)\] +$r$, ''),
-- syslogd speaking for the program before it
('bsd', $r$^(?<header>(?:<\d{1,3}>)?(?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) +(?<host>[^ \[\]]*[^ \[\]:]) )(?:last )?message repeated $r$, 'program=syslogd'),
-- ISO 8601 with a T or a blank, any fraction after a point or comma, any offset or none
('iso', $r$^(?:<\d{1,3}>)?(?<date>\d{4}-\d\d-\d\d)[T ](?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?)(?<offset>Z|[+-]\d\d:?\d\d)? +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>\(systemd\)|[^ \[\]():]+)(?:\([a-z0-9_:.=-]+\))?(?:\]?\[(?<pid>\d+)\]|\])?(?:\([a-z]+\))?: *$r$, ''),
('iso', $r$^(?:<\d{1,3}>)?(?<date>\d{4}-\d\d-\d\d)[T ](?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?)(?<offset>Z|[+-]\d\d:?\d\d)? +(?<host>[^ \[\]]*[^ \[\]:]) +(?<program>[^ \[\]():]+(?: [^ \[\]():]+)?)\[(?<pid>\d+)\]:? +$r$, ''),
-- journalctl -o short-full: the zone's abbreviation is the reader's own, so the zone is as set
('journal', $r$^[A-Z][a-z][a-z] (?<date>\d{4}-\d\d-\d\d) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?) [A-Z]{2,5} (?<host>[^ \[\]]*[^ \[\]:]) (?<program>\(systemd\)|[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- OpenWrt's logread
('logread', $r$^[A-Z][a-z][a-z] (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<year>\d{4}) [a-z0-9]+\.[a-z]+ (?<program>[^ \[\]():]+)(?:\[(?<pid>\d+)\])?: *$r$, ''),
-- vsftpd's own log
('vsftpd', $r$^[A-Z][a-z][a-z] (?<month>[A-Z][a-z][a-z]) {1,2}(?<day>\d{1,2}) (?<clock>[0-2]\d:[0-5]\d:[0-6]\d) (?<year>\d{4}) \[pid (?<pid>\d+)\] $r$, 'program=vsftpd'),
-- xrdp-sesman's own log
('xrdp', $r$^\[(?<date>\d{8})-(?<clock>[0-2]\d:[0-5]\d:[0-6]\d)\] \[[A-Z]+ *\] $r$, 'program=xrdp-sesman')
)
