"""Unread: the numbers beside the figures of a bulletin that may be among them, and are in no item.

A total that is missing often stands apart from its label: "of planes 97 were destroyed", "an
estimated 420 is the number of aircraft". Where its category, the envelope and the nearest label of
its sentence agree, it is read; else it is told, for none is passed over in silence.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flows.parse.items.deltas import is_of_hours, read_delta
from flows.parse.items.earlier import without_earlier
from flows.parse.items.item import FEWEST_CATEGORIES
from flows.parse.items.line import LONGEST_RAISE, YEARS, Masks
from flows.parse.items.numbers import Number, numbers
from flows.parse.losses import says_lost
from flows.parse.page import PageReading
from flows.parse.settle import Bands
from schemas.codes import BulletinWarningCode, DecidedBy
from schemas.envelope import Band
from schemas.records import BulletinWarning, Figure

_LEAST = 10
"""Below it a number may be anything: hours, places, people."""

_QUOTED = 40
"""So much is quoted of what stands behind such a number."""

_DIGITS_OF_YEAR = 4

_MOST_TOLD = 10
"""More such numbers are another text's."""

_NEAR = 40
"""So far behind a number the label may stand that it counts, a few words between."""

_DIGITS = re.compile("[0-9]+")

_ALONE = re.compile(r"[ \t]*(?:[.,;:!)\n]|-[ \t]|[^\W\d]{1,4}[ \t.]|\Z)")
"""What stands behind a number that counts what was named before it: an end, an "and"."""

Span = tuple[int, int]


@dataclass(slots=True)
class Unread:
    """What is told by numbers that are in no item: figures, and warnings for the rest."""

    figures: list[Figure] = field(default_factory=list)
    warnings: list[BulletinWarning] = field(default_factory=list)


def unread_numbers(
    reading: PageReading, bands: Bands, printed: frozenset[str], figures: Sequence[Figure]
) -> Unread:
    """Return what the numbers say that stand beside the figures and may be missing totals.

    They are in the band of a category that is `printed` that day and has none, in a sentence of the
    figures or beside one, and in no list that is somebody else's.
    """
    read: list[Figure] = []
    while True:  # a figure that is read has neighbours of its own; each is of another category
        unread = _unread_beside(reading, bands, printed, [*figures, *read])
        read += unread.figures
        if not unread.figures:
            return Unread(read, unread.warnings)


def _unread_beside(
    reading: PageReading, bands: Bands, printed: frozenset[str], figures: Sequence[Figure]
) -> Unread:
    unread = Unread()
    told = {figure.category for figure in figures if figure.total is not None}
    known = {category: bands.of_category(category) for category in printed - told}
    missing = {category: band for category, band in known.items() if band}
    if not missing or not figures:
        return unread
    people = bands.registry.approximate
    is_list = len(told) >= FEWEST_CATEGORIES
    for sentence, before, number, after in _numbers(reading, figures):
        names = [name for name, band in missing.items() if band.holds(number.value or 0)]
        if not names and is_list and (label := _label(reading, before, number, after, people)):
            of_label = reading.lexicon.categories[label.lastgroup]
            names = [name for name in of_label if name in missing]
        if not names:
            continue
        figure = (
            _figure(reading, sentence, before, number, after, missing, people) if is_list else None
        )
        if figure:
            unread.figures.append(figure)
            del missing[figure.category]
        elif len(unread.warnings) < _MOST_TOLD:
            unread.warnings.append(_warning(reading, number, names))
    return unread


def _warning(reading: PageReading, number: Number, names: Sequence[str]) -> BulletinWarning:
    printed = reading.page.text[number.start : number.end + _QUOTED]
    some = " or ".join(sorted(names)[:3])
    text = f"{' '.join(printed.split())!r} is not read: {number.value} may be a total of {some}"
    return BulletinWarning(BulletinWarningCode.NUMBER_UNREAD, text)


def _figure(
    reading: PageReading,
    sentence: Span,
    before: int,
    number: Number,
    after: int,
    missing: dict[str, Band],
    people: frozenset[str],
) -> Figure | None:
    """Return the figure of a number and the nearest label, no other number between; or None.

    `before` and `after` are where the numbers beside it end and start.
    """
    matches = reading.matches
    label = _label(reading, before, number, after, people)
    if not label or not _may_be_lost(reading, sentence, number, label, people):
        return None
    names = matches.lexicon.categories[label.lastgroup]
    category = next(
        (n for n in names if n in missing and missing[n].holds(number.value or 0)), None
    )
    if category is None:
        return None
    end = max(number.end, label.end())
    delta = read_delta(matches, end, sentence[1])
    about = matches.about.last(max(sentence[0], number.start - _NEAR), number.start)
    is_about = about is not None and not matches.text[about.end() : number.start].strip()
    return Figure(
        category=category,
        total=number.value,
        delta=delta.value if delta and not delta.is_total else None,
        approximate=is_about or number.rounded,
        label=reading.page.text[label.start() : label.end()].strip(),
        start=min(number.start, label.start()),
        end=delta.end if delta and not delta.is_total else end,
        decided_by=DecidedBy.ENVELOPE,
    )


def _label(
    reading: PageReading, before: int, number: Number, after: int, people: frozenset[str]
) -> re.Match[str] | None:
    """Return the label that a number counts: right beside it, close behind it, or before it."""
    matches, text = reading.matches, reading.text
    behind = matches.labels.search(number.end, min(after, number.end + _NEAR))
    if behind and ("," in text[number.end : behind.start()] or not _has(reading, behind)):
        behind = None
    last = None
    for match in matches.labels.within(max(before, number.start - LONGEST_RAISE), number.start):
        if _has(reading, match) and not (last and _is_people(reading, match, people)):
            last = match
    if (
        last
        and _ALONE.match(text, number.end)
        and not (behind and not text[number.end : behind.start()].strip())
    ):
        return last
    if last and matches.units.match(number.end + 1, after) and not behind:
        return last
    return behind


def _may_be_lost(
    reading: PageReading,
    sentence: Span,
    number: Number,
    label: re.Match[str],
    people: frozenset[str],
) -> bool:
    """Whether nothing says that what is counted is only there; of people, that they are lost."""
    said = says_lost(reading.matches, sentence, (number.start, number.end))
    return said if said is not None else not _is_people(reading, label, people)


def _is_people(reading: PageReading, label: re.Match[str], people: frozenset[str]) -> bool:
    """Whether a label is of people, who lose and are not lost: "of drones the Russians lost"."""
    return people.issuperset(reading.lexicon.categories[label.lastgroup])


def _has(reading: PageReading, label: re.Match[str]) -> bool:
    """Whether a label is one of a category, and no exclusion."""
    return bool(reading.lexicon.categories[label.lastgroup])


def _numbers(
    reading: PageReading, figures: Sequence[Figure]
) -> Iterator[tuple[Span, int, Number, int]]:
    """Yield the numbers beside the figures that nobody has taken.

    Each with its sentence, and where the number before it ends and the next one starts.
    """
    matches = reading.matches
    taken = Masks(
        (
            *reading.dates,
            *reading.days,
            *((figure.start, figure.end) for figure in figures),
            *((i.start, i.end) for g in reading.groups if not g.is_own for i, _ in g.items),
        )
    )
    values = {value for figure in figures for value in (figure.total, figure.delta)}
    for start, end in _beside(reading, figures):
        holds = any(start <= figure.start < end for figure in figures)
        if not holds and matches.not_the_bulletin.search(start, end):
            continue
        digits = _DIGITS.finditer(reading.text, start, end)
        if all(taken.touch(*run.span()) for run in digits):
            continue
        printed: Sequence[Number] = list(numbers(matches, start, end))
        if len(printed) > 1:
            printed = without_earlier(matches, printed, start, end)
        if not printed:
            continue
        ends = [start, *(n.end for n in printed)]
        starts = [*(n.start for n in printed[1:]), end]
        for before, number, after in zip(ends[:-1], printed, starts, strict=True):
            value = number.value
            if value is None or value < _LEAST or value in values:
                continue
            is_year = value in YEARS and number.end - number.start == _DIGITS_OF_YEAR
            if is_year or taken.touch(number.start, number.end) or is_of_hours(matches, number):
                continue
            yield (start, end), before, number, after


def _beside(reading: PageReading, figures: Sequence[Figure]) -> Iterator[Span]:
    """Yield the sentences that hold figures, and those right before and behind them.

    One sentence may stand between where the enemy's losses, or all losses since, are spoken of.
    """
    matches = reading.matches
    starts = sorted(figure.start for figure in figures)
    sentences = [span for line in reading.lines for span in line.sentences]
    holding = [bisect_left(starts, start) < bisect_left(starts, end) for start, end in sentences]
    if True not in holding:
        return
    for n, span in enumerate(sentences):
        if True not in holding[max(n - 2, 0) : n + 3]:
            continue
        is_beside = True in holding[max(n - 1, 0) : n + 2]
        if is_beside or matches.since.search(*span) or matches.enemy.search(*span):
            yield span
