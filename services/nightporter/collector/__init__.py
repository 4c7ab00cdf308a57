"""The collector: collector.py is what Ansible puts on every server. It imports nothing of ours."""
