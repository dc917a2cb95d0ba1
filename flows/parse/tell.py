"""Tell: the figures that sentences tell, added to those of a list, or alone as a note.

Personnel is told in words that make no item (`statements`). A text without a list may tell it
alone, or both sides of a few categories: a note of the bulletin, where it names its source.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from flows.parse.assemble import MOST_SAID, Collector
from flows.parse.blocks import Group
from flows.parse.items.item import Item
from flows.parse.page import PageReading
from flows.parse.roles import Role
from flows.parse.statements import (
    LEAST_A_DAY,
    MOST_A_DAY,
    Statement,
    StatementReader,
    most_exact,
    rounds,
)
from schemas.codes import DecidedBy
from schemas.records import Figure, war_day

FIRST_WEEKS = 14
"""Up to this war day a review of weeks counts all losses."""

_NEAR_LINES = 2
"""So many lines around a note belong to it."""

_FEWEST_BOTH = 2
"""So many categories with both a total and a day's losses are a bulletin, though no list."""

_ROUND = 1000
"""A total of whole thousands, without a delta, is a review's."""

_ROUNDED = 100
"""A total of whole hundreds may be told to the last ten elsewhere: "more than 88,300"."""


def may_be_sourced(reading: PageReading) -> bool:
    """Whether a note may be in a text: one needs its source, or the first day of the war, named.

    It is cheap, and never says no to a text in which `Teller.take_note` finds anything.
    """
    return bool(reading.war_starts) or reading.matches.bulletin_speaker.possible


class Teller(Collector):
    """A collector that reads what sentences tell, too."""

    def take_statements(self) -> None:
        """Take what sentences tell of approximate categories in words that make no item.

        An exact number beats a rounded one of the same thing, wherever each stands.
        """
        whole = {f.category for f in self._figures if _is_exact(f)}
        for category in sorted(self._approximate & self._in_force - whole):
            if told := self._told(category):
                self._take_told(category, told)

    def take_note(self) -> None:
        """Take what a text tells that has no list: soldiers, and what stands close to them.

        Nothing is taken unless the source or the first day of the war is named beside a total that
        is exact or has a delta; or both sides of several categories are told; or the General Staff
        tells the soldiers of the last day, or exact totals of some category. In the first weeks the
        bulletin itself was rounded.
        """
        is_first_weeks = war_day(self._date) <= FIRST_WEEKS
        for category in sorted(self._approximate & self._in_force):
            told = [s for s in self._told(category) if self._is_sourced(s.start)]
            exact = [s for s in told if s.delta is not None or s.total % _ROUND or is_first_weeks]
            if exact:
                self._take_told(category, exact)
        if not self._figures:
            self._take_one_day()
        near = self._close_groups()
        if not self._figures and not self._has_both_sides(near):
            self._take_exact(near)
            return
        for role in ("total", "daily"):
            for item in (item for group in near for item, r in group.items if r == role):
                self._take_close(item, role)

    def _take_one_day(self) -> None:
        """Take the soldiers of the last day, exactly told, where one sentence names who told it.

        Beside a week's or a front's list they are a part of that.
        """
        if any(g.introduced_by and g.is_list_of_losses for g in self.reading.groups):
            return
        told = {
            item.total: item
            for group in self.reading.groups
            if group.is_own
            for item, role in group.items
            if role == "daily"
            and self.soldiers.are_counted(item)
            and self._is_day_of_source(item)
            and self.soldiers.are_lost_in_a_day(item)
        }
        if len(told) == 1:
            self._take_daily(told.popitem()[1])

    def _is_day_of_source(self, item: Item) -> bool:
        """Whether the sentence of a number has all that a note of the last day needs."""
        matches, sentence = self.reading.matches, self._sentence(item)
        exact = not item.approximate and item.delta is None and (item.total or 0) % _ROUNDED != 0
        return (
            exact
            and LEAST_A_DAY <= (item.total or 0) <= MOST_A_DAY
            and self._names_source(sentence)
            and all(cue.search(*sentence) for cue in (matches.daily, matches.general_staff))
            and matches.enemy.search(*sentence) is not None
            and not any(cue.search(*sentence) for cue in (matches.fronts, matches.night))
        )

    def _take_exact(self, groups: Sequence[Group]) -> None:
        """Take exact totals whose sentence names the source: "1,008 tanks since 24 February".

        A category of which several are told, other than rounded, is nobody's.
        """
        told: dict[tuple[str, ...], list[Item]] = {}
        for item in (item for group in groups for item, role in group.items if role == "total"):
            band, total = self.bands.of(item), item.total or 0
            if band and band.holds(total) and not self.soldiers.are_counted(item):
                told.setdefault(item.categories, []).append(item)
        for same in told.values():
            best = next((i for i in same if (i.total or 0) % _ROUNDED and not i.approximate), None)
            total = best.total if best and best.total else 0
            one = all(i.total == total or rounds(i.total or 0, total) for i in same)
            if (
                best
                and one
                and total > _ROUNDED
                and self._is_sourced(best.start)
                and self._names_source(self._sentence(best))
            ):
                self._take_item(best)

    def _names_source(self, sentence: tuple[int, int]) -> bool:
        """Whether a sentence names who tells the bulletin: no mere "Russia lost"."""
        matches = self.reading.matches
        named = matches.bulletin_speaker.within(*sentence)
        return any(not matches.enemy.any(*speaker.span()) for speaker in named)

    def _take_close(self, item: Item, role: Role) -> None:
        band = self.bands.of(item)
        if role == "daily":
            if not self.reading.matches.night.search(*self._sentence(item)):
                self._take_daily(item)
        elif band is not None and item.total is not None and band.holds(item.total):
            known = [f for f in self._figures if f.category in item.categories and f.total]
            if not known:
                self._take_item(item)
            elif known[0].total == item.total and known[0].delta is None:
                self._figures[self._figures.index(known[0])] = replace(known[0], delta=item.delta)

    def _close_groups(self) -> list[Group]:
        """Return the groups near the figures taken; all of them where there is none yet."""
        own = [group for group in self.reading.groups if group.introduced_by is None]
        lines = self.reading.lines
        starts = [figure.start for figure in self._figures]
        places = [line.index for line in lines if any(line.start <= s < line.end for s in starts)]
        if not places:
            return own
        first, last = min(places) - _NEAR_LINES, max(places) + _NEAR_LINES
        return [g for g in own if g.items and first <= g.items[0][0].line <= last]

    def _has_both_sides(self, groups: Sequence[Group]) -> bool:
        """Whether the source is named, and categories have a day's losses and a total each."""
        items = [(item, role) for group in groups for item, role in group.items if item.categories]
        totals = {
            item.categories
            for item, role in items
            if role == "total"
            and item.total is not None
            and (band := self.bands.of(item))
            and band.holds(item.total)
            and self._is_sourced(item.start)
        }
        daily = {item.categories for item, role in items if role == "daily"}
        whole = {i.categories for i, _ in items if i.delta is not None and i.total is not None}
        return len(totals & (daily | whole)) >= _FEWEST_BOTH

    def _is_sourced(self, offset: int) -> bool:
        """Whether the source, or the first day of the war, is named up to a few lines around."""
        reading = self.reading
        place = next(line.index for line in reading.lines if line.start <= offset < line.end)
        start = reading.lines[max(place - _NEAR_LINES, 0)].start
        end = reading.lines[min(place + 1, len(reading.lines) - 1)].end
        if any(start <= a < end for a in reading.war_starts):
            return True
        return self._names_source((start, end))

    def _told(self, category: str) -> list[Statement]:
        band = self.bands.of_category(category)
        if band is None:
            return []
        reading = self.reading
        masked = (*reading.dates, *reading.days)
        reader = StatementReader(
            reading.matches,
            reading.lines,
            reading.groups,
            masked,
            category,
            band,
            is_first_weeks=war_day(self._date) <= FIRST_WEEKS,
        )
        return list(islice(reader.statements(), MOST_SAID))

    def _take_told(self, category: str, told: Sequence[Statement]) -> None:
        place = next((n for n, f in enumerate(self._figures) if f.category == category), None)
        known = None if place is None else self._figures[place]
        best = most_exact(told)
        if known is None or known.total is None or rounds(known.total, best.total):
            delta = known.delta if known and best.delta is None else best.delta
            known = Figure(
                category=category,
                total=best.total,
                delta=delta,
                approximate=best.approximate,
                label=self.reading.page.text[slice(*best.label)].strip(),
                start=min(best.start, best.label[0]),
                end=max(best.end, best.label[1]),
                decided_by=DecidedBy.ENVELOPE,
            )
        total = known.total or 0
        if known.delta is None:
            same = [s for s in told if s.total == total or rounds(s.total, total)]
            deltas = {s.delta for s in same if s.delta is not None}
            known = replace(known, delta=deltas.pop()) if len(deltas) == 1 else known
        if place is None:
            self._figures.append(known)
        else:
            self._figures[place] = known


def _is_exact(figure: Figure) -> bool:
    """Whether a figure is printed whole: nothing that is told elsewhere says it better."""
    return figure.total is not None and figure.delta is not None and figure.total % _ROUNDED != 0
