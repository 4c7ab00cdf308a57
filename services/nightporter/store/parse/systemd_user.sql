-- systemd's per-user manager: its PAM session follows a login and is linked to it, it is none itself.
-- Grain: one row a message after the "pam_unix(systemd-user:session): " tag; the first match wins. Reader: rules.py.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('user_manager', $r$^session (?:opened|closed) for user (?<user>[^ (]+)(?:\(uid=\d+\))?(?: by [^(]*\(uid=\d+\))?$$r$, ''),
('user_manager', $r$^session opened for user (?<user>.*?)(?:\(uid=\d+\))? by [^(]*\(uid=\d+\)$$r$, ''),
('user_manager', $r$^session closed for user (?<user>.+)$$r$, ''),
('other', $r$^(?:[Cc]onversation |[Cc]annot |[Cc]ould not |[Ff]ailed |[Uu]nable |error |Error |unexpected |unrecognized |expired password |new password |user '|username \[|getting |request |internal |invalid |BAD PASSWORD|password - |pam_|Warning|warning|User |Accepted |Authorized |Unknown |unknown |no |No |option |Password |account |setting |Creating |module |Set |removed |Attempted |deprecated |Skipped |\[|\().*$$r$, '')
)
