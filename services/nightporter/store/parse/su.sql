-- su of util-linux, shadow, coreutils, the BSDs and Solaris.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('accepted', $r$^\(to (?<target_user>[^ )]+)\) (?<user>[^ ]+) on (?<tty>[^ ]+)$$r$, ''),
('accepted', $r$^\(to (?<target_user>.*)\) (?<user>.*) on (?<tty>[^ ]*)$$r$, ''),
('accepted', $r$^Successful su for (?<target_user>.*) by (?<user>.*)$$r$, ''),
('accepted', $r$^\+ (?<tty>[^ ]+) (?<user>[^ :]+)[:-](?<target_user>[^ :-]+)$$r$, ''),
('accepted', $r$^\+ (?<tty>[^ ]+) (?<user>.*):(?<target_user>[^:]*)$$r$, ''),
('accepted', $r$^(?<user>[^ ]+) to (?<target_user>[^ ]+) on (?<tty>[^ ]+)$$r$, ''),
('accepted', $r$^'su (?<target_user>[^']*)' succeeded for (?<user>.*) on (?<tty>[^ ]+)$$r$, ''),
('failed', $r$^'su (?<target_user>.*)' failed for (?<user>.*) on (?<tty>[^ ]+)$$r$, ''),
('failed', $r$^FAILED SU \(to (?<target_user>.*)\) (?<user>.*) on (?<tty>[^ ]*)$$r$, ''),
('failed', $r$^FAILED su for (?<target_user>.*) by (?<user>.*)$$r$, ''),
('failed', $r$^- (?<tty>[^ ]+) (?<user>[^ :]+)[:-](?<target_user>[^ :-]+)$$r$, ''),
('failed', $r$^- (?<tty>[^ ]+) (?<user>.*):(?<target_user>[^:]*)$$r$, ''),
('failed', $r$^BAD SU (?<user>.*) to (?<target_user>.*) on (?<tty>[^ ]+)$$r$, ''),
('failed', $r$^failed: (?<tty>[^ ]+) changing from (?<user>.*) to (?<target_user>.*)$$r$, ''),
('failed', $r$^No passwd entry for user '(?<target_user>.*)'$$r$, ''),
('auth_note', $r$^Authentication failed for (?<target_user>.*)$$r$, 'outcome=failure'),
('auth_note', $r$^pam_(?:authenticate|acct_mgmt): [^ ].*$$r$, 'outcome=failure'),
('note', $r$^(?:pam_[a-z_]+|cannot|Cannot|unable|Warning).*$$r$, '')
)
