-- ftp servers: proftpd, vsftpd, pure-ftpd, and the ftpd of Linux and the BSDs with their descendants.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
--
-- vsftpd names a connection and its login under two pids, so its CONNECT is a note. Where a name that the peer chose could
-- imitate the line of a success, the failure's pattern comes first.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
-- proftpd: server (name[address]), then what happened
('failed', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) USER (?<user>.*): no such user found from [^ ]+ \[[^ \]]+\] to [^ ]+$$r$, 'invalid_user=1'),
('failed', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) USER (?<user>.*) \(Login failed\): No such user found\.?$$r$, 'invalid_user=1'),
('failed', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) (?:USER|ANON) (?<user>.*) \(Login failed\): .*$$r$, ''),
('accepted', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) (?:USER|ANON) (?<user>.*): Login successful\.?$$r$, ''),
('invalid_user', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) no such user '(?<user>.*)'$$r$, 'invalid_user=1'),
('auth_failure', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) PAM\((?<user>.*)\): [A-Za-z ]+\.?$$r$, ''),
('not_allowed', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) SECURITY VIOLATION: [Rr]oot login attempted\.?$$r$, 'user=root'),
('auth_note', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) Maximum login attempts \(\d+\) exceeded.*$$r$, ''),
('connection', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) FTP session opened\.?$$r$, ''),
('disconnected', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) FTP session closed\.?$$r$, ''),
('preauth_closed', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) (?:Connection from [^ ]+ \[[^ \]]+\] denied|Login timeout exceeded, disconnected)\.?$$r$, ''),
('note', $r$^[^ ]+ \([^ ]*\[(?<source_ip>[^ \]]+)\]\)(?: -|:) .*$$r$, ''),
('daemon', $r$^[^ ]+(?: -|:) (?:ProFTPD |SIGHUP |received |mod_|error:? |warning:? |notice:? |Fatal: |master ).*$$r$, ''),
-- vsftpd
('failed', $r$^\[(?<user>.*)\] FAIL LOGIN: Client "(?<source_ip>[^ "]+)"(?:, ".*")?$$r$, ''),
('accepted', $r$^\[(?<user>.*)\] OK LOGIN: Client "(?<source_ip>[^ "]+)"(?:, anon password "[^"]*")?$$r$, ''),
('preauth_closed', $r$^CONNECT: Client "(?<source_ip>[^ "]+)", "Connection refused: .*"$$r$, ''),
('note', $r$^(?:\[(?<user>.*)\] )?(?:CONNECT|DEBUG|FTP command|FTP response|(?:OK|FAIL) [A-Z]+): Client "(?<source_ip>[^ "]+)"(?:, .*)?$$r$, ''),
-- pure-ftpd
('failed', $r$^\([^ ]*@(?<source_ip>[^ @()]+)\) \[WARNING\] Authentication failed for user \[(?<user>.*)\]$$r$, ''),
('accepted', $r$^\([^ ]*@(?<source_ip>[^ @()]+)\) \[(?:INFO|NOTICE)\] (?<user>.*) is now logged in$$r$, ''),
('accepted', $r$^\([^ ]*@(?<source_ip>[^ @()]+)\) \[(?:INFO|NOTICE)\] Anonymous user logged in$$r$, 'user=anonymous'),
('connection', $r$^\([^ ]*@[^ @()]+\) \[INFO\] New connection from (?<source_ip>[^ ]+)$$r$, ''),
('preauth_closed', $r$^\(\?@(?<source_ip>[^ @()]+)\) \[(?:INFO|NOTICE|WARNING)\] (?:Logout\.|Timeout.*)$$r$, ''),
('disconnected', $r$^\((?<user>.*)@(?<source_ip>[^ @()]+)\) \[(?:INFO|NOTICE|WARNING)\] (?:Logout\.|Timeout.*)$$r$, ''),
('auth_note', $r$^\([^ ]*@(?<source_ip>[^ @()]+)\) \[(?:ERROR|WARNING)\] Too many authentication failures$$r$, ''),
('note', $r$^\([^ ]*@(?<source_ip>[^ @()]+)\) \[[A-Z]+\] .*$$r$, ''),
-- ftpd
('accepted', $r$^ANONYMOUS FTP LOGIN FROM [^ ,]* ?\[(?<source_ip>[^ \]]+)\], .*$$r$, 'user=anonymous'),
('accepted', $r$^ANONYMOUS FTP LOGIN FROM (?<source_ip>[^ ,]+)(?:, .*)?$$r$, 'user=anonymous'),
('accepted', $r$^FTP LOGIN FROM [^ ,]* ?\[(?<source_ip>[^ \]]+)\](?: as |, )(?<user>.*)$$r$, ''),
('accepted', $r$^FTP LOGIN FROM (?<source_ip>[^ ,]+)(?: as |, )(?<user>.*)$$r$, ''),
('failed', $r$^FTP LOGIN (?:FAILED|REFUSED)(?: \([^()]*\))? (?:FROM|for) [^ ,]* ?\[(?<source_ip>[^ \]]+)\], (?<user>.*)$$r$, ''),
('failed', $r$^FTP LOGIN (?:FAILED|REFUSED)(?: \([^()]*\))? (?:FROM|for) (?<source_ip>[^ ,]+), (?<user>.*)$$r$, ''),
('failed', $r$^failed login from [^ ]+ \[(?<source_ip>[^ \]]+)\]$$r$, ''),
('auth_note', $r$^repeated login failures from (?<source_ip>[^ ]+)(?: \([^()]*\))?$$r$, ''),
('connection', $r$^connection from (?<source_ip>[^ ]+)(?: \([^()]*\))?(?: at .*)?$$r$, ''),
('preauth_closed', $r$^refused connect from [^ ]+ \((?<source_ip>[^()]*)\)$$r$, ''),
('preauth_closed', $r$^User unknown timed out after \d+ seconds(?: at .*)?$$r$, ''),
('disconnected', $r$^User (?<user>[^ ]+) timed out after \d+ seconds(?: at .*)?$$r$, ''),
('note', $r$^(?:getpeername |gkr-pam: |FTP session closed|lost connection |USER |PASS |QUIT|PAM |pam_|warning: |error: ).*$$r$, '')
)
