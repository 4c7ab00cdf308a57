"""uninstall.yml leaves nothing behind, on the servers and among the expected."""

import pytest

from .beside import Appliance
from .machines import Machine


@pytest.mark.usefixtures("installed")
def test_nothing_is_left(appliance: Appliance, machines: list[Machine]) -> None:
    code, text = appliance.playbook("uninstall.yml")
    assert code == 0, text
    for machine in machines:
        left = machine.do("find", "/etc", "/usr", "/var", "-name", "*nightporter*", "-not", "-path", "/var/log/*")
        assert left == ""
        assert "nightporter" not in machine.do("cat", "/etc/passwd", "/etc/group")
        assert "nightporter" not in machine.do("systemctl", "list-units", "--all", "--no-legend")
    query = "SELECT count() FROM hosts FINAL WHERE isNull(removed_at)"
    assert appliance.client.command(query) == 0
