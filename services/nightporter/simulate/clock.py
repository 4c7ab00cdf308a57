"""Time stamps as text, cached per second: formatting a time anew for each line would cost more than the line itself."""

import datetime as dt
from zoneinfo import ZoneInfo

SECOND = 1_000_000  # all simulated times are whole microseconds since 1970, UTC
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class SecondText(dict[int, tuple[str, str]]):
    """Second since 1970 → text before and after the fraction of a second, in one header style and zone."""

    def __init__(self, style: str, zone: str) -> None:
        super().__init__()
        self.style = style
        self.zone = ZoneInfo(zone)

    def __missing__(self, second: int) -> tuple[str, str]:
        when = dt.datetime.fromtimestamp(second, self.zone)
        if self.style == "bsd":
            text = (f"{_MONTHS[when.month - 1]} {when.day:2d} {when:%H:%M:%S} ", "")
        else:
            whole = when.isoformat()  # 2026-10-03T12:34:56+02:00
            text = (whole[:19], whole[19:])
        self[second] = text
        return text


class Clocks:
    """The caches of a whole simulation, shared by all hosts of one style and zone."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], SecondText] = {}
        self.utc = self.text("iso", "UTC")

    def text(self, style: str, zone: str) -> SecondText:
        """The cache for one header style and zone."""
        return self._texts.setdefault((style, zone), SecondText(style, zone))

    def forget(self) -> None:
        """Drops all cached seconds; called at midnight so that memory stays flat."""
        for text in self._texts.values():
            text.clear()


def local_day_start(day: dt.date, zone: ZoneInfo) -> int:
    """Microseconds since 1970 of local midnight."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * SECOND
