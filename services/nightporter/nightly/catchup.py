"""Which nights are due, which were left undone, and which have to be opened again because logins came late."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from nightporter.errors import NightBusy
from nightporter.features.stream import midnight
from nightporter.nightly.ledger import STEPS, Ledger, Step, locked
from nightporter.settings import Settings
from nightporter.store.query import sql

CATCH_UP_NIGHTS = 7  # as many are caught up after days off; older ones are run by hand
AGAIN_AFTER = timedelta(days=1)  # for what failed for lack of data: more may have come
LONGEST_WAIT = timedelta(hours=6)
LATE_SHARE = 0.001  # of a night's logins that came late open it at once; fewer when the next night begins


def due_since(settings: Settings, night: date) -> datetime:
    """When a night may begin: at the set local time, after the day (UTC) is over."""
    hour, minute = map(int, settings.night_time.split(":"))
    over, zone = midnight(night + timedelta(days=1)), ZoneInfo(settings.night_timezone)
    local = over.astimezone(zone)
    at = datetime(local.year, local.month, local.day, hour, minute, tzinfo=zone)
    if at < over:
        at = (datetime(local.year, local.month, local.day, hour, minute) + timedelta(days=1)).replace(tzinfo=zone)
    return at.astimezone(UTC)


def due_nights(settings: Settings, now: datetime) -> list[date]:
    """The last nights that are due, the oldest first."""
    days = [now.date() - timedelta(days=back) for back in range(CATCH_UP_NIGHTS + 3)]
    return sorted(sorted((day for day in days if due_since(settings, day) <= now), reverse=True)[:CATCH_UP_NIGHTS])


def undone(client: Client, settings: Settings, now: datetime) -> date | None:
    """The oldest night to go on with; None where all are over, have to wait, or are being worked on.

    Nights before the first that was ever run are not missed: logs of old days may be loaded only to learn from.
    """
    due = due_nights(settings, now)
    begun = _begun(client, due[0])
    first = client.query("SELECT min(night) FROM night_steps HAVING count() > 0").result_rows
    wanted = [night for night in due if night >= first[0][0]] if first else due[-1:]
    new = _with_logins(client, [night for night in wanted if night not in begun])
    for night in sorted(new | {night for night, over in begun.items() if over < len(STEPS)}):
        if night in begun:
            ledger = Ledger(client, night)
            name = ledger.next()
            if name is None or not ready(ledger.steps[name], night in due, now):
                continue
        return night if _free(settings, night) else None
    return None


def ready(step: Step, is_due: bool, now: datetime) -> bool:
    """Whether an unfinished step may be tried (again) now: at once after a death, later and later after failures."""
    if step.state == "failed" and step.result.get("final"):
        return is_due and now - step.finished >= AGAIN_AFTER
    if step.state != "failed" and step.attempt <= 2:
        return True
    wait = min(timedelta(minutes=2.0 ** min(step.attempt, 10)), LONGEST_WAIT)
    return now - max(step.started, step.finished) >= wait


def reopen_late(client: Client, settings: Settings, now: datetime) -> list[date]:
    """Opens the nights again whose late logins are worth it; they keep their model."""
    opened = []
    for night, over in _begun(client, now.date() - timedelta(days=CATCH_UP_NIGHTS)).items():
        if over < len(STEPS):
            continue
        ledger = Ledger(client, night)
        late = late_logins(client, ledger)
        scored = int(ledger.result("flag").get("logins", 0))
        waited = now - ledger.steps["close"].started >= timedelta(hours=23)
        if late and (waited or late >= LATE_SHARE * scored):
            reopen(settings, ledger, late)
            opened.append(night)
    return opened


def reopen(settings: Settings, ledger: Ledger, late: int) -> None:
    """Has a night scored and flagged again, by the model it has; not while somebody is at it."""
    try:
        with locked(settings.home, ledger.night):
            asked = {name: ledger.result("close").get(name) for name in ("budget", "seed")}
            text = f"{late:,} logins came late"
            ledger.reopen("close", "check", "features", "score", "flag", "notify", text=text, late=late, **asked)
    except NightBusy:
        pass


def late_logins(client: Client, ledger: Ledger) -> int:
    """How many logins of a night that is over were merged later and have no score."""
    start = midnight(ledger.night)
    since = ledger.steps["close"].started - timedelta(minutes=1)
    bounds = {"night": start, "until": start + timedelta(days=1), "since": since.replace(microsecond=0)}
    return int(client.query(sql("queries/late_logins.sql"), parameters=bounds).result_rows[0][0])


def _begun(client: Client, since: date) -> dict[date, int]:
    """Nights that were begun: those since a date and all that are unfinished, each with how many steps are over."""
    rows = client.query(sql("queries/nights_begun.sql"), parameters={"since": since, "steps": len(STEPS)}).result_rows
    return {row[0]: row[1] for row in rows}


def _with_logins(client: Client, nights: list[date]) -> set[date]:
    """Those that have logins; the store is asked only where there is a doubt."""
    if not nights:
        return set()
    bounds = {"since": midnight(nights[0]), "until": midnight(nights[-1] + timedelta(days=1))}
    found = client.query(sql("queries/night_days.sql"), parameters=bounds).result_rows
    return {row[0] for row in found} & set(nights)


def _free(settings: Settings, night: date) -> bool:
    try:
        with locked(settings.home, night):
            return True
    except NightBusy:
        return False
