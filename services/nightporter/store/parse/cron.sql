-- cron of every family: Vixie, cronie, dcron's successors; crontab and atd's neighbours.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('command', $r$^\((?<user>[^ ()]+)\) CMD \((?<command>.*)\)$$r$, ''),
('command', $r$^\((?<user>.*?)\) CMD \((?<command>.*)\)$$r$, ''),
('command', $r$^(?:crond: )?USER (?<user>[^ ]+) pid +(?<ref_pid>\d+) cmd (?<command>.*)$$r$, ''),
('not_allowed', $r$^\((?<user>[^()]*)\) (?:FAILED to authorize user with PAM|PAM ERROR|AUTH|FAILED to open PAM security session) \(.*\)$$r$, ''),
('session_end', $r$^\((?<user>[^ ()]+)\) CMDEND \((?<command>.*)\)$$r$, ''),
('session_end', $r$^\((?<user>.*?)\) CMDEND \((?<command>.*)\)$$r$, ''),
('daemon', $r$^\((?:CRON|cron|crond|\*system\*)[^()]*\) [A-Za-z@ '-]+(?: \(.*\)?)?$$r$, ''),
('daemon', $r$^\([^()]*\) CAN'T OPEN \(.*$$r$, ''),
('note', $r$^\((?<user>[^()]*)\) (?:CMDOUT|END|LIST|RELOAD|REPLACE|DELETE|BEGIN EDIT|END EDIT|INFO|MAIL|ORPHAN|ERROR|WRONG FILE OWNER|BAD FILE MODE|RESTART|Syntax error, this crontab file will be ignored|FAILED)(?: \(.*\)?)?$$r$, ''),
('note', $r$^(?:pam_|error: |Authentication |Permission denied|Module is unknown|Cannot ).*$$r$, '')
)
