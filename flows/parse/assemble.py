"""Collect: the figures of a bulletin, from its main group and from what belongs to it elsewhere."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from flows.parse.blocks import Group
from flows.parse.items.item import Item
from flows.parse.page import PageReading
from flows.parse.roles import Role
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning, Figure, Unrecognized
from schemas.registry import Registry

_MOST_TOLD = 20


class Collector:
    """Gathers the figures of a bulletin from its main group and what belongs to it elsewhere."""

    def __init__(self, reading: PageReading, registry: Registry, report_date: date) -> None:
        self._reading = reading
        self._date = report_date
        self._in_force = registry.in_force(report_date)
        self._found: list[Figure] = []
        self.unrecognized: list[Unrecognized] = []
        self.warnings: list[BulletinWarning] = []
        self.unclear = False

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures in the order of the text."""
        return tuple(sorted(self._found, key=lambda figure: figure.start))

    def take(self, group: Group) -> None:
        """Take every item of the main group, the totals first; one total a category in prose."""
        kept = self._agreed([item for item, role in group.told if role == "total"])
        for item, role in group.told:
            if role == "total" and item.start in kept:
                self._take_item(item)
            elif role == "unclear":
                self._leave_unclear(item)
        for item, role in group.told:
            if role == "daily":
                self._take_daily(item)

    def _agreed(self, items: Sequence[Item]) -> set[int]:
        """Return where the items start but those of the prose that others say better."""
        kept: set[int] = set()
        by_label: dict[tuple[str, ...], list[Item]] = {}
        for item in items:
            if item.listed or not item.categories or item.total is None:
                kept.add(item.start)
            else:
                by_label.setdefault(item.categories, []).append(item)
        for same in by_label.values():
            if best := self._agreed_one(self._of_enemy(same), items):
                kept.add(best.start)
        return kept

    def _of_enemy(self, same: Sequence[Item]) -> Sequence[Item]:
        """Leave out soldiers whose sentence does not say whose they are, where another does.

        The same number may be said again, or more exactly, without it.
        """
        if not 1 < len(same) <= _MOST_TOLD or same[0].categories != ("personnel",):
            return same
        enemy = self._reading.cues.enemy
        named = [item for item in same if enemy.search(*self._sentence(item))]
        return [i for i in same if any(n.total == i.total or _rounds(n, i) for n in named)] or same

    def _agreed_one(self, same: Sequence[Item], items: Sequence[Item]) -> Item | None:
        """Return the item whose total is said most exactly, most often, among most figures."""
        if len(same) == 1:
            return same[0]
        lines = self._reading.lines
        places = Counter(lines[item.line].sentence(item.start) for item in items)
        exact = _most_exact(same)
        votes = Counter(item.total for item in exact)

        def worth(item: Item) -> tuple[int, int]:
            return votes[item.total], places[lines[item.line].sentence(item.start)]

        best = max(exact, key=worth)
        rivals = [item for item in exact if worth(item) == worth(best) and item.total != best.total]
        if rivals:
            self._warn_of_several(best, (best, *rivals))
            return None
        alike = [item for item in same if item.total == best.total]
        return max(alike, key=lambda item: (item.delta is not None, item.approximate))

    def _warn_of_several(self, item: Item, items: Sequence[Item]) -> None:
        printed = ", ".join(str(other.total) for other in items)
        label = self._print(item.label)
        text = f"{label}: total not taken, the text gives several: {printed}"
        self.warnings.append(BulletinWarning(BulletinWarningCode.SEVERAL_TOTALS, text))

    def take_elsewhere(self, main: Group) -> None:
        """Take from other groups of the bulletin the totals of further categories, and deltas.

        From a passing mention only what prints both: "20 tanks, bringing the total to 5,466".
        """
        for group in self._reading.groups:
            if group is not main and group.is_bulletin:
                self._take_beside(group, group.categories & main.categories)
        for group in self._reading.groups:
            if group is not main and group.other is None and not group.is_bulletin:
                self._take_whole(group, main)

    def _take_beside(self, group: Group, shared: frozenset[tuple[str, ...]]) -> None:
        for item, role in group.told:
            if role == "daily":
                self._take_daily(item)
            elif role == "total" and not shared:
                self._take_item(item)

    def _take_whole(self, group: Group, main: Group) -> None:
        for item, _ in group.told:
            whole = item.total is not None and item.delta is not None
            if whole and item.categories and item.categories not in main.categories:
                self._take_item(item)

    def take_personnel(self) -> None:
        """Take the personnel figures that stand in sentences of their own."""
        told = [
            (item, role)
            for group in self._reading.groups
            if group.other is None
            for item, role in group.told
            if item.categories == ("personnel",) and self._counts_soldiers(item)
        ]
        totals = [i for i, role in told if self._is_total(i, role)]
        self._take_one([i for i in totals if i.total is not None], "total")
        daily = [item for item, role in told if role == "daily" and self._is_of_a_day(item)]
        daily += [i._replace(total=i.delta) for i, _ in told if i.total is None]
        self._take_one([item for item in daily if item.total is not None], "delta")

    def _counts_soldiers(self, item: Item) -> bool:
        """Whether a number in digits counts the enemy's: "one soldier" is no day's losses."""
        digits = any(c.isdigit() for c in self._reading.text[item.start : item.end])
        return digits and (item.listed or self._about_enemy(item))

    def _is_total(self, item: Item, role: Role) -> bool:
        """Whether soldiers are counted up, by a cue; in the title, by a number beyond any day's."""
        if role == "total":
            return self._counts_up(item)
        beyond = self._reading.lexicon.beyond_a_day(item.categories, item.total)
        return role == "unclear" and item.line <= self._reading.title and beyond

    def _is_of_a_day(self, item: Item) -> bool:
        return bool(self._reading.cues.daily.search(*self._sentence(item)))

    def _leave_unclear(self, item: Item) -> None:
        self.unclear = True
        label = self._print(item.label)
        text = f"ambiguous: {label} {item.total} may be a total or one day's losses"
        self.warnings.append(BulletinWarning(BulletinWarningCode.TOTAL_OR_DELTA, text))

    def _about_enemy(self, item: Item) -> bool:
        """Whether the sentence, or the line before it, names whose losses are counted."""
        cues, sentence = self._reading.cues, self._sentence(item)
        start = self._reading.lines[max(item.line - 1, 0)].start
        names = cues.enemy.search(start, item.end) or cues.enemy.search(*sentence)
        return bool(names) and not cues.other.search(*sentence)

    def _sentence(self, item: Item) -> tuple[int, int]:
        """Return the offsets of the sentence that holds an item."""
        return self._reading.lines[item.line].sentence(item.start)

    def _counts_up(self, item: Item) -> bool:
        return item.delta is not None or bool(
            self._reading.cues.since.search(*self._sentence(item))
        )

    def _take_one(self, items: Sequence[Item], kind: str) -> None:
        """Take the one value that the sentences agree on, a rounded one only where no other is."""
        known = next((f for f in self._found if f.category == "personnel"), None)
        if not items or (known and getattr(known, kind) is not None):
            return
        best = self._agreed_one(items, items)
        if best and kind == "delta":
            self._take_daily(best)
        elif best:
            self._take_total(best)

    def _take_total(self, item: Item) -> None:
        self._found = [
            replace(
                self._figure("personnel", item),
                delta=figure.delta if item.delta is None else item.delta,
            )
            if figure.category == "personnel"
            else figure
            for figure in self._found
        ]
        if not any(figure.category == "personnel" for figure in self._found):
            self._found.append(self._figure("personnel", item))

    def _take_item(self, item: Item) -> None:
        category = self._category(item)
        label = self._print(item.label)
        if item.problem:
            text = f"{label}: {item.problem.text}"
            self.warnings.append(BulletinWarning(item.problem.code, text))
        if category is None:
            self._take_unknown(item, label)
        elif item.total is not None or item.delta is not None:
            figure = self._figure(category, item)
            if not any(_same(figure, other) for other in self._found):
                self._found.append(figure)

    def _take_unknown(self, item: Item, label: str) -> None:
        self.unrecognized.append(Unrecognized(label, item.total, item.delta))
        if item.categories:
            text = f"{label}: not a category of {self._date}"
            self.warnings.append(BulletinWarning(BulletinWarningCode.CATEGORY_NOT_IN_FORCE, text))

    def _take_daily(self, item: Item) -> None:
        """Take a bare daily number as the delta of its category."""
        category = self._category(item)
        if category is None:
            unknown = item._replace(total=None, delta=item.total)
            self._take_unknown(unknown, self._print(item.label))
            return
        known = [figure for figure in self._found if figure.category == category]
        if not known:
            figure = self._figure(category, item)
            self._found.append(replace(figure, total=None, delta=item.total))
        elif known[0].delta is None and item.total not in (None, known[0].total):
            at = self._found.index(known[0])
            self._found[at] = replace(known[0], delta=item.total)

    def _category(self, item: Item) -> str | None:
        """Return the category in force that day that the label stands for; None without any.

        Of several the first that no other label of the text has taken ("rocket launchers" are
        those of missiles where "multiple rocket launchers" are counted, too).
        """
        possible = [name for name in item.categories if name in self._in_force]
        if len(possible) < 2:
            return next(iter(possible), None)
        taken = {f.category for f in self._found if f.label != self._print(item.label)}
        free = [name for name in possible if name not in taken]
        return next(iter(free or possible), None)

    def _figure(self, category: str, item: Item) -> Figure:
        return Figure(
            category=category,
            total=item.total,
            delta=item.delta,
            approximate=item.approximate,
            label=self._print(item.label),
            start=item.start,
            end=item.end,
        )

    def _print(self, span: tuple[int, int]) -> str:
        return self._reading.page.text[span[0] : span[1]].strip()


def _most_exact(items: Sequence[Item]) -> list[Item]:
    """Return the items printed most exactly: no rounder doubles, plain numbers before "about"."""
    told = {item.total: item for item in items}
    few = list(told.values())[:_MOST_TOLD]
    finest = [item for item in items if not any(_rounds(item, other) for other in few)]
    least = min(item.approximate + item.rounded for item in finest)
    return [item for item in finest if item.approximate + item.rounded == least]


def _rounds(item: Item, other: Item) -> bool:
    """Whether an item is the other one, rounded: "230,000" and "230,260"."""
    rounder, finer = item.total, other.total
    if rounder is None or finer is None or rounder == finer:
        return False
    unit = int("1" + "0" * (len(str(rounder)) - len(str(rounder).rstrip("0"))))
    return finer % unit != 0 and abs(rounder - finer) < unit


def _same(figure: Figure, other: Figure) -> bool:
    return (figure.category, figure.total, figure.delta) == (
        other.category,
        other.total,
        other.delta,
    )
