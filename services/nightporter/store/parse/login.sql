-- login on consoles and serial lines, telnet and the r-services behind it.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('failed', $r$^FAILED LOGIN \(\d+\) on '(?<tty>[^']*)'(?: from '(?<source_ip>[^']*)')? FOR 'UNKNOWN', [^ ].*$$r$, 'invalid_user=1'),
('failed', $r$^FAILED LOGIN \(\d+\) on '(?<tty>[^']*)' from '(?<source_ip>[^']*)' FOR '(?<user>.*)', [^ ].*$$r$, ''),
('failed', $r$^FAILED LOGIN \(\d+\) on '(?<tty>[^']*)' FOR '(?<user>.*)', [^ ].*$$r$, ''),
('failed', $r$^FAILED LOGIN (?:SESSION |\d+ )FROM \(null\) FOR (?<user>.*), User not known to the underlying authentication module$$r$, 'invalid_user=1'),
('failed', $r$^FAILED LOGIN (?:SESSION |\d+ )FROM (?<source_ip>[^ ]+) FOR (?<user>.*), User not known to the underlying authentication module$$r$, 'invalid_user=1'),
('failed', $r$^FAILED LOGIN (?:SESSION |\d+ )FROM \(null\) FOR (?<user>.*), [^ ].*$$r$, ''),
('failed', $r$^FAILED LOGIN (?:SESSION |\d+ )FROM (?<source_ip>[^ ]+) FOR (?<user>.*), [^ ].*$$r$, ''),
('failed', $r$^invalid password for '(?<user>.*)' on '(?<tty>[^']*)'(?: from '(?<source_ip>[^']*)')?$$r$, ''),
('auth_note', $r$^TOO MANY LOGIN TRIES \(\d+\) FROM (?<source_ip>[^ ]+) FOR (?<user>.*), [^ ].*$$r$, 'outcome=failure'),
('auth_note', $r$^TOO MANY LOGIN TRIES \(\d+\) on '(?<tty>[^']*)' FOR '(?<user>.*)'$$r$, 'outcome=failure'),
('accepted', $r$^ROOT LOGIN +(?:ON|on) '?(?<tty>[^ ']+)'?(?: (?:FROM|from) '?(?<source_ip>[^ ']+)'?)?$$r$, 'user=root'),
('accepted', $r$^(?:LOGIN ON|DIALUP AT) (?<tty>[^ ]+) BY (?<user>.*) FROM (?<source_ip>[^ ]+)$$r$, ''),
('accepted', $r$^(?:LOGIN ON|DIALUP AT) (?<tty>[^ ]+) BY (?<user>.*)$$r$, ''),
('connection', $r$^connect(?:ion)? from (?<source_ip>[^ ]+)(?: \([^)]*\))?$$r$, ''),
('command', $r$^[^@ ]+@(?<source_ip>[^ ]+) as (?<user>[^ :]+): cmd='(?<command>.*)'$$r$, ''),
('failed', $r$^(?:PAM )?[Aa]uthentication failed from (?<source_ip>[^ ]+) \([^()]*\)(?:: .*)?$$r$, ''),
('failed', $r$^(?:Kerberos authentication failed|PAM authentication failed for [^ ]+)$$r$, ''),
('preauth_closed', $r$^Connection from (?<source_ip>[^ ]+) on illegal port$$r$, ''),
('preauth_closed', $r$^refused connect from (?:[^ ]+ \()?(?<source_ip>[^ ()]+)\)?$$r$, ''),
('note', $r$^(?:ttloop: |pam_|timed out after |unable |cannot |Couldn't |exceeded failure limit|warning: |gkr-pam: |getpeername).*$$r$, '')
)
