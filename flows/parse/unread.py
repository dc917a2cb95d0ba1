"""Unread: the numbers beside the figures of a bulletin that may be among them, unread.

Nothing is guessed from them, and none is passed over in silence: a total that is missing is told.
"""

from collections.abc import Iterator, Sequence

from flows.parse.items.deltas import is_of_hours
from flows.parse.items.line import YEARS, Masks
from flows.parse.items.numbers import Number, numbers
from flows.parse.page import PageReading
from flows.parse.settle import Bands
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning, Figure

_LEAST = 10
"""Below it a number may be anything: hours, places, people."""

_QUOTED = 40
"""So much is quoted of what stands behind such a number."""

_DIGITS_OF_YEAR = 4

_MOST_TOLD = 10
"""More such numbers are another text's."""

Span = tuple[int, int]


def unread_numbers(
    reading: PageReading, bands: Bands, printed: frozenset[str], figures: Sequence[Figure]
) -> tuple[BulletinWarning, ...]:
    """Return a warning for each number that stands beside the figures and may be a missing total.

    It is in the band of a category that is `printed` that day and has none, in a sentence of the
    figures or beside one, and in no list that is somebody else's.
    """
    told = {figure.category for figure in figures if figure.total is not None}
    known = {category: bands.of_category(category) for category in printed - told}
    missing = {category: band for category, band in known.items() if band}
    if not missing or not figures:
        return ()
    warnings = []
    for number in _numbers(reading, figures):
        if names := [name for name, band in missing.items() if band.holds(number.value or 0)]:
            end = min(number.end + _QUOTED, len(reading.page.text))
            quoted = " ".join(reading.page.text[number.start : end].split())
            text = f"{quoted!r} is not read: {number.value} may be a total of {_some(names)}"
            warnings.append(BulletinWarning(BulletinWarningCode.NUMBER_UNREAD, text))
    return tuple(warnings[:_MOST_TOLD])


def _some(names: Sequence[str]) -> str:
    return " or ".join(sorted(names)[:3])


def _numbers(reading: PageReading, figures: Sequence[Figure]) -> Iterator[Number]:
    """Yield the numbers beside the figures that nobody has taken."""
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
        if matches.not_the_bulletin.search(start, end):
            continue
        for number in numbers(matches, start, end):
            value = number.value
            if value is None or value < _LEAST or value in values:
                continue
            is_year = value in YEARS and number.end - number.start == _DIGITS_OF_YEAR
            if is_year or taken.touch(number.start, number.end) or is_of_hours(matches, number):
                continue
            yield number


def _beside(reading: PageReading, figures: Sequence[Figure]) -> Iterator[Span]:
    """Yield the sentences that hold figures, and those right before and behind them.

    One sentence may stand between where the enemy's losses, or all losses since, are spoken of.
    """
    matches = reading.matches
    starts = [figure.start for figure in figures]
    sentences = [span for line in reading.lines for span in line.sentences]
    holding = [any(start <= place < end for place in starts) for start, end in sentences]
    for n, span in enumerate(sentences):
        near = holding[max(n - 2, 0) : n + 3]
        is_beside = any(holding[max(n - 1, 0) : n + 2])
        if is_beside or (
            any(near) and (matches.since.search(*span) or matches.enemy.search(*span))
        ):
            yield span
