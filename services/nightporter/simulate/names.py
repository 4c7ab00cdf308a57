"""Word lists of the simulated farm: people, teams, commands, and the names that scanners try."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words("""
    ada alan aline amir ana anders anika arjun astrid bela boris carla chidi chloe claus dana deniz
    diego dora edith elif emil enzo erika esra farid fatou felix fiona georg gita greta hana hans hugo
    ida igor ines ivan jana jens joana jonas juan kaja karim karl keiko lars lea lena li lina luca maja
    malik marc maria mei mia milan mira nadia nils nina noor olaf oleg olga omar otto paula pedro petra
    pia priya rafa raj rita rosa ruben sami sara selma sofia sven tara theo tina tom uma urs vera viktor
    wei yara yuki zoe
""")
LAST = _words("""
    abel adler ahmed bach bauer becker berg blom brandt braun costa cruz dahl diaz ebner endo ernst
    faber falk fink frank fuchs garcia graf gross haas hahn hansen heinz herz hoff huber ito jansen jung
    kahn kaiser keller khan kim klein koch kraus krol kuhn lang lind lopez lorenz maier mann marx meier
    moser nagy novak okafor olsen patel peter popov quist rossi roth sato sauer silva simon singh sommer
    stark stein suzuki tanaka thoma toth ulrich vogel wagner wang weber weiss winter wolf wong yilmaz
    zhao ziegler zimmer
""")

TEAMS = ("platform", "shop", "payments", "data", "search", "mobile", "finance", "research")

# Commands by family: an admin works with two or three families, a developer with one at most.
SUDO_FAMILIES: dict[str, tuple[str, ...]] = {
    "packages": (
        "/usr/bin/apt update",
        "/usr/bin/apt upgrade -y",
        "/usr/bin/apt install -y htop",
        "/usr/bin/dpkg --configure -a",
    ),
    "services": (
        "/usr/bin/systemctl restart nginx",
        "/usr/bin/systemctl status postgresql",
        "/usr/bin/systemctl reload haproxy.service",
        "/usr/bin/journalctl -u nginx -n 200",
    ),
    "files": (
        "/usr/bin/vim /etc/hosts",
        "/usr/bin/tail -f /var/log/syslog",
        "/usr/bin/cat /etc/nginx/nginx.conf",
        "/usr/bin/chown -R www-data:www-data /srv/www",
    ),
    "storage": ("/usr/sbin/lvs", "/usr/bin/df -h", "/usr/sbin/mdadm --detail /dev/md0", "/usr/bin/mount /srv/archive"),
    "network": ("/usr/sbin/ss -tlnp", "/usr/sbin/nft list ruleset", "/usr/bin/tcpdump -ni eth0 port 443 -c 100"),
    "database": ("/usr/bin/psql -c 'select pg_is_in_recovery()'", "/usr/bin/pg_ctlcluster 15 main status"),
    "containers": ("/usr/bin/docker ps", "/usr/bin/docker compose up -d", "/usr/bin/crictl images"),
    "shell": ("/bin/bash", "/usr/bin/su -"),
}

# What scanners ask for, by how often they do.
SCANNED = _words("""
    root root root root root root admin admin admin test ubuntu user oracle postgres git pi guest
    support ftpuser deploy hadoop jenkins mysql nagios minecraft steam tomcat ubnt vagrant web www
    zabbix es teamspeak dev demo backup sysadmin administrator ansible docker elastic gitlab info mail
    nginx odoo server student temp tester ts3 uucp webmaster
""")

# Names chosen to mislead whoever reads the log; sshd writes them as they come.
HOSTILE = (
    "root from 10.0.0.1 port 22 ssh2",
    "Accepted password for root",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE entries; --",
    "admin ssh2",
    "x from 127.0.0.1",
    "a\\tb",
    'q"uote',
    "session opened for user root",
    "名前",
)

BYE = (
    "Bye Bye",
    "Normal Shutdown, Thank you for playing",
    "Client disconnecting normally",
    "ok",
    "disconnected by user",
)
OFFERS = (
    "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
    "ecdh-sha2-nistp256,diffie-hellman-group14-sha1",
)
BANNERS = ("GET / HTTP/1.1", "\\003", "SSH-1.5-scan", "\\026\\003\\001", "EHLO probe")
