-- systemd-logind: sessions and their ends, linked to a login by host and user when events are read.
-- systemd 256 and later give user managers and jobs sessions of their own: these are nobody's login, and their class says so.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('logind_new', $r$^New session (?<session>[^ ']+) of user (?<user>[^ ']+)\.$$r$, ''),
('note', $r$^New session '(?<session>[^ ']+)' of user '(?<user>.*)' with class '(?:manager|background|greeter|lock-screen)[^']*' and type '[^']*'\.?$$r$, ''),
('logind_new', $r$^New session '(?<session>[^ ']+)' of user '(?<user>[^ ']*)' with class '[^']*' and type '[^']*'\.$$r$, ''),
('logind_new', $r$^New session '(?<session>[^ ']+)' of user '(?<user>.*)' with class '[^']*' and type '[^']*'\.?$$r$, ''),
('logind_new', $r$^New session '(?<session>[^ ']+)' of user '(?<user>.*)'\.?$$r$, ''),
('logind_new', $r$^New session (?<session>[^ ']+) of user (?<user>.*)\.$$r$, ''),
('logind_new', $r$^New session (?<session>[^ ']+) of user (?<user>[^ '.]+)$$r$, ''),
('logind_removed', $r$^Removed session (?<session>[^ ']+)\.$$r$, ''),
('logind_removed', $r$^Removed session '(?<session>[^ ']+)'\.$$r$, ''),
('logind_removed', $r$^Removed session (?<session>[^ '.]+)$$r$, ''),
('note', $r$^Session (?<session>[^ ']+) logged out\. Waiting for processes to exit\.$$r$, ''),
('note', $r$^Session '(?<session>[^ ']+)' logged out\. Waiting for processes to exit\.$$r$, ''),
('other', $r$^(?:New seat|Watching |System is |The system |Lid |Power |Suspend |Hibernat|Operation |Failed |Got |Delay |User enumeration|Scheduled|Creating |Received |Started|Stopping|Existing |Releasing|Session |Couldn't |Unit |Seat ).*$$r$, '')
)
