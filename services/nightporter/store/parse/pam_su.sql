-- PAM modules of programs that change who one is and ask for the TARGET's password or none: su, runuser, pkexec.
-- Grain: one row a message after the "pam_unix(su:session): " tag; the first match wins. Reader: rules.py.
--
-- `user` is who asks, `target_user` who they become. An old "by (uid=0)" names nobody.
-- Whatever else a module says is a note: its tag tells whose login it is about.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('session_opened', $r$^session opened for user (?<target_user>[^ (]+)\(uid=\d+\) by (?<user>[^ (]*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>[^ (]+) by (?<user>[^ (]*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>.*)\(uid=\d+\) by (?<user>.*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>.*) by (?<user>.*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>[^ (]+)(?:\(uid=\d+\))?$$r$, ''),
('session_closed', $r$^session closed for user (?<target_user>[^ ]+)$$r$, ''),
('session_closed', $r$^session closed for user (?<target_user>.+)$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?<tty>[^ ]*) ruser=(?<user>.*) rhost=(?<source_ip>[^ ]*) {1,2}user=(?<target_user>.*)$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?<tty>[^ ]*) ruser=(?<user>.*) rhost=(?<source_ip>[^ ]*) *$$r$, ''),
('auth_failure', $r$^check pass; user unknown$$r$, 'invalid_user=1'),
('auth_failure', $r$^received for user (?<target_user>.*): \d+ \([^()]*\)$$r$, ''),
('auth_note', $r$^Consecutive login failures for user .* account temporarily locked$$r$, 'outcome=failure'),
('auth_note', $r$^user .* \(\d+\) tally \d+, deny \d+$$r$, 'outcome=failure'),
('not_allowed', $r$^(?:Access|access) denied (?:for|to) .*$$r$, ''),
('note', $r$^[^ ].*$$r$, '')
)
