"""Finding: every item of a text, line by line, in list or prose order."""

import re
from collections.abc import Iterable, Iterator, Sequence

from flows.parse.items.attach import as_delta, completed, left_over
from flows.parse.items.deltas import read_delta
from flows.parse.items.item import Item
from flows.parse.items.labelled import labelled
from flows.parse.items.line import Masks, Sight, Span
from flows.parse.items.list_line import plain_item
from flows.parse.items.numbers import (
    Number,
    bare_scales,
    counted_nouns,
    damaged,
    number_words,
    numbers,
)
from flows.parse.items.unknown_label import may_be_listed, separated, unknown
from flows.parse.lexicon.matches import Cues
from flows.parse.text.lines import Line

_DIGIT = re.compile(r"\d")
_SPLIT = re.compile(r"\d +\d")
_LONGEST_LEFT = 30
_YEARS = range(2014, 2100)
_LONGEST_LIST_LINE = 200


def find_items(cues: Cues, lines: Sequence[Line], masked: Iterable[Span]) -> list[Item]:
    """Return every item of the folded text, in order.

    Numbers inside `masked` spans (dates, day numbers) are passed over.
    """
    masks = Masks(masked)
    items: list[Item] = []
    waiting: Item | None = None
    for line in lines:
        if items and (whole := _with_delta_below(items[-1], line, cues)):
            items[-1] = whole
            continue
        if not masks.touch(line.start, line.end) and (plain := plain_item(line, cues)):
            items.append(plain)
            waiting = None
            continue
        sight = Sight(line, cues, masks)
        if waiting is None and not _may_hold_items(sight):
            continue
        found = _items_of(sight, waiting)
        waiting = None if found else _label_alone(sight)
        items += found or _unreadable(sight)
    return items


def _with_delta_below(last: Item, line: Line, cues: Cues) -> Item | None:
    """Read the delta of an item that stands alone on the line below it."""
    if last.line != line.index - 1 or last.delta is not None or last.total is None:
        return None
    delta = read_delta(cues, line.start, line.end)
    if delta is None or delta.is_total or cues.text[delta.end : line.end].strip(" \t.,;"):
        return None
    return last._replace(delta=delta.value, end=delta.end, line=line.index)


def _may_hold_items(sight: Sight) -> bool:
    """Whether a label stands in a line, or one may; most lines of an article are passed over."""
    return bool(sight.cues.labels.search(sight.start, sight.end)) or may_be_listed(sight)


def _items_of(sight: Sight, above: Item | None) -> list[Item]:
    """Return the items of one line; `above` is the label that waits on the line before it."""
    found: list[Item] = []
    for number in _numbers(sight):
        taken = found[-1].end if found else sight.start
        if number.start < taken:
            continue
        if found and (whole := completed(sight, found[-1], number, taken)):
            found[-1] = whole
            continue
        item = _item_of(sight, number, found, taken, above)
        if item is None:
            if found and (remarked := left_over(sight, found[-1], number)):
                found[-1] = remarked
        else:
            _add(sight, item, number, found, taken)
    return found


def _item_of(
    sight: Sight, number: Number, found: Sequence[Item], taken: int, above: Item | None
) -> Item | None:
    if number.categories:
        return _counted(sight, number, taken) if found else None
    return labelled(sight, number, taken, None if found else above) or unknown(
        sight, number, found, taken
    )


def _counted(sight: Sight, number: Number, taken: int) -> Item | None:
    """Read a noun that says its number itself, right after an item."""
    if not separated(sight, taken, number.start):
        return None
    span = (number.start, number.end)
    return sight.item(number.start, number, span, number.categories)


def _add(sight: Sight, item: Item, number: Number, found: list[Item], taken: int) -> None:
    """Add an item to those before it, or as the delta of the last of them."""
    last = found[-1] if found else None
    lead = sight.lead(sight.cues.including, taken, number)
    whole = item if lead is None else as_delta(sight, item, number, last, lead)
    if whole:
        found.append(whole)
    elif last and last.delta is None:
        found[-1] = last._replace(delta=item.total, end=item.end)


def _numbers(sight: Sight) -> list[Number]:
    """Return the numbers of a line that can be a count, in order."""
    cues, start, end = sight.cues, sight.start, sight.end
    counts = [n for n in numbers(cues, start, end) if sight.free(n.start)]
    if counts or end - start <= _LONGEST_LIST_LINE:
        spelled = [n for n in _spelled(cues, start, end) if sight.free(n.start)]
        if spelled:
            counts = sorted(counts + spelled, key=lambda n: n.start)
    return _without_split(sight.text, counts)


def _spelled(cues: Cues, start: int, end: int) -> Iterator[Number]:
    yield from number_words(cues, start, end)
    yield from bare_scales(cues, start, end)
    yield from counted_nouns(cues, start, end)


def _without_split(text: str, counts: list[Number]) -> list[Number]:
    """Mark numbers that only blanks part as damaged: "48 23" is neither 48 nor 23."""
    whole: list[Number] = []
    for number in counts:
        before = whole[-1] if whole else None
        if (
            before
            and not _is_year(before)
            and _SPLIT.fullmatch(text, before.end - 1, number.start + 1)
        ):
            problem = damaged(f"{text[before.start : number.end]!r} is no number")
            whole[-1] = before._replace(end=number.end, value=None, problem=problem)
        else:
            whole.append(number)
    return whole


def _is_year(number: Number) -> bool:
    return number.end - number.start == 4 and number.value in _YEARS


def _label_alone(sight: Sight) -> Item | None:
    """Return the label that fills the whole line, to wait for its number on the next."""
    label = sight.cues.labels.match(sight.head, sight.end)
    if not label or not sight.glued(label.end(), sight.end):
        return None
    alone = sight.alone(label.span(), sight.categories(label), label.end())
    return alone._replace(listed=True)


def _unreadable(sight: Sight) -> list[Item]:
    """Return a label whose numbers cannot be read, where the line is one of a list."""
    label = sight.cues.labels.match(sight.head, sight.end)
    if not label or not sight.categories(label):
        return []
    digit = _DIGIT.search(sight.text, label.end(), sight.end)
    if not digit or not sight.listed(label.span(), digit.start()) or not sight.free(digit.start()):
        return []
    printed = sight.text[digit.start() : sight.end].strip()[:_LONGEST_LEFT]
    number = Number(digit.start(), digit.end(), None, problem=damaged(f"{printed!r} is no number"))
    return [sight.item(label.start(), number, label.span(), sight.categories(label))]
