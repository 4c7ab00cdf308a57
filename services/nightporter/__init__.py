"""Nightporter: who walks in at night? Logins of many servers, merged, learnt, and the strange ones explained."""

__version__ = "0.1.0"
