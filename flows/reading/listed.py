"""Listed: the plain line of a list, "LABEL - NUMBER (+DELTA)", read at once.

Most bulletins are lists, and their lines begin alike day after day: what such a beginning means is
remembered.
"""

import re

from flows.reading.items import Item
from flows.reading.labelled import is_negative, label_before
from flows.reading.lexicon import Head
from flows.reading.numbers import number_at
from flows.reading.sights import Sight

_DIGIT = re.compile(r"\d")
_LONGEST_HEAD = 120
_MOST_HEADS = 20_000


def plain_item(sight: Sight) -> Item | None:
    """Return the item of a line that has one label, a dash, a number, and perhaps its delta.

    None for any other line: it has to be read number by number.
    """
    digit = _DIGIT.search(sight.text, sight.start, sight.end)
    if not digit or sight.masked or not 0 < digit.start() - sight.start <= _LONGEST_HEAD:
        return None
    head = _head(sight, digit.start())
    if head is None or _spells_a_number(sight):
        return None
    number = number_at(sight.cues, digit.start(), sight.end)
    if number is None:
        return None
    label = (sight.start + head.start, sight.start + head.end)
    item = sight.item(label[0], number, label, head.categories, about=head.about)
    return None if _DIGIT.search(sight.text, item.end, sight.end) else item


def _spells_a_number(sight: Sight) -> bool:
    cues = sight.cues
    return (
        cues.number_words.any(sight.start, sight.end)
        or cues.scales.any(sight.start, sight.end)
        or cues.counted.any(sight.start, sight.end)
    )


def _head(sight: Sight, end: int) -> Head | None:
    """Return what a line says up to its first digit."""
    heads = sight.cues.lexicon.heads
    printed = sight.text[sight.start : end]
    if printed not in heads:
        if len(heads) > _MOST_HEADS:
            heads.clear()
        heads[printed] = _read_head(sight, end)
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
