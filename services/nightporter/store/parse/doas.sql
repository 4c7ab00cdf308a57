-- doas of OpenBSD and its ports: commands, refusals, wrong passwords.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('command', $r$^(?<user>[^ ]+) ran command as (?<target_user>[^ :]+): (?<command>.*)$$r$, ''),
('command', $r$^(?<user>[^ ]+) ran command (?<command>.*) as (?<target_user>[^ ]+) from [/(].*$$r$, ''),
('not_allowed', $r$^(?:failed command|command not permitted) for (?<user>[^ ]+): (?<command>.*)$$r$, ''),
('failed', $r$^failed (?:auth|authentication) for (?<user>.*)$$r$, ''),
('note', $r$^(?:pam_|PAM |Authentication |Authorization |unable |no |cannot ).*$$r$, '')
)
