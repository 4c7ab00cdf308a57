-- Dropbear, the small ssh server of routers and initramfs.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
--
-- Names stand in quotes and hold anything; the last " from <ip>:<port>" is true. Port and address part at the last colon.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('connection', $r$^Child connection from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, ''),
('accepted', $r$^(?:PAM )?[Pp]assword auth succeeded for '(?<user>.*)' from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, 'method=password'),
('accepted', $r$^Pubkey auth succeeded for '(?<user>.*)' with (?:[^ ]+ )?key (?<key_fingerprint>SHA256:[^ ]+) from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, 'method=publickey'),
('accepted', $r$^Pubkey auth succeeded for '(?<user>.*)' with (?:[^ ]+ )?key (?:[a-z0-9!]+ )?[^ ]+ from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, 'method=publickey'),
('accepted', $r$^Auth succeeded with blank password for '(?<user>.*)' from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, 'method=none'),
('failed', $r$^[Bb]ad (?:PAM )?password attempt for '(?<user>.*)' from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, 'method=password'),
('invalid_user', $r$^[Ll]ogin attempt for nonexistent user(?: '(?<user>.*)')? from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, 'invalid_user=1'),
('auth_failure', $r$^[Ll]ogin attempt with wrong user (?<user>.*) from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, ''),
('not_allowed', $r$^root login rejected$$r$, 'user=root'),
('not_allowed', $r$^User (?:account )?'(?<user>.*)' (?:has invalid shell, rejected|has blank password, rejected|is locked)$$r$, ''),
('preauth_closed', $r$^[Ee]xit before auth from <\[?(?<source_ip>[^ <>\[\]]+)\]?:(?<source_port>\d+)>: \(user '(?<user>.*)', \d+ fails\): .*$$r$, ''),
('preauth_closed', $r$^[Ee]xit before auth from <\[?(?<source_ip>[^ <>\[\]]+)\]?:(?<source_port>\d+)>: Max auth tries reached - user 'is invalid'$$r$, 'invalid_user=1, outcome=failure'),
('preauth_closed', $r$^[Ee]xit before auth from <\[?(?<source_ip>[^ <>\[\]]+)\]?:(?<source_port>\d+)>: .*$$r$, ''),
('preauth_closed', $r$^[Ee]xit before auth \(user '(?<user>.*)', \d+ fails\): .* from \[?(?<source_ip>[^ \[\]]+)\]?:(?<source_port>\d+)$$r$, ''),
('preauth_closed', $r$^[Ee]xit before auth \(user '(?<user>.*)', \d+ fails\): .*$$r$, ''),
('preauth_closed', $r$^[Ee]xit before auth: .*$$r$, ''),
('disconnected', $r$^[Ee]xit \((?<user>.*)\) from <\[?(?<source_ip>[^ <>\[\]]+)\]?:(?<source_port>\d+)>: [^<>]*$$r$, ''),
('disconnected', $r$^[Ee]xit \((?<user>.*)\): [^<>]*$$r$, ''),
('daemon', $r$^(?:Failed listening on |Running in background|Not backgrounding|Early exit: |Terminated by signal|premature exit|Failed loading |Generated hostkey |Couldn't listen ).*$$r$, ''),
('note', $r$^(?:Pubkey |Server |Forwarding |TCP |Failed |Error |pam_|PAM |lastlog_|utmp_|wtmp_|syslogin_|login_|Aiee|[Bb]ad |Wrong |Transport |Timeout|Ignoring |No ).*$$r$, '')
)
