"""A labelled farm of simulated hosts: logs as several distributions write them, their true events, and attacks."""

from nightporter.simulate.dirt import soil
from nightporter.simulate.write import Summary, simulate

__all__ = ["Summary", "simulate", "soil"]
