"""Unknown: an item whose label nobody knows, where its place says that it is one."""

import re
from collections.abc import Sequence

from flows.parse.items.item import Item
from flows.parse.items.line import DASHED, LONGEST_GAP, Sight
from flows.parse.items.numbers import Number

_SEPARATOR = re.compile(r"[ \t]*(?:,|;|\w{1,3}(?=[ \t]))?[ \t]*")
_WORDS = re.compile(r"[^\W\d][^\d,;.()\n]{1,60}")
_STOP = re.compile(r"[.!?]")
_MARKS = "([])'"
_AFTER_ITEMS = " \t.,;"
_MOST_BLANKS = 5


def unknown(sight: Sight, number: Number, found: Sequence[Item], taken: int) -> Item | None:
    """Return the item of a number whose label is not known; `found` are those before it."""
    if sight.cues.number_words.match(number.start, len(sight.text)):
        return None
    return _in_prose(sight, number, found, taken) if found else _in_list(sight, number)


def may_be_listed(sight: Sight) -> bool:
    """Whether a line may be that of an item whose label nobody knows: cheap, and often wrong.

    Such an item starts its line with its number, or ends it with a number, a unit, a parenthesis
    (it may be open), or a delta in words.
    """
    cues, start, end = sight.cues, sight.start, sight.end
    printed = sight.text[sight.head : end].rstrip(_AFTER_ITEMS)
    if printed[:1].isdigit() or printed[-1:].isdigit() or any(map(printed.count, _MARKS)):
        return True
    return bool(
        cues.units.any(start, end)
        or cues.scales.any(start, end)
        or cues.including.search(start, end)
    )


def separated(sight: Sight, start: int, end: int) -> bool:
    """Whether only a comma, an "and" or nothing stands between two items."""
    if sight.text[end - 1 : end] in sight.cues.lexicon.glued and end - 1 > start:
        end -= 1
    return bool(_SEPARATOR.fullmatch(sight.text, start, end))


def _in_list(sight: Sight, number: Number) -> Item | None:
    """Read "WORDS - NUMBER (+DELTA)" that fills its line."""
    start = sight.head
    if number.start - start > 2 * LONGEST_GAP:
        return None
    words = sight.text[start : number.start]
    if not words.strip():
        return _number_first(sight, number)
    dash = list(DASHED.finditer(sight.text, start, number.start + 1))
    stop = dash[-1].start() if dash else start + len(words.rstrip())
    if not 1 < stop - start <= LONGEST_GAP or not sight.glued(stop, number.start):
        return None
    if _STOP.search(words) or any(map(str.isdigit, words)):
        return None
    item = sight.item(start, number, (start, stop), ())
    if _delta_in_words(sight, item.end):
        return item
    sure = dash or item.delta is not None
    return item if sure and _ends_line(sight, item.end) else None


def _delta_in_words(sight: Sight, at: int) -> bool:
    """Whether ", including 22" follows."""
    after = _SEPARATOR.match(sight.text, at, sight.end)
    return bool(sight.cues.including.match(after.end() if after else at, sight.end))


def _number_first(sight: Sight, number: Number) -> Item | None:
    """Read "NUMBER WORDS (+DELTA)" that fills its line."""
    words = _WORDS.match(sight.text, sight.blanks(number.end), sight.end)
    if not words or words[0].count(" ") > _MOST_BLANKS:
        return None
    label_end = words.start() + len(words[0].rstrip())
    item = sight.item(number.start, number, (words.start(), label_end), ())
    return item if _ends_line(sight, item.end) else None


def _ends_line(sight: Sight, at: int) -> bool:
    """Whether no more than a unit and a full stop stands between an offset and the line's end."""
    rest = sight.text[at : sight.end].lstrip()
    # "5pcs" has no word that starts at its unit: the places of the cues are of no use
    unit = sight.cues.lexicon.starts.whole("units").match(rest)
    return not rest[unit.end() if unit else 0 :].strip(_AFTER_ITEMS)


def _in_prose(sight: Sight, number: Number, found: Sequence[Item], taken: int) -> Item | None:
    """Read ", NUMBER WORDS (+DELTA)," right after an item of the same order."""
    if sight.cues.lexicon.language.spaceless:
        return None
    lone = found[-1].listed and len(found) < 3
    if lone or not found[-1].categories or not separated(sight, taken, number.start):
        return None
    early = sight.delta(number.end)
    at = sight.blanks(early.end if early else number.end)
    words = _WORDS.match(sight.text, at, sight.end)
    if not words or sight.cues.daily.search(words.start(), words.end()):
        return None
    label_end = words.start() + len(words[0].rstrip())
    return sight.item(number.start, number, (words.start(), label_end), (), early=early)
