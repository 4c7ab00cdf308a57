"""What the role would do on systems that cannot be had here: a check run on facts as they give them.

Nothing of RHEL, SUSE, Ubuntu or Alpine is started: that their packages, SELinux and log daemons behave is not tested.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ANSIBLE = Path(__file__).parents[2] / "ansible"
SYSTEMS = {
    # name → os_family, distribution, Python, service manager, log files of the distribution
    "ubuntu2004": ("Debian", "Ubuntu", "3.8.10", "systemd", ["/var/log/auth.log"]),
    "rhel9": ("RedHat", "RedHat", "3.9.18", "systemd", ["/var/log/secure", "/var/log/cron"]),
    "rocky8": ("RedHat", "Rocky", "3.6.8", "systemd", []),
    "leap15": ("Suse", "openSUSE Leap", "3.11.9", "systemd", ["/var/log/messages"]),
    "alpine3": ("Alpine", "Alpine", "3.12.6", "openrc", ["/var/log/auth.log", "/var/log/secure", "/var/log/cron"]),
}
OLD = {"rocky8"}
PLAYBOOK = [
    {
        "name": "Facts as these systems give them",
        "hosts": "collectors",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Set them",
                "ansible.builtin.set_fact": {
                    **{name: f"{{{{ given.{name} }}}}" for name in ("os_family", "distribution", "service_mgr")},
                    "python_version": "{{ given.python_version }}",
                    "python": {"executable": sys.executable},  # the role runs it, here too
                    "cacheable": True,
                },
            }
        ],
    },
    {"import_playbook": str(ANSIBLE / "collector.yml")},
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The output of a check run on all systems; of a second one for those that stop a batch."""
    folder = tmp_path_factory.mktemp("systems")
    hosts: dict[str, Any] = {}
    for name, (family, distribution, python, manager, _) in SYSTEMS.items():
        given = {"os_family": family, "distribution": distribution, "service_mgr": manager, "python_version": python}
        hosts[name] = {"given": given}
    common = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "ansible_become": False,
        "collector_url": "https://appliance:8514",
    }
    (folder / "inventory.json").write_text(json.dumps({"collectors": {"hosts": hosts, "vars": common}}))
    (folder / "playbook.yml").write_text(yaml.safe_dump(PLAYBOOK))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(folder / "inventory.json")]
    command += [str(folder / "playbook.yml"), "--check", "--diff", "-e", "rollout=100%", "--tags", "all"]
    environment = os.environ | {"ANSIBLE_NOCOLOR": "1"}
    output = ""
    for limit in (":".join(set(SYSTEMS) - OLD), ":".join(OLD)):
        whole = [*command, "--limit", limit]
        done = subprocess.run(whole, cwd=ANSIBLE, env=environment, capture_output=True, text=True, timeout=600)
        output += done.stdout + done.stderr
    return output


def written(told: str, name: str) -> dict[str, list[str]]:
    """Template (or path, where there is none) → the lines that would be written on a system."""
    found: dict[str, list[str]] = {}
    for diff, system in re.findall(r"(?ms)^--- before\n(.*?)^changed: \[(\w+)\]", told):
        if system == name and (path := re.match(r"\+\+\+ after: \S*/(\S+)\n", diff)):
            found[path.group(1)] = [line[1:] for line in diff.splitlines()[2:] if line.startswith("+")]
    return found


def test_every_system_has_the_same_variables() -> None:
    files = sorted((ANSIBLE / "roles" / "collector" / "vars").iterdir())
    names = [set(yaml.safe_load(path.read_text())) for path in files]
    assert len(names) == 4
    assert all(each == names[0] for each in names)


def test_a_python_that_is_too_old_is_named_and_nothing_is_changed(told: str) -> None:
    assert "The collector needs Python 3.8 or newer, this server has 3.6.8." in told
    for name in OLD:
        assert re.search(rf"(?m)^{name} .*changed=0 .*failed=1", told)
        assert not written(told, name)


@pytest.mark.parametrize("name", sorted(set(SYSTEMS) - OLD))
def test_the_role_writes_what_fits_the_system(name: str, told: str) -> None:
    _, _, _, manager, logs = SYSTEMS[name]
    assert re.search(rf"(?m)^{name} .*unreachable=0 +failed=0", told), told
    planned = written(told, name)
    config = json.loads("\n".join(planned["collector.json.j2"]))
    assert (config["host"], config["files"], config["source"]) == (name, logs, "auto")
    assert config["url"] == "https://appliance:8514"
    unit = planned.get("nightporter-collector.service.j2", [])
    assert ("User=nightporter-collector" in unit) == (manager == "systemd")
    boot = planned.get("nightporter-collector", [""])[-1]
    assert boot.startswith("@reboot nightporter-collector " if manager == "openrc" else ""), boot
    assert bool(boot) == (manager == "openrc")
