"""The fields of a login, one row each: everything the model sees, and nothing else.

The order is the order in which the autoencoder reads them: each field is reconstructed from those above it, so novelty
("is this source new for the user?") is asked before identity ("which source is it?"), and what novelty already
explains is not counted twice. Expressions refer to the columns of store/queries/features.sql.
"""

from dataclasses import dataclass

HOUR, DAY = 3600, 86400

# Lower edges of the bins, in the unit of the expression. Fixed edges keep codes comparable from night to night.
AGES = (4 * DAY, 10 * DAY, 20 * DAY)  # longer than a long weekend, than a week off, than a holiday
YOUTH = (HOUR, DAY, 3 * DAY)
COUNTS = (0.5, 1.5, 2.5, 4, 6, 10, 18, 34, 66, 130, 300, 1000)
RATES = (0.002, 0.01, 0.03, 0.08, 0.2, 0.45)
SURPRISES = (0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8)

NOT_APPLICABLE = 0  # bin of a gap whose key is empty (no key fingerprint, no source, …)
NEVER = len(AGES) + 2  # bin of a gap without an earlier login within the horizon: in every number, higher is stranger


@dataclass(frozen=True)
class Field:
    """One field: `kind` is 'category' (a value in a vocabulary) or 'number' (a bin of fixed `edges`)."""

    name: str
    kind: str
    sql: str
    label: str
    group: str  # given (read, never scored) · identity · novelty · rarity · relation · burst
    edges: tuple[float, ...] = ()
    about: tuple[str, ...] = ()  # columns whose values make two surprises the same surprise

    @property
    def bins(self) -> int:
        """How many bins a number has (categories: 0, their size is known after the vocabulary is)."""
        if self.kind == "category":
            return 0
        return NEVER + 1 if self.edges is AGES else len(self.edges) + 1


# Weight of each group in the score of a login; chosen on two simulated farms.
GROUP_WEIGHTS: dict[str, float] = {
    "given": 0.0,
    "identity": 1.0,
    "novelty": 1.0,
    "rarity": 0.3,
    "burst": 0.2,
    "relation": 1.0,
}

# Which value it is counts only where it is new for this user; how often the user has it is what the rarities say.
IDENTITY_OF_NOVELTY: dict[str, str] = {
    "service": "since_service", "network": "since_network", "method": "since_method", "key": "since_key",
    "host": "since_host", "target": "since_target", "command": "since_command",
    "steps": "since_steps", "terminal": "since_terminal",
}  # fmt: skip


def _category(name: str, sql: str, label: str, group: str = "identity", about: tuple[str, ...] = ()) -> Field:
    return Field(name, "category", f"toString({sql})", label, group, about=about or (name,))


def _array(edges: tuple[float, ...]) -> str:
    return "[" + ", ".join(repr(float(edge)) for edge in edges) + "]"


def _number(name: str, sql: str, label: str, group: str, edges: tuple[float, ...], about: tuple[str, ...]) -> Field:
    return Field(name, "number", f"toUInt8(arrayCount(e -> ({sql}) >= e, {_array(edges)}))", label, group, edges, about)


def _gap(name: str, last: str, applies: str, label: str, about: tuple[str, ...]) -> Field:
    binned = f"1 + arrayCount(e -> at - {last} >= e, {_array(AGES)})"
    sql = f"toUInt8(multiIf(NOT ({applies}), {NOT_APPLICABLE}, at - {last} > horizon, {NEVER}, {binned}))"
    return Field(name, "number", sql, label, "novelty", AGES, about)


def _rarity(name: str, value: str, label: str, values: int, about: tuple[str, ...]) -> Field:
    sql = f"-log(({value} + 0.1) / (logins_user + 0.1 * {values}))"
    return _number(name, sql, label, "rarity", SURPRISES, about)


# A server of our own is known by its address; a day is as long as a session may be idle and still be how somebody came.
_NO_SESSION = f"(source_host != '' AND at - last_way_in > {DAY})"
_OWNER_OF_SOURCE = (
    "multiIf(source_ip = '', '', "
    f"at - last_user_source <= horizon, if(owners_source <= 2, 'own', 'own of many') || if({_NO_SESSION}, ', no session', ''), "
    f"{_NO_SESSION}, 'server, no session', owners_source = 0, 'nobody', owners_source <= 2, 'another', 'shared')"
)
_OWNER_OF_KEY = "multiIf(key_fingerprint = '', '', at - last_user_key <= horizon, 'own', at - last_key <= horizon, 'another', 'nobody')"

FIELDS: tuple[Field, ...] = (
    _category("user", "user", "user", "given"),
    _number("activity", "logins_user", "logins of the user a week", "given", COUNTS, ("user",)),
    _number("host_habit", "new_hosts_user_7d / (1 + logins_user)", "share of new hosts", "given", RATES, ("user",)),
    _number("source_habit", "new_sources_user_7d / (1 + logins_user)", "share of new sources", "given", RATES, ("user",)),
    _number("command_habit", "new_families_user_7d / (1 + logins_user)", "share of new commands", "given", RATES, ("user",)),
    _category("service", "service", "service"),
    _category("outcome", "if(invalid_user, 'unknown name', outcome)", "outcome"),
    _category("hour", "hour", "hour of day"),
    _gap("since_user", "last_user", "true", "last login of this user", ("user",)),
    _number("user_youth", f"if(at - first_user > horizon, 0, {3 * DAY} - (at - first_user))", "how new this user is", "novelty", YOUTH, ("user",)),
    _gap("since_service", "last_user_service", "true", "last use of this service by this user", ("user", "service")),
    _gap("since_network", "last_user_network", "source_ip != ''", "last login of this user from this network", ("user", "network")),
    _gap("since_network_any", "last_network", "source_ip != ''", "last login of anyone from this network", ("network",)),
    _category("network", "network", "network"),
    _gap("since_source", "last_user_source", "source_ip != ''", "last login of this user from this source", ("user", "source")),
    _gap("since_source_any", "last_source", "source_ip != ''", "last login of anyone from this source", ("source",)),
    _category("source_owner", _OWNER_OF_SOURCE, "whose source this is", "relation", about=("user", "source")),
    _category("steps", "steps", "steps of the login", "relation", about=("user", "host")),
    _gap("since_steps", "last_user_steps", "steps != ''", "last login of this user with these steps", ("user", "steps")),
    _gap("since_method", "last_user_method", "method != ''", "last use of this method by this user", ("user", "method")),
    _category("method", "method", "method"),
    _gap("since_key", "last_user_key", "key_fingerprint != ''", "last use of this key by this user", ("user", "key")),
    _category("key", "key_fingerprint", "key"),
    _category("key_owner", _OWNER_OF_KEY, "whose key this is", "relation", about=("user", "key")),
    _gap("since_key_source", "last_key_source", "key_fingerprint != ''", "last use of this key from this source", ("key", "source")),
    _gap("since_host", "last_user_host", "true", "last login of this user on this host", ("user", "host")),
    _category("host", "host", "host"),
    _gap("since_host_network", "last_host_network", "source_ip != ''", "last login on this host from this network", ("host", "network")),
    _gap("since_target", "last_user_target", "target != ''", "last change of this user to this account", ("user", "target")),
    _category("target", "target", "target account"),
    _gap("since_command", "last_user_family", "family != ''", "last run of this command by this user", ("user", "command")),
    _category("command", "family", "command"),
    _gap("since_command_any", "last_family", "family != ''", "last run of this command by anyone", ("command",)),
    _category("terminal", "terminal", "terminal", "relation", about=("user", "terminal")),
    _gap("since_terminal", "last_user_terminal", "terminal != ''", "last use with such a terminal by this user", ("user", "terminal")),
    _number("failures", "bad", "failed attempts before the outcome", "burst", COUNTS, ("source", "user")),
    _number("new_hosts_user_7d", "if(source_ip = '', 0, new_hosts_user_7d)", "new hosts of this user in a week", "burst", COUNTS, ("user",)),
    _number("hosts_user_1h", "if(source_ip = '', 0, hosts_user_1h)", "hosts of this user in an hour", "burst", COUNTS, ("user",)),
    _number("hosts_user_1d", "if(source_ip = '', 0, hosts_user_1d)", "hosts of this user in a day", "burst", COUNTS, ("user",)),
    _number("sources_user_1d", "if(source_ip = '', 0, sources_user_1d)", "sources of this user in a day", "burst", COUNTS, ("user",)),
    _number("failures_user_10m", "failures_user_10m", "failures of this user in ten minutes", "burst", COUNTS, ("user",)),
    _number("failures_user_1d", "failures_user_1d", "failures of this user in a day", "burst", COUNTS, ("user",)),
    _number("hosts_source_1h", "if(source_ip = '', 0, hosts_source_1h)", "hosts reached by this source in an hour", "burst", COUNTS, ("source",)),
    _number("users_source_1d", "if(source_ip = '', 0, users_source_1d)", "users of this source in a day", "burst", COUNTS, ("source",)),
    _number("failures_source_10m", "if(source_ip = '', 0, failures_source_10m)", "failures of this source in ten minutes", "burst", COUNTS, ("source",)),
    _number("failures_source_1d", "if(source_ip = '', 0, failures_source_1d)", "failures of this source in a day", "burst", COUNTS, ("source",)),
    _rarity("rarity_host", "logins_user_host", "how rare this host is for this user", 50, ("user", "host")),
    _rarity("rarity_hour", "logins_user_hour", "how rare this hour is for this user", 24, ("user", "hour")),
)  # fmt: skip

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
CATEGORIES: tuple[str, ...] = tuple(field.name for field in FIELDS if field.kind == "category")
NUMBERS: tuple[str, ...] = tuple(field.name for field in FIELDS if field.kind == "number")


def select_list() -> str:
    """The fields as the last lines of the SELECT in store/queries/features.sql."""
    return ",\n    ".join(f"{field.sql} AS f_{field.name}" for field in FIELDS)
