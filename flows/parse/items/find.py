"""Find: every item of a text, line by line, in list or prose order."""

import re
from collections.abc import Iterable, Sequence

from flows.parse.items.attach import as_delta, completed, left_over
from flows.parse.items.columns import Columns
from flows.parse.items.delta_lines import DELTA_STARTS, delta_alone, with_deltas
from flows.parse.items.deltas import HOURS_OF_A_DAY, Delta, is_of_hours
from flows.parse.items.earlier import without_earlier
from flows.parse.items.item import Item
from flows.parse.items.labelled import labelled
from flows.parse.items.line import YEARS, LineReader, Masks, Span
from flows.parse.items.list_line import plain_item, spelled_numbers
from flows.parse.items.numbers import (
    Number,
    counted_nouns,
    damaged,
    number_words,
    numbers,
)
from flows.parse.items.respective import series_of, with_series
from flows.parse.items.tiles import Tiles, label_alone
from flows.parse.items.unknown_label import is_separated, may_be_listed, unknown
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line

_DIGIT = re.compile(r"\d")  # normalized: 0 to 9

_SPLIT = re.compile(r"\d +\d")
"""The end of a number, blanks and the beginning of the next: "48 23"."""

_DIGITS_OF_YEAR = 4

_PARTED = re.compile(r"[ \t]*[,;]?[ \t]*(?:\w{1,3}(?=[ \t]))?[ \t]*")
"""A comma and a short "and" between two items."""

_LONGEST_QUOTED = 30
"""So much of what cannot be read is quoted."""

_LONGEST_LIST_LINE = 200
"""In a longer line without digits no spelled number is looked for: it is a paragraph of prose."""


def find_items(
    matches: LexiconMatches, lines: Sequence[Line], masked: Iterable[Span]
) -> list[Item]:
    """Return every item of the normalized text, in order.

    Numbers inside `masked` spans (dates, day numbers) are passed over.
    """
    masks, spelled = Masks(masked), spelled_numbers(matches)
    items: list[Item] = []
    label_above: Item | None = None
    tiles, columns = Tiles(matches, lines, masks), Columns(matches, masks)
    behind_tiles = 0
    deltas: dict[int, Delta] = {}
    for place, line in enumerate(lines):
        if place < behind_tiles:
            continue
        if (
            line.text[0] in DELTA_STARTS
            and line.digit is not None
            and (delta := delta_alone(matches, line))
        ):
            deltas[line.index] = delta
            continue
        if ("|" in line.text or "\t" in line.text) and (row := columns.row(line)):
            items.append(row)
            label_above = None
            continue
        plain = plain_item(line, matches, spelled)
        if plain and not masks.touch(line.start, line.end):
            items.append(plain)
            label_above = None
            continue
        reader = LineReader(line, matches, masks)
        # Most lines of an article hold no label, nor look as if one stood in them.
        label = matches.labels.search(line.start, line.end)
        if label_above is None and not label and not may_be_listed(reader):
            continue
        of_line = _items_of(reader, label_above)
        label_above = None if of_line else label_alone(reader)
        free_from = items[-1].end if items else 0
        if label_above and (run := tiles.run(place, free_from)):
            (of_line, behind_tiles), label_above = run, None
        items += of_line or _unreadable(reader)
    return with_deltas(items, deltas, lines) if items and deltas else items


def _items_of(reader: LineReader, above: Item | None) -> list[Item]:
    """Return the items of one line; `above` is the label that waits on the line before it."""
    items: list[Item] = []
    leading: Number | None = None
    printed = _in_digits(reader)
    series = series_of(reader, printed)
    for number in _counts(reader, printed):
        if series and any(apart.start <= number.start < apart.end for apart in series):
            continue
        free_from = items[-1].end if items else reader.start
        if number.start < free_from:
            continue
        if number.categories and not items:
            leading = number
            continue
        if items and (whole := completed(reader, items[-1], number, free_from)):
            items[-1] = whole
            continue
        item = _item_of(reader, number, items, free_from, above)
        if item is not None:
            if leading and not items and is_separated(reader, leading.end, item.start):
                span = (leading.start, leading.end)
                items.append(reader.item(leading.start, leading, span, leading.categories))
            _add(reader, item, number, items, free_from)
        elif items and (remarked := left_over(reader, items[-1], number)):
            items[-1] = remarked
    for apart in series:
        items = with_series(reader, items, apart)
    return items


def _in_digits(reader: LineReader) -> Sequence[Number]:
    """Return the numbers in digits of a line that hold now: of "from 4,821 to 4,823" the latter."""
    printed = list(numbers(reader.matches, reader.start, reader.end))
    if len(printed) > 1:
        return without_earlier(reader.matches, printed, reader.start, reader.end)
    return printed


def _item_of(
    reader: LineReader, number: Number, before: Sequence[Item], free_from: int, above: Item | None
) -> Item | None:
    if number.categories:
        return _counted(reader, number, free_from) if before else None
    return labelled(reader, number, free_from, None if before else above) or unknown(
        reader, number, before, free_from
    )


def _counted(reader: LineReader, number: Number, free_from: int) -> Item | None:
    """Read a noun that says its number itself, right after an item: ", as well as a tank"."""
    if not is_separated(reader, free_from, number.start):
        parted = _PARTED.match(reader.text, free_from, number.start)
        if not parted or not reader.is_glued(parted.end(), number.start):
            return None
    span = (number.start, number.end)
    return reader.item(number.start, number, span, number.categories)


def _add(reader: LineReader, item: Item, number: Number, items: list[Item], free_from: int) -> None:
    """Add an item to those before it, or as the delta of the last of them."""
    last = items[-1] if items else None
    lead = reader.lead(reader.matches.including, free_from, number)
    whole = item if lead is None else as_delta(reader, item, number, last, lead)
    if whole:
        items.append(whole)
    elif last and last.delta is None:
        items[-1] = last._replace(delta=item.total, end=item.end)


def _counts(reader: LineReader, in_digits: Iterable[Number]) -> list[Number]:
    """Return the numbers of a line that can be a count, those in digits and in words, in order."""
    matches, start, end = reader.matches, reader.start, reader.end
    has_dates = reader.masked.touch(start, end)
    counts = [
        number
        for number in in_digits
        if not (has_dates and not reader.is_free(number.start))
        and (number.value != HOURS_OF_A_DAY or not is_of_hours(matches, number))
    ]
    if counts or end - start <= _LONGEST_LIST_LINE:
        spelled = [*number_words(matches, start, end), *counted_nouns(matches, start, end)]
        spelled = [number for number in spelled if reader.is_free(number.start)]
        if spelled:
            counts = sorted(counts + spelled, key=lambda n: n.start)
    return _without_split(reader.text, counts) if len(counts) > 1 else counts


def _without_split(text: str, counts: list[Number]) -> list[Number]:
    """Mark numbers that only blanks part as damaged: "48 23" is neither 48 nor 23."""
    whole: list[Number] = []
    for number in counts:
        before = whole[-1] if whole else None
        is_split = (
            before is not None
            and text[before.end] == " " == text[number.start - 1]
            and not (before.end - before.start == _DIGITS_OF_YEAR and before.value in YEARS)
            and _SPLIT.fullmatch(text, before.end - 1, number.start + 1)
        )
        if before and is_split:
            problem = damaged(f"{text[before.start : number.end]!r} is no number")
            whole[-1] = before._replace(end=number.end, value=None, problem=problem)
        else:
            whole.append(number)
    return whole


def _unreadable(reader: LineReader) -> list[Item]:
    """Return a label whose numbers cannot be read, where the line is one of a list."""
    label = reader.matches.labels.match(reader.head, reader.end)
    if not label or not reader.categories(label):
        return []
    digit = _DIGIT.search(reader.text, label.end(), reader.end)
    if not digit or not reader.is_listed(label.span(), digit.start()):
        return []
    if not reader.is_free(digit.start()):
        return []
    printed = reader.text[digit.start() : reader.end].strip()[:_LONGEST_QUOTED]
    problem = damaged(f"{printed!r} is no number")
    number = Number(digit.start(), digit.end(), None, problem=problem)
    return [reader.item(label.start(), number, label.span(), reader.categories(label))]
