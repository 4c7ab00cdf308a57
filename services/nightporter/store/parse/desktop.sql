-- Desktops: gdm, lightdm, sddm and xrdp in their own words; who logged in there is mostly PAM's to say (pam.sql).
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
--
-- xrdp-sesman counts the failures; xrdp retells them under another pid, so those are notes. A name is chosen by the
-- peer: the LAST " ip=" is true.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('failed', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?AUTHFAIL: user=(?<user>.*) ip=(?<source_ip>[^ ]+) time=\d+$$r$, ''),
('accepted', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?\+\+ (?:created|reconnected) session(?: \(access granted\))?: username (?<user>.*?),(?: display [^ ]+,)?(?: session_pid \d+,)? ip (?<source_ip>[^ ]+):(?<source_port>\d+) - socket: \d+$$r$, ''),
('disconnected', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?\+\+ terminated session: +username (?<user>.*), display [^ ]+, session_pid \d+, ip (?<source_ip>[^ ]+):(?<source_port>\d+) - socket: \d+$$r$, ''),
('accepted', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?Access permitted for user: (?<user>.*)$$r$, ''),
('not_allowed', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?Access (?:denied|not permitted) for user: (?<user>.*)$$r$, ''),
('connection', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?Socket \d+: (?:AF_INET6? )?connection received from (?<source_ip>[^ ]+) port (?<source_port>\d+)$$r$, ''),
('note', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?xrdp_wm_log_msg: login failed for user (?<user>.*)$$r$, ''),
('note', $r$^(?:\(\d+\)\(\d+\))?(?:\[[A-Z]+ *\] )?(?:Username or password error for user: |Received (?:system )?login request from xrdp for user: )(?<user>[^ ]*)(?: .*)?$$r$, ''),
('note', $r$^(?:\(\d+\)\(\d+\))?\[[A-Z]+ *\] .*$$r$, ''),
('note', $r$^(?:xrdp|sesman|lib|xup|vnc|rdp|env|session|auth|scp|sig)_[a-z_0-9]+: .*$$r$, ''),
('note', $r$^(?:gkr-pam: |pam_[a-z_0-9]+|\*\* \(|AccountsService|GLib|Gdm|Gtk).*$$r$, ''),
('note', $r$^(?:[Aa]uthentication |Authenticated |Auth: |Couldn't |Could not |Cannot |Unable |Failed |[Ee]rror |[Ss]ession |Starting |Started |Stopp|Greeter |Adding |adding |Removing |Running: |Writing |Loading |Reading |Using |Display |Setting |Message |Socket |Received |Initializing|Signal |User |Connection |connected client |Closed |Calling |Window manager |[Ll]ogin |[Pp]rocess |Child process |TLS |Security |An |Halt).*$$r$, '')
)
