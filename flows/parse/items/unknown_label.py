"""Unknown labels: an item whose label nobody knows, where its place says that it is one."""

import re
from collections.abc import Sequence

from flows.parse.items.item import Item
from flows.parse.items.line import DASHED, LONGEST_GAP, LineReader
from flows.parse.items.numbers import Number

_SEPARATOR = re.compile(r"[ \t]*(?:,|;|\w{1,3}(?=[ \t]))?[ \t]*")
"""A comma or a short "and" between two items: ", ", " i ", " und "."""

_WORDS = re.compile(r"[^\W\d][^\d,;.()\n]{1,60}")
"""The words of a label: from a letter on, up to a sign that ends an item or a number."""

_DIGIT = re.compile(r"\d")
_LAST_JOINT = re.compile(r"[ \t]+\w{1,3}\Z")
"""The "and" before the next number: "17 hoverbikes and 315 aircraft"."""

_STOP = re.compile(r"[.!?]")  # the words before it are a sentence, no label
_MARKS = "([])'"
_AFTER_ITEMS = " \t.,;"

_MOST_BLANKS = 5
"""A label has at most six words; more behind a number are a sentence."""

_FEW_ITEMS = 3
"""A line of a list has a figure or two, so that what follows them is a remark and no item."""


def unknown(
    reader: LineReader, number: Number, before: Sequence[Item], free_from: int
) -> Item | None:
    """Return the item of a number whose label is not known; `before` are those before it."""
    if reader.matches.number_words.match(number.start, len(reader.text)):
        return None
    if before:
        return _in_prose(reader, number, before, free_from)
    return _in_list(reader, number)


def may_be_listed(reader: LineReader) -> bool:
    """Whether a line may be that of an item whose label nobody knows: cheap, and often wrong.

    Such an item starts its line with its number, or ends it with a number, a unit, a parenthesis
    (it may be open), or a delta in words.
    """
    matches, start, end = reader.matches, reader.start, reader.end
    printed = reader.text[reader.head : end].rstrip(_AFTER_ITEMS)
    if printed[:1].isdigit() or printed[-1:].isdigit() or any(map(printed.count, _MARKS)):
        return True
    return bool(
        matches.units.any(start, end)
        or matches.scales.any(start, end)
        or matches.including.search(start, end)
    )


def is_separated(reader: LineReader, start: int, end: int) -> bool:
    """Whether only a comma, an "and" or nothing stands between two items."""
    if reader.text[end - 1 : end] in reader.matches.lexicon.glued and end - 1 > start:
        end -= 1
    return bool(_SEPARATOR.fullmatch(reader.text, start, end))


def _in_list(reader: LineReader, number: Number) -> Item | None:
    """Read "WORDS - NUMBER (+DELTA)" that fills its line."""
    start = reader.head
    if number.start - start > 2 * LONGEST_GAP:
        return None
    words = reader.text[start : number.start]
    if not words.strip():
        return _number_first(reader, number)
    dashes = list(DASHED.finditer(reader.text, start, number.start + 1))
    stop = dashes[-1].start() if dashes else start + len(words.rstrip())
    if not 1 < stop - start <= LONGEST_GAP or not reader.is_glued(stop, number.start):
        return None
    if _STOP.search(words) or any(map(str.isdigit, words)):
        return None
    item = reader.item(start, number, (start, stop), ())
    if _delta_in_words(reader, item.end):
        return item
    is_item = dashes or item.delta is not None
    return item if is_item and _ends_line(reader, item.end) else None


def _delta_in_words(reader: LineReader, start: int) -> bool:
    """Whether ", including 22" follows."""
    after = _SEPARATOR.match(reader.text, start, reader.end)
    return bool(reader.matches.including.match(after.end() if after else start, reader.end))


def _number_first(reader: LineReader, number: Number) -> Item | None:
    """Read "NUMBER WORDS (+DELTA)" that fills its line."""
    words = _WORDS.match(reader.text, reader.skip_blanks(number.end), reader.end)
    if not words or words[0].count(" ") > _MOST_BLANKS:
        return None
    label_end = words.start() + len(words[0].rstrip())
    item = reader.item(number.start, number, (words.start(), label_end), ())
    return item if _ends_line(reader, item.end) else None


def _ends_line(reader: LineReader, start: int) -> bool:
    """Whether no more than a unit and a full stop stands between an offset and the line's end."""
    rest = reader.text[start : reader.end].lstrip()
    # "5pcs" has no word that starts at its unit: the positions of the matches are of no use
    unit = reader.matches.lexicon.index.anywhere("units").match(rest)
    return not rest[unit.end() if unit else 0 :].strip(_AFTER_ITEMS)


def _in_prose(
    reader: LineReader, number: Number, before: Sequence[Item], free_from: int
) -> Item | None:
    """Read ", NUMBER WORDS (+DELTA)," right after an item of the same order."""
    if reader.matches.lexicon.language.spaceless:
        return None
    last = before[-1]
    if (last.listed and len(before) < _FEW_ITEMS) or not last.categories:
        return None
    if not is_separated(reader, free_from, number.start):
        return None
    early = reader.delta(number.end)
    start = reader.skip_blanks(early.end if early else number.end)
    words = _WORDS.match(reader.text, start, reader.end)
    if not words or reader.matches.daily.search(words.start(), words.end()):
        return None
    label = words[0].rstrip()
    if _DIGIT.match(reader.text, words.end()):
        label = _LAST_JOINT.sub("", label)
    label_end = words.start() + len(label)
    return reader.item(number.start, number, (words.start(), label_end), (), early=early)
