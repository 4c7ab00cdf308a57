-- sudo's own lines: commands, refusals, wrong passwords, continuations of long commands.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
--
-- The asker stands before the FIRST " : ". A command may hold anything, " ; COMMAND=" too, so the first " ; USER=" and
-- the first " ; COMMAND=" after it are sudo's own; everything behind belongs to the command.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('command', $r$^(?<user>[^ ]+) : TTY=(?<tty>[^ ]+) ; PWD=[^ ]* ; USER=(?<target_user>[^ ]+) ; COMMAND=(?<command>.*)$$r$, ''),
('command_continued', $r$^(?<user>[^ ]+) : \(command continued\) (?<command>.*)$$r$, ''),
('failed', $r$^(?<user>[^ ]+) : (?<repeats>\d+) incorrect password attempts? ; (?:HOST=[^ ]+ [:;] )?(?:TTY=(?<tty>[^ ]+) ; )?(?:CHROOT=.*? ; )?PWD=.*? ; USER=(?<target_user>[^ ]+) ; (?:(?:GROUP|TSID|ENV)=.*? ; )*?COMMAND=(?<command>.*)$$r$, ''),
('failed', $r$^(?<user>[^ ]+) : (?<repeats>\d+) incorrect password attempts?$$r$, ''),
('auth_failure', $r$^(?<user>[^ ]+) : (?:PAM account management error: .*?|account validation failure, is your account locked\?|PAM authentication error: .*?|[Aa]ccount or password is expired, .*?) ; (?:HOST=[^ ]+ [:;] )?(?:TTY=(?<tty>[^ ]+) ; )?(?:CHROOT=.*? ; )?PWD=.*? ; USER=(?<target_user>[^ ]+) ; (?:(?:GROUP|TSID|ENV)=.*? ; )*?COMMAND=(?<command>.*)$$r$, ''),
('note', $r$^(?<user>[^ ]+) : (?:problem with defaults entries|parse error in .*?|unable to .*?|no tty present .*? parse) ; (?:TTY=[^ ]+ ; )?PWD=.*$$r$, ''),
('command', $r$^(?<user>.*?) :  ?(?:HOST=[^ ]+ [:;] )?(?:TTY=(?<tty>[^ ]+) ; )?(?:CHROOT=.*? ; )?PWD=.*? ; USER=(?<target_user>[^ ]+) ; (?:(?:GROUP|TSID|ENV)=.*? ; )*?COMMAND=(?<command>.*)$$r$, ''),
('not_allowed', $r$^(?<user>.*?) : [A-Za-z][^=;]* ; (?:HOST=[^ ]+ [:;] )?(?:TTY=(?<tty>[^ ]+) ; )?(?:CHROOT=.*? ; )?PWD=.*? ; USER=(?<target_user>[^ ]+) ; (?:(?:GROUP|TSID|ENV)=.*? ; )*?COMMAND=(?<command>.*)$$r$, ''),
('note', $r$^(?<user>[^ ]+) : (?:no passwd entry for|unknown uid|unable to|problem with|parse error in|unknown user|unknown group) .*$$r$, ''),
('note', $r$^(?:unable to|error|no |cannot|Cannot|unknown|/etc/sudoers|timestamp|setresuid|the SUDO_USER|ldap_|sudo: |conversation failed|auth could not|gkr-pam: |pam_[a-z_0-9]+: ).*$$r$, '')
)
