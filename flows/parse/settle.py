"""Settle: what the wording leaves open, by the envelope of the report date.

A number within the band of its category is a total, whatever words are missing; one far below is no
total, and one day's losses where its sentence names the day. A list most of which lies
far below is that of a month, a region, a front, or of aid. No figure is changed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from flows.parse.blocks import Group
from flows.parse.items.item import Item
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.roles import Role
from flows.parse.text.lines import Line
from schemas.envelope import Band, Envelope
from schemas.registry import Registry

_FARTHEST = 2_000
"""Characters to either side of a number in which its words stand: a line may have any length."""

_LINES_OF_CONTEXT = 3
"""So many lines above a number may say that it is of the last day."""

_FEWEST_BELOW = 2
"""One number far below the others is a misprint."""


@dataclass(frozen=True, slots=True)
class Bands:
    """The bands of one report date; None stands for no band, where nothing is settled.

    `days_of_losses` is where the day before that date is printed, `war_starts` the first day of
    the war.
    """

    envelope: Envelope
    registry: Registry
    report_date: date
    days_of_losses: tuple[int, ...] = ()
    war_starts: tuple[int, ...] = ()

    def of_category(self, category: str) -> Band | None:
        """Return the band of a category; None before it is printed."""
        return _band(self.envelope, category, self.report_date)

    def of(self, item: Item) -> Band | None:
        """Return the band of an item's category in force that day, the one that fits of several."""
        bands = [
            band
            for name in item.categories
            if (category := self.registry.categories.get(name))
            and category.in_force(self.report_date)
            and (band := self.of_category(name))
        ]
        fitting = (band for band in bands if item.total is not None and band.holds(item.total))
        return next(fitting, next(iter(bands), None))


@lru_cache(maxsize=1_000)  # of a day it is asked for every number
def _band(envelope: Envelope, category: str, report_date: date) -> Band | None:
    return envelope.band(category, report_date)


def settled(
    groups: Sequence[Group], bands: Bands, matches: LexiconMatches, lines: Sequence[Line]
) -> tuple[Group, ...]:
    """Return the groups with the roles that the envelope decides, and whether they lie below it."""
    return tuple(_settled(group, bands, matches, lines) for group in groups)


def _settled(group: Group, bands: Bands, matches: LexiconMatches, lines: Sequence[Line]) -> Group:
    if all(item.delta is not None or role == "daily" for item, role in group.items):
        return group
    items: list[tuple[Item, Role]] = []
    decided: set[int] = set()
    below: list[Item] = []
    for item, role in group.items:
        band = bands.of(item) if item.delta is None and item.total is not None else None
        new = _role(item, role, band, bands, matches, lines) if band else role
        if new != role:
            decided.add(item.start)
        if band and new == "total" and not item.listed and band.is_far_below(item.total or 0):
            below.append(item)
        items.append((item, new))
    small = _small_sentences(items, below, lines) if len(below) >= _FEWEST_BELOW else None
    if small:
        items = [(i, "unclear" if _sentence(i, lines) in small else role) for i, role in items]
    if decided or small:
        group = replace(group, items=tuple(items), by_envelope=frozenset(decided))
    return replace(group, is_below=True) if _is_below(group, bands, lines) else group


def _sentence(item: Item, lines: Sequence[Line]) -> tuple[int, int]:
    return lines[item.line].sentence(item.start)


def _small_sentences(
    items: Sequence[tuple[Item, Role]], below: Sequence[Item], lines: Sequence[Line]
) -> set[tuple[int, int]]:
    """Return the sentences of prose whose totals all lie far below, where another's do not.

    "12 tanks and 8 vehicles burned that day. Since the invasion it has lost 1,293 tanks ..."
    """
    totals = Counter(
        _sentence(i, lines)
        for i, role in items
        if role == "total" and i.categories and not i.listed and i.total is not None
    )
    small = {
        span
        for span, count in Counter(_sentence(item, lines) for item in below).items()
        if count >= _FEWEST_BELOW and count == totals[span]
    }
    return small if len(small) < len(totals) else set()


def _role(
    item: Item,
    role: Role,
    band: Band,
    bands: Bands,
    matches: LexiconMatches,
    lines: Sequence[Line],
) -> Role:
    total = item.total or 0
    if role == "unclear" and band.holds(total):
        return "total"
    if role == "daily" or not band.is_far_below(total):
        return role
    if matches.lexicon.beyond_a_day(item.categories, total):
        return role
    start, end = lines[item.line].sentence(item.start)
    if matches.weekdays.search(
        max(start, item.start - _FARTHEST), min(end, item.start + _FARTHEST)
    ):
        return "daily"
    if role == "total" and _is_told(item, lines[item.line]):
        return "unclear"
    above = lines[max(item.line - _LINES_OF_CONTEXT, 0)].start if role == "unclear" else start
    if any(above <= place < end for place in bands.days_of_losses):
        return "daily"
    return "daily" if role == "unclear" and _is_after_daily(item, matches, lines) else role


def _is_told(item: Item, line: Line) -> bool:
    """Whether a line that starts with a number goes on with words, as a headline beside a list.

    "5 drones downed over Odesa" is no line of the list above it.
    """
    behind = line.text[item.end - line.start :]
    return item.listed and item.start < item.label[0] and any(c.isalpha() for c in behind)


def _is_after_daily(item: Item, matches: LexiconMatches, lines: Sequence[Line]) -> bool:
    """Whether the last cue before a number, up to a few lines above, is one of the last day."""
    above = max(lines[max(item.line - _LINES_OF_CONTEXT, 0)].start, item.start - _FARTHEST)
    daily, total = matches.daily.last(above, item.start), matches.since.last(above, item.start)
    return daily is not None and (total is None or total.start() < daily.start())


def _is_below(group: Group, bands: Bands, lines: Sequence[Line]) -> bool:
    """Whether most of the totals of a list are far below those of the day.

    One that prints deltas, or since when it counts, is the bulletin, but perhaps of another day:
    that is for the gate.
    """
    first = group.items[0][0]
    opening, (_, end) = lines[max(first.top - 1, 0)].start, lines[first.top].sentence(first.start)
    if any(opening <= place < end for place in bands.war_starts):
        return False
    if 2 * sum(item.delta is not None for item, _ in group.items) > len(group.items):
        return False
    known = [
        band.is_far_below(item.total)
        for item, role in group.items
        if role == "total" and item.total is not None and (band := bands.of(item))
    ]
    return sum(known) >= _FEWEST_BELOW and 2 * sum(known) > len(known)
