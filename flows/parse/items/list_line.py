"""Listed: the plain line of a list, "LABEL - NUMBER (+DELTA)", read at once.

Most bulletins are lists, and their lines begin alike day after day: what such a beginning means is
remembered.
"""

import re

from flows.parse.items.item import Item
from flows.parse.items.labelled import is_negative, label_before
from flows.parse.items.line import Masks, Sight
from flows.parse.lexicon.lexicon import Head
from flows.parse.lexicon.matches import Cues
from flows.parse.text.lines import Line

_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(
    r"(\d{1,3}(?:([ ,.'])\d{3}(?!\d))(?:\2\d{3}(?!\d))*|\d{1,9})"
    r"(?:[ \t]*[(\[][ \t]*([+-])[ \t]*(\d{1,9})[)\]][^\d\n]*|[ \t]*[.,;]?[ \t]*)\Z"
)
"""A number and its delta that end a line: nothing about them is to be weighed."""
_BEFORE = frozenset(" \t")
_LONGEST_HEAD = 120
_MOST_HEADS = 20_000


def plain_item(line: Line, cues: Cues) -> Item | None:
    """Return the item of a line that has one label, a dash, a number, and perhaps its delta.

    None for any other line: it has to be read number by number. No date may stand in the line.
    """
    digit = _DIGIT.search(cues.text, line.start, line.end)
    if not digit or not 0 < digit.start() - line.start <= _LONGEST_HEAD:
        return None
    printed = _NUMBERS.match(cues.text, digit.start(), line.end)
    if not printed or cues.text[digit.start() - 1] not in _BEFORE:
        return None
    head = _head(line, cues, digit.start())
    if head is None or _spells_a_number(line, cues):
        return None
    return _item(line, head, printed)


def _item(line: Line, head: Head, printed: re.Match[str]) -> Item:
    number, separator, sign, delta = printed.groups()
    start = line.start + head.start
    return Item(
        categories=head.categories,
        label=(start, line.start + head.end),
        total=int(number.replace(separator, "") if separator else number),
        delta=int(sign + delta) if sign else None,
        approximate=head.about,
        rounded=False,
        start=start,
        end=printed.end(4) + 1 if sign else printed.end(1),
        top=line.index,
        line=line.index,
        listed=True,
    )


def _spells_a_number(line: Line, cues: Cues) -> bool:
    return (
        cues.number_words.any(line.start, line.end)
        or cues.scales.any(line.start, line.end)
        or cues.counted.any(line.start, line.end)
    )


def _head(line: Line, cues: Cues, end: int) -> Head | None:
    """Return what a line says up to its first digit."""
    heads = cues.lexicon.heads
    printed = cues.text[line.start : end]
    if printed not in heads:
        if len(heads) > _MOST_HEADS:
            heads.clear()
        heads[printed] = _read_head(Sight(line, cues, Masks(())), end)
    return heads[printed]


def _read_head(sight: Sight, end: int) -> Head | None:
    """Read a label and a dash after it; nothing that makes a number negative, or a delta."""
    if sight.text[sight.start : end].rstrip().endswith("+"):
        return None
    label = label_before(sight, sight.start, end)
    if not label or not sight.listed(label[0], end):
        return None
    (first, last), categories = label
    if is_negative(sight.text, last, end) or sight.cues.including.any(sight.start, end):
        return None
    about = sight.about(last, end)
    return Head(first - sight.start, last - sight.start, categories, about)
