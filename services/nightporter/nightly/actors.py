"""What actors did in their nights: who they are, and their facts from the columns of their logins."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nightporter.features.fields import BY_NAME
from nightporter.features.stream import CHUNK, Logins
from nightporter.nightly import peers
from nightporter.nightly.facts import FACTS, LOCAL, REFUSED, REMOTE, STEPS

Rows = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

NO_SESSION = ("own, no session", "own of many, no session", "server, no session")  # values of source_owner
FAR = 3  # nats from which a host counts as one that peers do not use
WEEK = 7  # days


@dataclass(frozen=True)
class ActorNights:
    """K nights of actors, and what they did in them."""

    day: Rows  # [K] days since 1970
    kind: Rows  # [K] LOCAL, REMOTE or REFUSED
    user: Rows  # [K] code in values["user"]; 0 for refused sources
    place: Rows  # [K] code of the source; of the host, after all sources, where there is none
    young: npt.NDArray[np.bool_]  # [K] users of whom little is known yet: nearly everything they do is new
    values: Bytes  # [K, facts] index into STEPS

    def __len__(self) -> int:
        return len(self.day)

    def owner(self) -> Rows:
        """Whose habits [K] a night belongs to: the user's, or the refused source's."""
        return np.where(self.kind == REFUSED, self.place, self.user) * 3 + self.kind


class History:
    """Logins that were read, with what is known only from several of them.

    `before`: an earlier history whose visits to hosts these logins follow; its logins must have the same codes.
    """

    def __init__(self, logins: Logins, before: "History | None" = None) -> None:
        self.logins, self._before = logins, before
        self.kind, self.good = np.empty(len(logins), np.uint8), np.empty(len(logins), np.bool_)
        for first in range(0, len(logins), CHUNK):
            rows = np.arange(first, min(first + CHUNK, len(logins)))
            self.kind[rows], self.good[rows] = kinds(logins, rows), _is(logins, "outcome", "success", rows)
        logins.release()

    @cached_property
    def _visits(self) -> tuple[Bytes, Rows]:
        ours = np.flatnonzero(self.good & (self.kind == REMOTE))
        known = self._before._visits[1] if self._before else np.empty(0, np.int64)
        nats, known = peers.strangeness(self.logins, ours, known)
        far = np.zeros(len(self.logins), np.uint8)
        far[ours] = nats
        return far, known

    @property
    def far(self) -> Bytes:
        """How far from what peers use the host of each login is, in nats; 0 where it is no first visit."""
        return self._visits[0]

    @cached_property
    def _far_hosts(self) -> Rows:
        far = np.flatnonzero(self.far >= FAR)
        user, host = self.logins.categories["user"][far], self.logins.categories["host"][far].astype(np.int64)
        visits = np.unique(np.stack([user.astype(np.int64), self.logins.day[far].astype(np.int64), host], 1), axis=0)
        return np.sort(visits[:, 0] << 16 | visits[:, 1])  # one entry per user, day and far host

    def column(self, name: str, rows: Rows) -> Rows:
        """The column [rows] whose maximum, or whose rows with distinct values, make the fact `name`."""
        return np.asarray(self._column(name, rows)).astype(np.int64)

    def _column(self, name: str, rows: Rows) -> npt.NDArray[Any]:
        number, new = self.logins.numbers, self._new
        if name in _NEW:  # somebody who was never seen has nothing but new things: that says it once
            return new(_NEW[name], rows) & ~new("since_user", rows)
        if name in _OF_NOBODY:
            return new(_OF_NOBODY[name], rows)
        if name in _MAXIMA:
            return np.asarray(number[_MAXIMA[name]][rows])
        if name in _VALUE:
            return _is(self.logins, *_VALUE[name], rows)
        match name:
            case "no_way_in":  # a server that is new to the user says more than one they often come from
                own, own_of_many, server = (_is(self.logins, "source_owner", owner, rows) for owner in NO_SESSION)
                return (2 * server + (own | own_of_many)) * ~new("since_user", rows)
            case "silent":
                return np.asarray(number["since_user"][rows] == BY_NAME["since_user"].bins - 2)
            case "new_commands":
                return new("since_command", rows) & ~_is(self.logins, "command", "", rows)
            case "far":
                return self.far[rows]
            case "far_hosts":
                return self.far[rows] >= FAR
            case "far_hosts_week":
                return self._far_week(self._far_hosts, rows)
            case "far_days_week":
                return self._far_week(np.unique(self._far_hosts), rows)
            case "elsewhere" | "new_networks":
                return self._elsewhere(name, rows)
            case "refused":
                return ~self.good[rows]
            case "known_names" | "quiet_names":
                known = (number["activity"][rows] > 0) & ~_is(self.logins, "outcome", "unknown name", rows)
                known &= ~self.good[rows]
                if name == "quiet_names":  # refused, from where they never came, on a day without other failures
                    known &= new("since_source", rows) & (number["failures_user_1d"][rows] == 0)
                return known
        return np.ones(len(rows), bool)  # hosts, names_tried: all of them count

    def actor_nights(self, rows: Rows) -> tuple[ActorNights, Rows]:
        """The nights of all actors of the logins in `rows` (whole days, in order of time), and each login's [rows]."""
        logins = self.logins
        day, kind, user, place, first, actor = self._actors(rows)
        count = len(first)
        order = np.argsort(actor, kind="stable")
        starts = np.searchsorted(actor[order], np.arange(count))
        values = np.zeros((count, len(FACTS)), np.uint8)
        for number, fact in enumerate(FACTS):
            applies = np.isin(kind[first], fact.kinds)
            column = self.column(fact.name, rows)
            if fact.counts:
                what = logins.categories[fact.counts][rows].astype(np.int64)
                some = column > 0
                pairs = np.unique(actor[some].astype(np.int64) * (int(what.max(initial=0)) + 1) + what[some])
                total = np.bincount(pairs // (int(what.max(initial=0)) + 1), minlength=count)
            else:
                total = np.maximum.reduceat(column[order], starts) if count else np.empty(0, np.int64)
            values[:, number] = np.where(applies, np.searchsorted(STEPS, total, "right") - 1, 0)
        youth = (logins.numbers["user_youth"][rows] > 0) | self._new("since_user", rows)
        youth |= logins.numbers["activity"][rows] <= 1
        youth &= kind != REFUSED  # a name that nobody has is no new colleague
        young = np.maximum.reduceat(youth[order], starts) if count else np.empty(0, np.bool_)
        nights = ActorNights(day[first], kind[first], user[first], place[first], young, values)
        return nights, actor.astype(np.int64)

    def _actors(self, rows: Rows) -> tuple[Rows, Rows, Rows, Rows, Rows, Rows]:
        """Day, kind, user, place [rows]; the first login [K] of each actor's night; each login's actor [rows]."""
        logins = self.logins
        day, kind = logins.day[rows].astype(np.int64), self.kind[rows].astype(np.int64)
        user, host = logins.categories["user"][rows].astype(np.int64), logins.categories["host"][rows].astype(np.int64)
        source = logins.source[rows].astype(np.int64)
        nowhere = _is(logins, "source", "", rows) | (kind == LOCAL)
        place = np.where(nowhere, len(logins.values["source"]) + host, source)
        user = np.where(kind == REFUSED, 0, user)
        users, places = int(user.max(initial=0)) + 1, int(place.max(initial=0)) + 1
        key = ((day * 3 + kind) * users + user) * places + place
        _, first, actor = np.unique(key, return_index=True, return_inverse=True)
        return day, kind, user, place, first, actor.reshape(-1).astype(np.int64)

    def _new(self, field: str, rows: Rows) -> npt.NDArray[np.bool_]:
        return np.asarray(self.logins.numbers[field][rows] >= BY_NAME[field].bins - 1)

    def _far_week(self, visits: Rows, rows: Rows) -> Rows:
        """Visits [rows] to far hosts on earlier days of a week, for logins that are one themselves."""
        key = self.logins.categories["user"][rows].astype(np.int64) << 16 | self.logins.day[rows].astype(np.int64)
        week = np.searchsorted(visits, key, "left") - np.searchsorted(visits, key - WEEK, "right")
        return np.asarray(np.where(self.far[rows] >= FAR, week, 0))

    def _elsewhere(self, name: str, rows: Rows) -> Rows:
        """From a new network while the user's own desk is in use that day; or from how many more new networks."""
        ours = (self.kind[rows] == REMOTE) & ~self._new("since_user", rows)
        new = ours & self._new("since_network", rows)
        key = self.logins.categories["user"][rows].astype(np.int64) << 16 | self.logins.day[rows].astype(np.int64)
        networks = len(self.logins.values["network"])
        visit = key * networks + self.logins.categories["network"][rows]
        pairs = np.unique(visit[new])
        if name == "elsewhere":  # from its second login on the new place is one of the user's own, but it is not home
            own = _is(self.logins, "source_owner", "own", rows) | _is(self.logins, "source_owner", NO_SESSION[0], rows)
            home = ours & ~np.isin(visit, pairs) & own
            return np.asarray(new & np.isin(key, np.unique(key[home])), np.int64)
        who, count = np.unique(pairs // networks, return_counts=True)
        more = np.zeros(len(rows), np.int64)
        more[new] = count[np.searchsorted(who, key[new])] - 1
        return more


_NEW: dict[str, str] = {
    "new_network": "since_network", "new_source": "since_source", "new_key_source": "since_key_source",
    "new_key": "since_key", "new_method": "since_method", "new_steps": "since_steps", "new_service": "since_service",
    "new_target": "since_target", "new_terminal": "since_terminal",
}  # fmt: skip
_VALUE: dict[str, tuple[str, str]] = {
    "source_of_another": ("source_owner", "another"), "key_of_another": ("key_owner", "another"),
}  # fmt: skip
_OF_NOBODY: dict[str, str] = {
    "network_of_nobody": "since_network_any", "source_of_nobody": "since_source_any",
    "new_host_network": "since_host_network", "first_seen": "since_user", "new_hosts": "since_host",
}  # fmt: skip
_MAXIMA: dict[str, str] = {
    "hour": "rarity_hour", "command_of_nobody": "since_command_any",
    "sources_day": "sources_user_1d", "failures": "failures", "failures_user": "failures_user_10m",
    "failures_source": "failures_source_10m", "failures_source_day": "failures_source_1d",
    "users_source": "users_source_1d", "hosts_source": "hosts_source_1h",
}  # fmt: skip


def actors(logins: Logins, rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Actor number (0…K-1) of each login in `rows`, and whether each actor is a refused source."""
    _, kind, _, _, first, actor = History(logins)._actors(rows)
    return actor, kind[first] == REFUSED


def translated(logins: Logins, into: Logins) -> Logins:
    """The same logins in the codes that `into` has, after which values follow that it does not know."""
    values = {name: list(known) for name, known in into.values.items()}
    codes: dict[str, npt.NDArray[np.uint32]] = {}
    for name, own in logins.values.items():
        place = {value: code for code, value in enumerate(values[name])}
        mapped = np.array([place.setdefault(value, len(place)) for value in own], np.uint32)
        values[name] = list(place)
        column = logins.source if name == "source" else logins.categories[name]
        codes[name] = np.asarray(mapped[column] if len(mapped) else column, np.uint32)
    source = codes.pop("source")
    return replace(logins, source=source, categories=codes, values=values)


def kinds(logins: Logins, rows: Rows) -> Rows:
    """LOCAL, REMOTE or REFUSED [rows]."""
    remote = ~_is(logins, "source", "", rows)
    good = _is(logins, "outcome", "success", rows)
    by_ssh = _is(logins, "service", "sshd", rows)
    return np.where(remote & ~good, REFUSED, np.where(remote | by_ssh, REMOTE, LOCAL)).astype(np.uint8)


def _is(logins: Logins, field: str, value: str, rows: Rows) -> npt.NDArray[np.bool_]:
    named = np.array([known == value for known in logins.values[field]], bool)
    codes = logins.source if field == "source" else logins.categories[field]
    return named[codes[rows]] if len(named) else np.zeros(len(rows), bool)
