-- PAM modules of login programs (sshd, login, cron, gdm, ftp, …), the text after the "pam_unix(sshd:session): " tag.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
--
-- Here `user` is the account that logs in. For programs that change who one is, see pam_su.sql and pam_sudo.sql.
-- ruser= holds what the peer typed: the LAST rhost= is true, so a line that ends with one comes first. Where ruser= is empty, as
-- sshd leaves it, the FIRST rhost= is, and all after user= is the name (some modules show names that the host does not know).
-- vsftpd gives the name as ruser=, and no user= where the host does not know it.
-- Whatever else a module says is a note: its tag tells whose login it is about.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('session_opened', $r$^session opened for user (?<user>[^ (]+)\(uid=\d+\) by [^ (]*\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<user>[^ (]+) by [^ (]*\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<user>.*)\(uid=\d+\) by .*\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<user>.*) by .*\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<user>[^ (]+)(?:\(uid=\d+\))?(?: by)?$$r$, ''),
('session_closed', $r$^session closed for user (?<user>[^ ]+)$$r$, ''),
('session_closed', $r$^session closed for user (?<user>.+)$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=ssh ruser=[^ ]* rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>[^ ]*)$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=ssh ruser=[^ ]* rhost=(?<source_ip>[^ ]*) *$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=ssh ruser= rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>.*?)(?: \[preauth\])?$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=ftp ruser=(?<user>.*) rhost=(?<source_ip>[^ ]*) *$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?:NODEVssh|cron|ftp|:\d+)? ruser=[^ ]* rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>[^ ]*)$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?:NODEVssh|cron|ftp|:\d+)? ruser=[^ ]* rhost=(?<source_ip>[^ ]*) *$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?:ssh|NODEVssh|cron|ftp|:\d+)? ruser=.* rhost=(?<source_ip>[^ ]*) *(?:\[preauth\])?$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?:ssh|NODEVssh|cron|ftp|:\d+)? ruser=.* rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>.*?)(?: \[preauth\])?$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?<tty>[^ ]+) ruser=.* rhost=(?<source_ip>[^ ]*) *$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?<tty>[^ ]+) ruser=.* rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>.*)$$r$, ''),
('auth_failure', $r$^(?:check pass; user unknown|pam_get_uid; no such user|User unknown)(?: \[preauth\])?$$r$, 'invalid_user=1'),
('auth_failure', $r$^bad username \[(?<user>.*)\]$$r$, 'invalid_user=1'),
('auth_failure', $r$^received for user (?<user>.*): \d+ \([^()]*\)$$r$, ''),
('auth_failure', $r$^Authentication failure; user=(?<user>.*)$$r$, ''),
('auth_failure', $r$^user '(?<user>.*)' denied access \(.*\)$$r$, ''),
('auth_failure', $r$^authentication fails for '(?<user>[^']*)' .*$$r$, ''),
('auth_failure', $r$^(?:Invalid verification code|Failed to compute location of secret file) for (?<user>.*)$$r$, ''),
('auth_note', $r$^(?<repeats>\d+) more authentication failures?; logname=[^ ]* uid=\d+ euid=\d+ tty=[^ ]* ruser=.* rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>.*)$$r$, ''),
('auth_note', $r$^(?<repeats>\d+) more authentication failures?; logname=[^ ]* uid=\d+ euid=\d+ tty=[^ ]* ruser=.* rhost=(?<source_ip>[^ ]*) *$$r$, ''),
('auth_note', $r$^service\([^)]*\) ignoring max retries; \d+ > \d+$$r$, ''),
('auth_note', $r$^Consecutive login failures for user (?<user>.*) account temporarily locked$$r$, 'outcome=failure'),
('auth_note', $r$^user (?<user>.*) \(\d+\) tally \d+, deny \d+$$r$, 'outcome=failure'),
('not_allowed', $r$^Access denied for user (?<user>.*): \d+ \([^()]*\)$$r$, ''),
('not_allowed', $r$^access denied for user [`'](?<user>.*)' from [`'](?<source_ip>[^ ']*[.:][^ ']*)'$$r$, ''),
('not_allowed', $r$^access denied for user [`'](?<user>.*)' from [`'][^ ']*'$$r$, ''),
('not_allowed', $r$^account (?<user>.*) has expired \([a-z ]+\)$$r$, ''),
('not_allowed', $r$^Refused user (?<user>.*) for service [^ ]+$$r$, ''),
('not_allowed', $r$^access denied: tty '(?<tty>[^']*)' is not secure !$$r$, ''),
('note', $r$^authentication success; logname=[^ ]* uid=\d+ euid=\d+ tty=[^ ]* ruser=.* rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>.*)$$r$, ''),
('note', $r$^user '(?<user>.*)' granted access$$r$, ''),
('note', $r$^auth could not identify password for \[(?<user>.*)\]$$r$, ''),
('note', $r$^requirement ".*" (?:not met|was met) by user ["'](?<user>.*)["']$$r$, ''),
('account_change', $r$^password changed for (?<user>.*)$$r$, 'command=password changed'),
('note', $r$^[^ ].*$$r$, '')
)
