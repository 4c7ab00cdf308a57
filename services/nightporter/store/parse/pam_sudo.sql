-- PAM modules of programs that change who one is and ask for one's OWN password: sudo, doas, polkit.
-- Grain: one row a message after the "pam_unix(sudo:auth): " tag; the first match wins. Reader: rules.py.
--
-- `user` is who asks, `target_user` who they become. In a failure user= is whose password was wrong: the asker's.
-- Whatever else a module says is a note: its tag tells whose login it is about.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('session_opened', $r$^session opened for user (?<target_user>[^ (]+)\(uid=\d+\) by (?<user>[^ (]*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>[^ (]+) by (?<user>[^ (]*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>.*)\(uid=\d+\) by (?<user>.*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>.*) by (?<user>.*)\(uid=\d+\)$$r$, ''),
('session_opened', $r$^session opened for user (?<target_user>[^ (]+)(?:\(uid=\d+\))?$$r$, ''),
('session_closed', $r$^session closed for user (?<target_user>[^ ]+)$$r$, ''),
('session_closed', $r$^session closed for user (?<target_user>.+)$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?<tty>[^ ]*) ruser= rhost=(?<source_ip>[^ ]*) {1,2}user=(?<user>.*)$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?<tty>[^ ]*) ruser=(?<user>[^ ]+) rhost=(?<source_ip>[^ ]*) {1,2}user=.*$$r$, ''),
('auth_failure', $r$^authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=(?<tty>[^ ]*) ruser=(?<user>.*) rhost=(?<source_ip>[^ ]*)(?: {1,2}user=.*| *)$$r$, ''),
('auth_failure', $r$^check pass; user unknown$$r$, 'invalid_user=1'),
('auth_failure', $r$^received for user (?<user>.*): \d+ \([^()]*\)$$r$, ''),
('auth_failure', $r$^access denied for user [`'](?<user>.*)' from [`'](?<tty>[^ ']*)'$$r$, ''),
('auth_failure', $r$^Access denied for user (?<user>.*): \d+ \([^()]*\)$$r$, ''),
('auth_note', $r$^Consecutive login failures for user (?<user>.*) account temporarily locked$$r$, 'outcome=failure'),
('auth_note', $r$^user (?<user>.*) \(\d+\) tally \d+, deny \d+$$r$, 'outcome=failure'),
('note', $r$^auth could not identify password for \[(?<user>.*)\]$$r$, ''),
('note', $r$^[^ ].*$$r$, '')
)
