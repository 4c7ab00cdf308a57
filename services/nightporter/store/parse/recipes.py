"""How a rule's fields are read from a message: by word where the pattern allows it, by regular expression elsewhere.

Splitting at blanks costs a tenth of a regular expression. A pattern whose fields are single words at a fixed place,
counted from the start or from the end, is read so; one field of any length may lie between (the rest of a sudo line,
a user name with blanks). Both ways give the same: hyperscan has already found that the whole pattern matches.
"""

import re
from dataclasses import dataclass, field

from nightporter.store.parse.rules import GROUP, Rule

# A message is read from: nothing, its words, its words with a stretch of them joined, the groups of the pattern.
NOTHING, WORDS, JOINED, GROUPS = 0, 1, 2, 3
FIELD = re.compile(r"\(\?<(?P<name>[a-z_]+)>(?P<body>(?:\[(?:\\.|[^\]])*\]|\\.|[^()\\\[])*)\)")
MOST_VARIANTS = 16
SPECIAL = re.compile(r"[.*+?()\[\]{}|^$\\]")


@dataclass(frozen=True)
class Place:
    """Where one field lies: the word or group `index` (negative: from the end), less characters at either side."""

    index: int
    skip: int = 0
    drop: int = 0
    cut: bool = False  # what follows the first "(" belongs to something else


@dataclass(frozen=True)
class Recipe:
    """How one rule is read: `before` and `after` count the words around a joined stretch."""

    source: int
    places: dict[str, Place] = field(default_factory=dict)
    before: int = 0
    after: int = 0


def recipes(rule: Rule) -> list[tuple[str, Recipe]]:
    """Patterns and how they are read, the cheapest way; several where a rule has optional or alternative words."""
    if not rule.groups:
        return [(rule.pattern, Recipe(NOTHING))]
    for patterns in ([rule.pattern], _variants(rule.pattern)):
        ways = [(pattern, way) for pattern in patterns if (way := _by_words(pattern))]
        if len(ways) == len(patterns):
            return ways
    return [(rule.pattern, Recipe(GROUPS, {name: Place(at) for at, name in enumerate(rule.groups, 1)}))]


def _variants(pattern: str) -> list[str]:
    """The pattern without options and alternatives: each written out, at most MOST_VARIANTS."""
    done: list[str] = []
    waiting = [pattern]
    while waiting and len(done) + len(waiting) <= MOST_VARIANTS:
        text = waiting.pop(0)
        choice = _choice(text)
        if choice is None:
            done.append(text)
        else:
            start, end, options = choice
            waiting = [text[:start] + option + text[end:] for option in options] + waiting
    return done if not waiting else [pattern]


def _choice(text: str) -> tuple[int, int, list[str]] | None:
    """Start, end and options of the first choice in a pattern that bears on how its words are counted."""
    if found := re.search(r" \{1,2\}", text):
        return found.start(), found.end(), ["  ", " "]
    at = -1
    while (at := text.find("(?:", at + 1)) >= 0:
        options, end = _options(text, at)
        optional = text[end : end + 1] == "?"
        if text[end : end + 1] in ("*", "+", "{") or text[end : end + 2] == "??":
            continue
        if optional or any(" " in option for option in options):
            return at, end + optional, options + [""] * optional
    return None


def _options(text: str, start: int) -> tuple[list[str], int]:
    """The alternatives of the group that opens at `start`, and where it ends."""
    options, depth, inside, at = [""], 0, False, start + 3
    while depth >= 0:
        sign = text[at : at + 2] if text[at] == "\\" else text[at]
        if inside:
            inside = sign != "]"
        elif sign == "[":
            inside = True
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        if sign == "|" and depth == 0 and not inside:
            options.append("")
        elif depth >= 0:
            options[-1] += sign
        at += len(sign)
    return options, at


def _by_words(pattern: str) -> Recipe | None:
    if not pattern.startswith("^"):
        return None
    loose = pattern.endswith(" *$")  # blanks at the end: words cannot be counted from there
    words = _split(pattern.removesuffix(" *$")[1:])
    places: dict[str, Place] = {}
    start = 0
    while start < len(words) and _is_word(words[start]):
        place = _place(words[start], start + 1)
        if place is None:
            return None
        places.update(place)
        start += 1
    tail = re.match(r"(?P<word>.+?)(?:\(\?: .*)$", words[start]) if start < len(words) else None
    if tail and _is_word(tail["word"]):  # what follows may be absent, and begins with a blank
        place = _place(tail["word"], start + 1)
        if place is None:
            return None
        places.update(place)
        words[start] = words[start][len(tail["word"]) :]
    rest = words[start:]
    if not any(GROUP.search(word) for word in rest):
        return Recipe(WORDS, places)
    if loose or not pattern.endswith("$"):
        return None
    end = len(words)
    while end > start and _is_word(words[end - 1]):
        place = _place(words[end - 1], end - 1 - len(words))
        if place is None:
            return None
        places.update(place)
        end -= 1
    middle = words[start:end]
    if not any(GROUP.search(word) for word in middle):
        return Recipe(WORDS, places)
    if len(middle) != 1:
        return None
    stretch = re.fullmatch(r"(?P<before>.*?)\(\?<(?P<name>[a-z_]+)>\.[*+]\)(?P<behind>.*?)\$?", middle[0])
    before, behind = (_literal(stretch["before"]), _literal(stretch["behind"])) if stretch else (None, None)
    if stretch is None or before is None or behind is None:
        return None
    places[stretch["name"]] = Place(start + 1, len(before), len(behind))
    return Recipe(JOINED, places, start, len(words) - end)


def _split(pattern: str) -> list[str]:
    """The pattern cut at the blanks that stand outside brackets."""
    words, depth, inside, at = [""], 0, False, 0
    while at < len(pattern):
        sign = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        if inside:
            inside = sign != "]"
        elif sign == "[":
            inside = True
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        if sign == " " and depth == 0 and not inside and pattern[at + 1 : at + 2] not in ("{", "*", "+", "?"):
            words.append("")
        else:
            words[-1] += sign
        at += len(sign)
    return words


def _is_word(text: str) -> bool:
    """True if the pattern piece matches exactly one stretch without blanks."""
    bare = re.sub(r"\\d|\\[^wWsSDCpP]", "", text)
    for found in re.findall(r"\[[^\]]*\]", bare):
        if (" " in found) != found.startswith("[^"):
            return False
    bare = re.sub(r"\[[^\]]*\]", "", GROUP.sub("(?:", bare))
    return not re.search(r"[ .]|\\", bare)


def _place(word: str, index: int) -> dict[str, Place] | None:
    """The place of the field in one word; empty without a field; None if it cannot be cut out by counting."""
    if not GROUP.search(word):
        return {}
    found = FIELD.search(word)
    if not found or len(GROUP.findall(word)) > 1:
        return None
    before, behind = _literal(word[: found.start()]), word[found.end() :].removesuffix("$")
    if before is None or (before and behind[:1] in ("?", "*", "+")):
        return None
    name, body = found["name"], found["body"]
    if (literal := _literal(behind)) is not None:
        return {name: Place(index, len(before), len(literal))}
    if name == "source_port" and behind.startswith(":"):
        return {name: Place(index, len(before))}
    if behind.startswith(r"\(") and body.startswith("[^") and "(" in body:
        return {name: Place(index, len(before), cut=True)}
    return None


def _literal(text: str) -> str | None:
    """The plain text that a pattern piece stands for, or None if it is more than plain text."""
    plain = re.sub(r"\\([^a-zA-Z0-9])", lambda found: chr(0xE000 + ord(found[1])), text)
    if SPECIAL.search(plain):
        return None
    return "".join(chr(ord(sign) - 0xE000) if ord(sign) >= 0xE000 else sign for sign in plain)
