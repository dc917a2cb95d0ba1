"""Collect: the figures of a bulletin, from its main group and from what belongs to it elsewhere."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from flows.reading.items import Item
from flows.reading.page import PageReading
from flows.reading.scope import Group, sentence_text
from schemas.records import Figure, Unrecognized
from schemas.registry import Registry


class Collector:
    """Gathers the figures of a bulletin from its main group and what belongs to it elsewhere."""

    def __init__(self, reading: PageReading, registry: Registry, report_date: date) -> None:
        self._reading = reading
        self._date = report_date
        self._in_force = registry.in_force(report_date)
        self._found: list[Figure] = []
        self.unrecognized: list[Unrecognized] = []
        self.warnings: list[str] = []
        self.unclear = False

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures in the order of the text."""
        return tuple(sorted(self._found, key=lambda figure: figure.start))

    def take(self, group: Group) -> None:
        """Take every item of the main group, the totals first."""
        for item, role in group.told:
            if role == "total":
                self._take_item(item)
            elif role == "unclear":
                self._leave_unclear(item)
        for item, role in group.told:
            if role == "daily":
                self._take_daily(item)

    def take_elsewhere(self, main: Group) -> None:
        """Take from other groups of the bulletin the totals of further categories, and deltas."""
        for group in self._reading.groups:
            if group is not main and group.is_bulletin:
                self._take_beside(group, group.categories & main.categories)

    def _take_beside(self, group: Group, shared: frozenset[tuple[str, ...]]) -> None:
        for item, role in group.told:
            if role == "daily":
                self._take_daily(item)
            elif role == "total" and not shared:
                self._take_item(item)

    def take_personnel(self) -> None:
        """Take the personnel figures that stand in sentences of their own."""
        told = [
            (item, role)
            for group in self._reading.groups
            for item, role in group.told
            if item.categories == ("personnel",) and self._counts_soldiers(item)
        ]
        self._take_one([i for i, role in told if role == "total" and self._counts_up(i)], "total")
        daily = [item for item, role in told if role == "daily" and self._is_of_a_day(item)]
        daily += [replace(i, total=i.delta) for i, _ in told if i.total is None]
        self._take_one(daily, "delta")

    def _counts_soldiers(self, item: Item) -> bool:
        """Whether a number in digits counts the enemy's: "one soldier" is no day's losses."""
        digits = any(c.isdigit() for c in self._reading.text[item.start : item.end])
        return digits and self._about_enemy(item)

    def _is_of_a_day(self, item: Item) -> bool:
        sentence = sentence_text(item, self._reading.text, self._reading.lines)
        return bool(self._reading.lexicon.daily.search(sentence))

    def _leave_unclear(self, item: Item) -> None:
        self.unclear = True
        label = self._print(item.label)
        self.warnings.append(f"ambiguous: {label} {item.total} may be a total or one day's losses")

    def _about_enemy(self, item: Item) -> bool:
        """Whether the sentence, or the line before it, names whose losses are counted."""
        reading = self._reading
        sentence = sentence_text(item, reading.text, reading.lines)
        start = reading.lines[max(item.line - 1, 0)].start
        names = reading.lexicon.enemy.search(reading.text, start, item.end)
        return bool(names or reading.lexicon.enemy.search(sentence)) and not (
            reading.lexicon.other.search(sentence)
        )

    def _counts_up(self, item: Item) -> bool:
        sentence = sentence_text(item, self._reading.text, self._reading.lines)
        return bool(self._reading.lexicon.since.search(sentence))

    def _take_one(self, items: Sequence[Item], kind: str) -> None:
        """Take the one value that the sentences agree on, a rounded one only where no other is."""
        known = next((f for f in self._found if f.category == "personnel"), None)
        if known and getattr(known, kind) is not None:
            return
        exact = _most_exact([item for item in items if item.total is not None])
        values = dict.fromkeys(item.total for item in exact)
        if len(values) > 1:
            printed = ", ".join(map(str, values))
            self.warnings.append(f"personnel: {kind} not taken, the text gives several: {printed}")
        elif values and kind == "delta":
            self._take_daily(exact[0])
        elif values:
            self._take_total(exact[0])

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
            self.warnings.append(f"{label}: {item.problem}")
        if category is None:
            self._take_unknown(item, label)
        elif item.total is not None or item.delta is not None:
            figure = self._figure(category, item)
            if not any(_same(figure, other) for other in self._found):
                self._found.append(figure)

    def _take_unknown(self, item: Item, label: str) -> None:
        self.unrecognized.append(Unrecognized(label, item.total, item.delta))
        if item.categories:
            self.warnings.append(f"{label}: not a category of {self._date}")

    def _take_daily(self, item: Item) -> None:
        """Take a bare daily number as the delta of its category."""
        category = self._category(item)
        if category is None:
            self._take_unknown(replace(item, total=None, delta=item.total), self._print(item.label))
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
    """Return the items printed most exactly: plain numbers before "about", before rounded ones."""
    rank = {item.start: item.approximate + item.rounded for item in items}
    return [item for item in items if rank[item.start] == min(rank.values())]


def _same(figure: Figure, other: Figure) -> bool:
    return (figure.category, figure.total, figure.delta) == (
        other.category,
        other.total,
        other.delta,
    )
