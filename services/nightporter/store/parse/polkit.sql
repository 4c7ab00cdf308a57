-- polkit: polkitd about the one at the desktop, pkexec about commands run as somebody else.
-- Grain: one row a message; the first row whose pattern matches wins. Reader: rules.py, for the parse of every line.
--
-- polkitd serves everybody under one pid; what it says about itself is 'daemon'.
SELECT kind, pattern, constants FROM VALUES('kind String, pattern String, constants String',
('command', $r$^(?<user>[^ :]+): Executing command \[USER=(?<target_user>[^ \]]+)\] \[TTY=(?<tty>[^ \]]+)\] \[CWD=.*?\] \[COMMAND=(?<command>.*)\]$$r$, ''),
('not_allowed', $r$^(?<user>[^ :]+): Error executing command as another user: [A-Za-z ]+ \[USER=(?<target_user>[^ \]]+)\] \[TTY=(?<tty>[^ \]]+)\] \[CWD=.*?\] \[COMMAND=(?<command>.*)\]$$r$, ''),
('note', $r$^(?<user>[^ :]+): (?:The value for |Cannot |Error ).*$$r$, ''),
('accepted', $r$^Operator of [^ ]+ successfully authenticated as unix-user:(?<target_user>.*?) to gain [A-Za-z-]+ authorization for action (?<command>[^ ]+) for .* \(owned by unix-user:(?<user>[^()]*)\)$$r$, ''),
('failed', $r$^Operator of [^ ]+ FAILED to authenticate to gain authorization for action (?<command>[^ ]+) for .* \(owned by unix-user:(?<user>[^()]*)\)$$r$, ''),
('daemon', $r$^(?:Registered |Unregistered |[Ss]tarted |Loading |Finished |Acquired |Reloading |Collecting |Compiling |Error |Lost |Unloading |\d\d:\d\d:\d\d\.\d+: ).*$$r$, '')
)
