"""Respective: numbers that stand apart from what they count, in the same order.

"6 tanks and 12 vehicles, bringing the total to 3,751 and 7,307 respectively", "739 and 233
artillery systems and MLRS". Where it is not plain which number is whose, none is read.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flows.parse.items.item import Item
from flows.parse.items.line import YEARS, Categories, LineReader, Span
from flows.parse.items.numbers import Number, number_words

_PAIR = re.compile(r"[0-9][ \t]+[^\W\d]{1,4}[ \t]+[0-9]")
"""Two numbers and an "and" between: only then labels are looked for behind them."""

_BETWEEN = re.compile(r"[ \t]*[,;/]?[ \t]*(?:[^\W\d]{1,4}[ \t]+)?")
"""A comma, a short "and" between two numbers, or between two labels."""

_LEAD = re.compile(r"[ \t,(]*(?:[^\W\d]{1,4}[ \t]+){0,2}")
"""Between "respectively" and its numbers: "di", "auf je"."""

_TRAIL = re.compile(r"[ \t,(]*(?:[^\W\d]{1,12}[ \t,]+){0,2}")
"""Between its numbers and "respectively": "units"."""

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers that follow each other without a label; `is_named`: "respectively" is said."""

    numbers: tuple[Number, ...]
    is_named: bool

    @property
    def start(self) -> int:
        """Where the first number starts."""
        return self.numbers[0].start

    @property
    def end(self) -> int:
        """Where the last number ends."""
        return self.numbers[-1].end


def series_of(reader: LineReader, in_digits: Iterable[Number]) -> list[Series]:
    """Return the series of numbers of a line that are to be told apart by their order."""
    cue = reader.matches.respectively
    is_named = cue.any(reader.start, reader.end)
    if not is_named and not _PAIR.search(reader.text, reader.start, reader.end):
        return []
    named = list(cue.within(reader.start, reader.end))
    found = []
    for run in _runs(reader, in_digits):
        if any(_adjoins(reader, word.span(), run) for word in named):
            found.append(Series(tuple(run), is_named=True))
        elif len(run) == _FEWEST and _is_pair(reader, run):
            found.append(Series(tuple(run), is_named=False))
    return found


def _runs(reader: LineReader, in_digits: Iterable[Number]) -> list[list[Number]]:
    """Return the numbers of a line that only commas and short words part."""
    in_words = number_words(reader.matches, reader.start, reader.end)
    runs: list[list[Number]] = []
    for number in sorted((*in_digits, *in_words), key=lambda n: n.start):
        if number.value is None or not reader.is_free(number.start):
            continue
        last = runs[-1][-1] if runs else None
        if last and number.start < last.end:
            continue
        if last and _parts(reader, last.end, number.start):
            runs[-1].append(number)
        else:
            runs.append([number])
    return [run for run in runs if len(run) >= _FEWEST]


def _parts(reader: LineReader, start: int, end: int) -> bool:
    """Whether only a comma, an "and", or "respectively" parts two numbers."""
    word = reader.matches.respectively.search(start, end)
    if word:
        before, after = reader.text[start : word.start()], reader.text[word.end() : end]
        return not before.strip(" \t,") and not after.strip(" \t,")
    return end > start and bool(_BETWEEN.fullmatch(reader.text, start, end))


def _adjoins(reader: LineReader, word: Span, run: Sequence[Number]) -> bool:
    """Whether "respectively" stands right before, within or right behind some numbers."""
    first, last = run[0].start, run[-1].end
    if word[1] <= first:
        return bool(_LEAD.fullmatch(reader.text, word[1], first))
    if word[0] >= last:
        return bool(_TRAIL.fullmatch(reader.text, last, word[0]))
    return True


def _is_pair(reader: LineReader, run: Sequence[Number]) -> bool:
    """Whether two numbers are two totals, no range, and two labels follow them."""
    values = [number.value or 0 for number in run]
    if all(value % 10 == 0 for value in values) or any(value in YEARS for value in values):
        return False
    labels = _labels_behind(reader, run[-1].end)
    beyond = reader.matches.lexicon.beyond_a_day
    return len(labels) == _FEWEST and all(
        beyond(categories, value) for (_, categories), value in zip(labels, values, strict=True)
    )


def _labels_behind(reader: LineReader, start: int) -> list[tuple[Span, Categories]]:
    """Return the labels right behind some numbers, without numbers of their own."""
    found: list[tuple[Span, Categories]] = []
    place = reader.skip_blanks(start)
    while label := reader.matches.labels.match(place, reader.end):
        if not reader.categories(label):
            return []
        found.append((label.span(), reader.categories(label)))
        joint = _BETWEEN.match(reader.text, label.end(), reader.end)
        if not joint or joint.end() == label.end():
            break
        place = joint.end()
    return found


def with_series(reader: LineReader, items: Sequence[Item], series: Series) -> list[Item]:
    """Return the items of a line with the numbers of a series given to what they count.

    They are the totals, or the deltas, of as many items before them in their sentence; or they
    count as many labels without a number, behind them or before them.
    """
    sentence = reader.line.sentence(series.start)
    before = [item for item in items if sentence[0] <= item.start and item.end <= series.start]
    behind = _labels_behind(reader, series.end)
    if len(behind) == len(series.numbers):
        return sorted([*items, *_counted(series, behind, reader)], key=lambda i: i.start)
    if len(before) == len(series.numbers) and all(i.delta is None for i in before):
        both = _both(reader, before, series, sentence)
        return [both.get(item.start, item) for item in items]
    alone = _labels_alone(reader, sentence[0], series.start)
    if not before and len(alone) == len(series.numbers):
        return sorted([*items, *_counted(series, alone, reader)], key=lambda i: i.start)
    return list(items)


def _labels_alone(reader: LineReader, start: int, end: int) -> list[tuple[Span, Categories]]:
    found = [
        (label.span(), reader.categories(label))
        for label in reader.matches.labels.within(start, end)
    ]
    return [(span, categories) for span, categories in found if categories]


def _counted(
    series: Series,
    labels: Sequence[tuple[Span, Categories]],
    reader: LineReader,
) -> list[Item]:
    """Return the items of labels that have their numbers in a series."""
    return [
        Item(
            categories=categories,
            label=span,
            total=number.value,
            delta=None,
            approximate=number.rounded or reader.says_about_before(number, reader.start),
            rounded=number.rounded,
            start=number.start,
            end=number.end,
            top=reader.line.index,
            line=reader.line.index,
            listed=False,
        )
        for number, (span, categories) in zip(series.numbers, labels, strict=True)
    ]


def _both(
    reader: LineReader, before: Sequence[Item], series: Series, sentence: Span
) -> dict[int, Item]:
    """Return by their starts the items with the totals, or the deltas, that follow them.

    The larger of the two is the total; deltas are so where the last day is named.
    """
    pairs = [(item, number.value or 0) for item, number in zip(before, series.numbers, strict=True)]
    if all(item.total is not None and value >= item.total for item, value in pairs):
        return {i.start: i._replace(total=value, delta=i.total) for i, value in pairs}
    of_a_day = reader.matches.daily.search(*sentence) or reader.matches.more.search(*sentence)
    if of_a_day and all(item.total is not None and value < item.total for item, value in pairs):
        return {item.start: item._replace(delta=value) for item, value in pairs}
    return {}
