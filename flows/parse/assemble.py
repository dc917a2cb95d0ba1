"""Assemble: the figures of a bulletin, from its main group and from what belongs to it elsewhere.

An approximate category (soldiers: an estimate, to the nearest ten) often stands in sentences of its
own, said several times and rounded differently: one of them is chosen.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import attrgetter

from flows.parse.blocks import Group
from flows.parse.items.item import Item
from flows.parse.page import PageReading
from flows.parse.roles import Role
from flows.parse.settle import Bands
from flows.parse.soldiers import Soldiers
from flows.parse.statements import rounds
from schemas.codes import BulletinWarningCode, DecidedBy
from schemas.envelope import load_envelope
from schemas.records import BulletinWarning, Figure, Unrecognized
from schemas.registry import Registry

MOST_SAID = 20
"""A number said more often than this is not weighed against every other of a long text."""


_START = attrgetter("start")  # of a figure


class Collector:
    """Gathers the figures of a bulletin from its main group and what belongs to it elsewhere."""

    def __init__(self, reading: PageReading, registry: Registry, report_date: date) -> None:
        self.reading = reading
        self.bands = Bands(load_envelope(), registry, report_date)
        self._date = report_date
        self._in_force = registry.in_force(report_date)
        self._approximate = registry.approximate
        self._figures: list[Figure] = []
        self.unrecognized: list[Unrecognized] = []
        self.warnings: list[BulletinWarning] = []
        self.unclear = False
        self._by_envelope = frozenset[int]().union(*(g.by_envelope for g in reading.groups))
        self.soldiers = Soldiers(reading, self.bands, self._by_envelope)

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures in the order of the text."""
        return tuple(sorted(self._figures, key=_START))

    def take(self, group: Group) -> None:
        """Take every item of the main group, the totals first; one total a category in prose."""
        kept = self._agreed(
            [
                item
                for item, role in group.items
                if role == "total" and (not self._is_told(item) or self._is_possible(item))
            ]
        )
        for item, role in group.items:
            if role == "total" and item.start in kept:
                self._take_item(item)
            elif role == "unclear":
                self._leave_unclear(item)
        daily = [item for item, role in group.items if role == "daily"]
        for _, items in groupby(daily, key=self._sentence):
            self._take_day(list(items))

    def _is_told(self, item: Item) -> bool:
        """Whether a total stands in prose that may be about somebody else's losses."""
        return not item.listed and item.total is not None and self.soldiers.are_counted(item)

    def _agreed(self, items: Sequence[Item]) -> set[int]:
        """Return where the items start but those of the prose that others say better.

        A sentence without deltas that gives another total than is printed with one is about
        something else: "4,823 tanks (+2). Russia still has 3,300 tanks and 1,240 aircraft".
        """
        kept: set[int] = set()
        by_label: dict[tuple[str, ...], list[Item]] = {}
        for item in items:
            if item.listed or not item.categories or item.total is None:
                kept.add(item.start)
            else:
                by_label.setdefault(item.categories, []).append(item)
        others: set[tuple[int, int]] = set()
        best_of = [self._agreed_one(self._of_enemy(same), items) for same in by_label.values()]
        for best, same in zip(best_of, by_label.values(), strict=True):
            if best and best.delta is not None:
                is_rough = self.soldiers.are_counted(best)
                others |= {self._sentence(i) for i in same if _contradicts(i, best, is_rough)}
        chosen = [best for best in best_of if best]
        return kept | {
            best.start
            for best in chosen
            if best.delta is not None or self._sentence(best) not in others
        }

    def _of_enemy(self, same: Sequence[Item]) -> Sequence[Item]:
        """Leave out soldiers whose sentence does not say whose they are, where another does.

        The same number may be said again, or more exactly, without it.
        """
        if not 1 < len(same) <= MOST_SAID or not self.soldiers.are_counted(same[0]):
            return same
        enemy = self.reading.matches.enemy
        named = [item for item in same if enemy.search(*self._sentence(item))]
        return [i for i in same if any(n.total == i.total or _rounds(n, i) for n in named)] or same

    def _agreed_one(self, same: Sequence[Item], items: Sequence[Item]) -> Item | None:
        """Return the item whose total is said most exactly, most often, among most figures."""
        if len(same) == 1:
            return same[0]
        in_sentence = Counter(self._sentence(item) for item in items)
        exact = _most_exact(same)
        votes = Counter(item.total for item in exact)

        def worth(item: Item) -> tuple[bool, int, int]:
            has_delta = item.delta is not None and not self.soldiers.are_counted(item)
            return has_delta, votes[item.total], in_sentence[self._sentence(item)]

        best = max(exact, key=worth)
        rivals = [item for item in exact if worth(item) == worth(best) and item.total != best.total]
        if rivals:
            printed = ", ".join(str(item.total) for item in (best, *rivals))
            text = f"{self._label(best)}: total not taken, the text gives several: {printed}"
            self.warnings.append(BulletinWarning(BulletinWarningCode.SEVERAL_TOTALS, text))
            return None
        alike = [item for item in same if item.total == best.total]
        return max(alike, key=lambda item: (item.delta is not None, item.approximate))

    def take_elsewhere(self, main: Group) -> None:
        """Take from other groups of the bulletin the totals of further categories, and deltas.

        From a passing mention only what prints both: "20 tanks, bringing the total to 5,466".
        """
        for group in self.reading.groups:
            if group is not main and group.is_bulletin:
                self._take_beside(group, group.categories & main.categories)
        for group in self.reading.groups:
            if group is not main and group.is_own and not group.is_bulletin:
                self._take_whole(group, main)
        for group in (*self._of_the_day(), *self._headlines(main)):
            self._take_day([item for item, _ in group.items])

    def _headlines(self, main: Group) -> list[Group]:
        """Return the short groups above the list that tell the day's losses of its categories.

        "Russia lost 40 artillery systems and 15 tanks in a day", be it the title.
        """
        matches = self.reading.matches
        first = main.items[0][0].start
        return [
            group
            for group in self.reading.groups
            if len(group.items) > 1
            and group.items[-1][0].start < first
            and self._goes_on(group)
            and not group.is_bulletin
            and group.categories <= main.categories
            and matches.daily.search(*self._sentence(group.items[0][0]))
            and matches.bulletin_speaker.search(*self._sentence(group.items[0][0]))
        ]

    def _of_the_day(self) -> list[Group]:
        """Return the short groups that go on with the day's losses of the bulletin beside them.

        "Also 765 drones were destroyed" right behind or before the sentence that has the others.
        """
        groups, lines = self.reading.groups, self.reading.lines
        on = [g.is_bulletin and self._is_daily(g) for g in groups]
        found: list[Group] = []
        for order in (range(len(groups)), range(len(groups) - 1, -1, -1)):
            before: int | None = None
            for n in order:
                group = groups[n]
                if before is not None and on[before] and not on[n] and self._goes_on(group):
                    near = sorted((groups[before].items[0][0].line, group.items[0][0].line))
                    between = lines[near[0] + 1 : near[1]]
                    on[n] = not any(any(map(str.isdigit, line.text)) for line in between)
                    if on[n]:
                        found.append(group)
                before = n
        return found

    def _is_daily(self, group: Group) -> bool:
        """Whether a group tells the losses of the last day, but perhaps the soldiers in all."""
        roles = {role for item, role in group.items if not self.soldiers.are_counted(item)}
        return roles == {"daily"}

    def _goes_on(self, group: Group) -> bool:
        """Whether a short group is of the last day and may belong to the bulletin.

        What was shot down in one night is the Air Force's tally.
        """
        first, night = group.items[0][0], self.reading.matches.night
        return (
            group.is_own
            and all(r == "daily" and i.categories and i.delta is None for i, r in group.items)
            and not night.search(*self._sentence(first))
        )

    def _take_day(self, items: Sequence[Item]) -> None:
        """Take a sentence's daily numbers, unless they are somebody else's tally.

        "The brigade destroyed 3 tanks and 12 drones" is not of the day of which "(+2)" is printed.
        """
        deltas = {f.category: f.delta for f in self._figures if f.total is not None}
        known = ((deltas.get(self._category(i) or ""), i) for i in items)
        if any(
            delta is not None and delta != i.total and not self.soldiers.are_counted(i)
            for delta, i in known
        ):
            return
        if not self._are_shot_down(items):
            for item in items:
                self._take_daily(item)

    def _are_shot_down(self, items: Sequence[Item]) -> bool:
        """Whether some items are what was shot down, and no more, where the list has its totals.

        "Over the day 27 UAVs were shot down by air defence" is another tally than the bulletin's.
        """
        names = {name for item in items for name in item.categories}
        if not names or not names <= self.bands.registry.airborne:
            return False
        if not any(f.total is not None and f.category in names for f in self._figures):
            return False
        shot_down, text = self.reading.matches.lexicon.rare.anywhere("shot_down"), self.reading.text
        return any(
            shot_down.search(text, *sentence) for sentence in set(map(self._sentence, items))
        )

    def _take_beside(self, group: Group, shared: frozenset[tuple[str, ...]]) -> None:
        self._take_day([item for item, role in group.items if role == "daily"])
        for item, role in group.items:
            if role == "total" and not shared:
                self._take_item(item)

    def _take_whole(self, group: Group, main: Group) -> None:
        """Take both numbers from a passing mention, if the total is none of a unit or a front."""
        for item, _ in group.items:
            if item.total is None or item.delta is None or not item.categories:
                continue
            band = self.bands.of(item)
            is_below = band is not None and band.is_far_below(item.total)
            if not is_below and item.categories not in main.categories:
                self._take_item(item)

    def take_approximate(self) -> None:
        """Take the figures of approximate categories that stand in sentences of their own."""
        items = [
            (item, role)
            for group in self.reading.groups
            if group.is_own
            for item, role in group.items
            if self.soldiers.are_counted(item) and self.soldiers.may_be_enemys(item)
        ]
        for category in sorted({item.categories[0] for item, _ in items}):
            self._take_sentences(category, [i for i in items if i[0].categories[0] == category])

    def _take_sentences(self, category: str, items: Sequence[tuple[Item, Role]]) -> None:
        """Take the total and the delta that a category's sentences agree on, where one is open."""
        known = next((f for f in self._figures if f.category == category), None)
        totals = [
            item
            for item, role in items
            if item.total is not None
            and self.soldiers.is_total(item, role)
            and self._is_possible(item)
        ]
        is_open = known is None or known.total is None
        if totals and is_open and (best := self._agreed_one(totals, totals)):
            self._take_total(category, best)
            known = next(f for f in self._figures if f.category == category)
        of_a_day = self.reading.matches.daily
        daily = [i for i, role in items if role == "daily" and of_a_day.search(*self._sentence(i))]
        daily += [item._replace(total=item.delta) for item, _ in items if item.total is None]
        daily = [i for i in daily if i.total is not None and self.soldiers.are_lost_in_a_day(i)]
        is_open = known is None or known.delta is None
        if daily and is_open and (best := self._agreed_one(daily, daily)):
            self._take_daily(best)

    def _is_possible(self, item: Item) -> bool:
        """Whether a total of soldiers may be that of the bulletin; what says otherwise is told."""
        is_possible, remark = self.soldiers.judged(item)
        if remark:
            self.warnings.append(remark)
        return is_possible

    def _sentence(self, item: Item) -> tuple[int, int]:
        """Return the offsets of the sentence that holds an item."""
        return self.reading.lines[item.line].sentence(item.start)

    def _leave_unclear(self, item: Item) -> None:
        self.unclear = True
        text = f"ambiguous: {self._label(item)} {item.total} may be a total or one day's losses"
        self.warnings.append(BulletinWarning(BulletinWarningCode.TOTAL_OR_DELTA, text))

    def _take_total(self, category: str, item: Item) -> None:
        """Take a total, the delta that is known of the category beside it."""
        figure = self._figure(category, item)
        known = [n for n, other in enumerate(self._figures) if other.category == category]
        for n in known:
            delta = self._figures[n].delta if item.delta is None else item.delta
            self._figures[n] = replace(figure, delta=delta)
        if not known:
            self._figures.append(figure)

    def _take_item(self, item: Item) -> None:
        category = self._category(item)
        if item.problem:
            text = f"{self._label(item)}: {item.problem.text}"
            self.warnings.append(BulletinWarning(item.problem.code, text))
        if category is None:
            self._take_unknown(item)
        elif item.total is not None or item.delta is not None:
            same = [other for other in self._figures if other.category == category]
            if item.total is None and any(other.delta is None for other in same):
                self._take_daily(item._replace(total=item.delta))
            elif (item.total, item.delta) not in [(other.total, other.delta) for other in same]:
                self._figures.append(self._figure(category, item))

    def _take_unknown(self, item: Item) -> None:
        label = self._label(item)
        self.unrecognized.append(Unrecognized(label, item.total, item.delta))
        if item.categories:
            text = f"{label}: not a category of {self._date}"
            self.warnings.append(BulletinWarning(BulletinWarningCode.CATEGORY_NOT_IN_FORCE, text))

    def _take_daily(self, item: Item) -> None:
        """Take a bare daily number as the delta of its category."""
        category = self._category(item)
        if category is None:
            self._take_unknown(item._replace(total=None, delta=item.total))
            return
        known = [n for n, figure in enumerate(self._figures) if figure.category == category]
        if not known:
            figure = self._figure(category, item)
            self._figures.append(replace(figure, total=None, delta=item.total))
            return
        first = self._figures[known[0]]
        if first.delta is None and item.total not in (None, first.total):
            self._figures[known[0]] = replace(first, delta=item.total)

    def _category(self, item: Item) -> str | None:
        """Return the category in force that day that the label stands for; None without any.

        Of several the first that no other label of the text has taken ("rocket launchers" are
        those of missiles where "multiple rocket launchers" are counted, too).
        """
        possible = [name for name in item.categories if name in self._in_force]
        if len(possible) > 1 and item.total is not None:
            bands = {name: self.bands.of_category(name) for name in possible}
            likely = [name for name in possible if (b := bands[name]) and b.holds(item.total)]
            possible = likely or possible
        if len(possible) < 2:
            return possible[0] if possible else None
        taken = {f.category for f in self._figures if f.label != self._label(item)}
        free = [name for name in possible if name not in taken]
        return next(iter(free or possible), None)

    def _figure(self, category: str, item: Item) -> Figure:
        return Figure(
            category=category,
            total=item.total,
            delta=item.delta,
            approximate=item.approximate,
            label=self._label(item),
            start=item.start,
            end=item.end,
            decided_by=DecidedBy.ENVELOPE if item.start in self._by_envelope else DecidedBy.WORDING,
        )

    def _label(self, item: Item) -> str:
        """The label of an item as printed."""
        start, end = item.label
        return self.reading.page.text[start:end].strip()


def _contradicts(item: Item, best: Item, is_rough: bool) -> bool:
    """Whether an item without a delta gives another total, none that is only rounded.

    An estimate (`is_rough`) is told in many ways: it has to be less than half.
    """
    if item.delta is not None or _rounds(item, best):
        return False
    return 2 * (item.total or 0) < (best.total or 0) if is_rough else item.total != best.total


def _most_exact(items: Sequence[Item]) -> list[Item]:
    """Return the items printed most exactly: no rounder doubles, plain numbers before "about"."""
    by_total = {item.total: item for item in items}
    few = list(by_total.values())[:MOST_SAID]
    finest = [item for item in items if not any(_rounds(item, other) for other in few)]
    least = min(item.approximate + item.rounded for item in finest)
    return [item for item in finest if item.approximate + item.rounded == least]


def _rounds(item: Item, other: Item) -> bool:
    """Whether an item is the other one, rounded: "230,000" and "230,260"."""
    return item.total is not None and other.total is not None and rounds(item.total, other.total)
