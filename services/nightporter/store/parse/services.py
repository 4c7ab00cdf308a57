"""Which program belongs to which service, and which rule list reads it."""

# Names under which one program logs. Everything else keeps its name.
PROGRAMS = {
    "sshd": ("sshd-session", "sshd-auth", "ssh.service", "sshd.service"),
    "cron": ("CRON", "crond", "CROND", "CROND2", "cron.d", "cron.service", "crond.service"),
    "su": ("su-l",),
    "sudo": ("sudo-i", "sudo-rs"),
    "systemd": ("(systemd)",),
    "systemd-logind": ("systemd-logind.service",),
}

# Service by program or by the name in a PAM tag; a name that stands nowhere belongs to no service.
SERVICES = {
    "sshd": ("sshd",),
    "sudo": ("sudo", "sudo-i"),
    "su": ("su", "su-l"),
    "cron": ("cron", "crond", "crontab"),
    "login": ("login", "remote"),
    "telnet": ("telnetd", "in.telnetd", "utelnetd"),
    "rsh": ("rlogin", "rsh", "rexec", "rlogind", "rshd", "rexecd", "in.rlogind", "in.rshd", "in.rexecd",
        "klogind", "kshd"),
    "gdm": (
        "gdm", "gdm3", "gdm-password", "gdm-autologin", "gdm-fingerprint", "gdm-smartcard", "gdm-launch-environment",
        "gdm-session-worker", "gdm-binary", "gdm-pin",
    ),
    "lightdm": ("lightdm", "lightdm-greeter", "lightdm-autologin"),
    "sddm": ("sddm", "sddm-greeter", "sddm-autologin", "sddm-helper"),
    "kdm": ("kdm", "kde", "kde-np"),
    "xdm": ("xdm", "lxdm"),
    "xrdp": ("xrdp", "xrdp-sesman", "xrdp-sesman-system"),
    "cockpit": ("cockpit", "cockpit-session"),
    "ftp": ("ftp", "ftpd", "vsftpd", "proftpd", "pure-ftpd", "wu-ftpd", "in.ftpd", "lukemftpd", "tnftpd"),
    "dropbear": ("dropbear",),
    "doas": ("doas",),
    "polkit": ("polkit-1", "polkitd", "pkexec", "polkit-agent-helper-1"),
    "logind": ("systemd-logind", "elogind"),
    "systemd-user": ("systemd-user",),
    "runuser": ("runuser", "runuser-l"),
    "atd": ("atd",),
    "account": (
        "useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "passwd", "chpasswd", "chage", "gpasswd",
        "chfn", "chsh", "newusers", "groupmems", "adduser", "deluser", "addgroup", "delgroup", "chgpasswd", "pw",
        "unix_chkpwd",
    ),
}  # fmt: skip

# Rule list by service, for a program's own lines and for what PAM says on its behalf.
OWN_LINES = {
    "sshd": "sshd", "sudo": "sudo", "su": "su", "runuser": "su", "login": "login", "telnet": "login", "rsh": "login",
    "cron": "cron", "logind": "logind", "dropbear": "dropbear", "ftp": "ftp", "gdm": "desktop", "lightdm": "desktop",
    "sddm": "desktop", "kdm": "desktop", "xdm": "desktop", "xrdp": "desktop", "cockpit": "desktop", "doas": "doas",
    "polkit": "polkit", "account": "account",
}  # fmt: skip
PAM_LINES = {
    "su": "pam_su", "runuser": "pam_su", "sudo": "pam_sudo", "doas": "pam_sudo", "polkit": "pam_sudo",
    "systemd-user": "systemd_user",
}  # fmt: skip
PAM_ELSEWHERE = "pam"

# Programs that are no logins at all: their lines are known, and of no concern.
OTHERS = (
    "kernel", "systemd", "rsyslogd", "syslogd", "syslog-ng", "dhclient", "NetworkManager", "systemd-journald",
    "systemd-networkd", "systemd-resolved", "systemd-timesyncd", "systemd-udevd", "systemd-sysctl", "chronyd", "ntpd",
    "anacron", "dbus-daemon", "dbus", "auditd", "audispd", "logrotate", "named", "snmpd", "irqbalance", "smartd",
    "cloud-init", "networkd-dispatcher", "multipathd", "snapd", "containerd", "dockerd", "kubelet", "firewalld",
    "avahi-daemon", "thermald", "udisksd", "ModemManager", "gnome-shell", "gnome-keyring-daemon", "pulseaudio",
    "packagekitd", "fwupd", "rtkit-daemon", "accounts-daemon", "nm-dispatcher",
)  # fmt: skip
