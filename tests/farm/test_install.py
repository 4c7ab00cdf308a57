"""The playbooks on real servers, over ssh: installed, installed again, verified."""

import re
import subprocess
import sys
from pathlib import Path

from .beside import Appliance
from .machines import Machine

ANSIBLE = Path(__file__).parents[2] / "ansible"


def test_the_playbooks_meet_the_production_profile() -> None:
    command = [str(Path(sys.executable).with_name("ansible-lint")), "--offline", "--profile", "production", "-q"]
    done = subprocess.run(command, cwd=ANSIBLE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_role_installs_and_a_second_run_changes_nothing(appliance: Appliance, machines: list[Machine]) -> None:
    code, text = appliance.playbook("collector.yml", "--check", "--diff", "--limit", machines[0].name)
    assert code == 0, text
    assert machines[0].do("ls", "/etc/nightporter-collector", check=False) == ""
    code, text = appliance.playbook("collector.yml")
    assert code == 0, text
    code, text = appliance.playbook("collector.yml", "--diff", "-e", "rollout=100%")
    assert code == 0, text
    assert re.findall(r"changed=(\d+)", text) == ["0"] * len(machines), text
