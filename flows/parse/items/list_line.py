"""The plain line of a list, "LABEL - NUMBER (+DELTA)", read at once.

Most bulletins are lists, and their lines begin alike day after day: what such a beginning means is
remembered.
"""

import re
from collections.abc import Sequence

from flows.parse.items.item import Item
from flows.parse.items.labelled import is_negative, label_before
from flows.parse.items.line import LineReader, Masks
from flows.parse.lexicon.lexicon import ListHead
from flows.parse.lexicon.matches import LexiconMatches, MatchPositions
from flows.parse.text.lines import Line

_NUMBERS = re.compile(
    r"(\d{1,3}(?:([ ,.'])\d{3}(?!\d))(?:\2\d{3}(?!\d))*|\d{1,9})"
    r"(?:[ \t]*[(\[][ \t]*([+-])[ \t]*(\d{1,9})[)\]][^\d\n]*|[ \t]*[.,;]?[ \t]*)\Z"
)
"""A number and its delta that end a line: nothing about them is to be weighed."""

_BEFORE = frozenset(" \t")

_LONGEST_HEAD = 120
"""Twice the longest label that is known (61); a longer beginning is a sentence."""

_MOST_HEADS = 20_000
"""So many beginnings of lines are remembered, some 5 MB; a source has a few dozen of them."""


def plain_item(
    line: Line, matches: LexiconMatches, spelled: Sequence[MatchPositions]
) -> Item | None:
    """Return the item of a line that has one label, a dash, a number, and perhaps its delta.

    None for any other line: it has to be read number by number. No date may stand in the line.
    `spelled` are the lists of numbers in words of which the text may have any.
    """
    digit, text = line.digit, matches.text
    if digit is None or not 0 < digit - line.start <= _LONGEST_HEAD:
        return None
    if text[digit - 1] not in _BEFORE or not (numbers := _NUMBERS.match(text, digit, line.end)):
        return None
    head = _head(line, matches, digit)
    if head is None:
        return None
    for words in spelled:
        if words.any(line.start, line.end):
            return None
    number, separator, sign, delta = numbers.groups()
    start = line.start + head.start
    return Item(
        categories=head.categories,
        label=(start, line.start + head.end),
        total=int(number.replace(separator, "") if separator else number),
        delta=int(sign + delta) if sign else None,
        approximate=head.about,
        rounded=False,
        start=start,
        end=numbers.end(4) + 1 if sign else numbers.end(1),
        top=line.index,
        line=line.index,
        listed=True,
    )


def spelled_numbers(matches: LexiconMatches) -> list[MatchPositions]:
    """Return the lists of numbers in words of which a text may have any."""
    lists = (matches.number_words, matches.scales, matches.counted)
    return [words for words in lists if words.possible]


def _head(line: Line, matches: LexiconMatches, end: int) -> ListHead | None:
    """Return what a line says up to its first digit."""
    heads = matches.lexicon.heads
    printed = matches.text[line.start : end]
    try:
        return heads[printed]
    except KeyError:
        if len(heads) > _MOST_HEADS:
            heads.clear()
        heads[printed] = head = _read_head(LineReader(line, matches, Masks(())), end)
        return head


def _read_head(reader: LineReader, end: int) -> ListHead | None:
    """Read a label and a dash after it; nothing that makes a number negative, or a delta."""
    if reader.text[reader.start : end].rstrip().endswith("+"):
        return None
    label = label_before(reader, reader.start, end)
    if not label or not reader.is_listed(label[0], end):
        return None
    (first, last), categories = label
    is_delta = reader.matches.including.any(reader.start, end)
    if is_delta or is_negative(reader.text, last, end):
        return None
    about = reader.says_about(last, end)
    return ListHead(first - reader.start, last - reader.start, categories, about)
