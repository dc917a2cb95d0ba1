"""Roles: whether a bare number is a total or one day's losses, by wording and never by size."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal, TypeAlias

from flows.parse.items.item import Item
from flows.parse.lexicon.matches import Cues
from flows.parse.text.lines import Line

Role: TypeAlias = Literal["total", "daily", "unclear"]

_LINES_OF_CONTEXT = 3
_NEAR = 25
_ENOUGH = 3
_MOST_BESIDE = 300
"""More items side by side are no bulletin: what is said of each is not weighed against all."""
_LEAST_SOLDIERS = 2_800
"""The total of personnel on 2022-02-25, the first that was reported: any smaller number is none."""

_RUN = re.compile(r",?[ \t]*(?:[^\W\d]{1,3}[ \t]+)?")
_BLANKS = re.compile(r"[ \t]*")
_VERBS = re.compile(r"[^\d,.;:()\n]{0,25}")


class Roles:
    """Tells the role of the items of one text. Cues are looked up once a line."""

    def __init__(self, lines: Sequence[Line], cues: Cues) -> None:
        self._text = cues.text
        self._lines = lines
        self._all = cues
        self._known: dict[int, list[tuple[int, Role]]] = {}
        self._contexts: dict[int, dict[Role, list[int]]] = {}

    def of(self, item: Item, group: Sequence[Item]) -> Role:
        """Return the role of the first number of an item; `group` are the items beside it.

        What no day's losses can be is never taken for them.
        """
        role = self._said(item, group)
        beyond = role == "daily" and self._all.lexicon.beyond_a_day(item.categories, item.total)
        return "unclear" if beyond else role

    def _said(self, item: Item, group: Sequence[Item]) -> Role:
        """Return the role that the wording gives.

        A number with a delta, be it an empty "(+)", is a total. In a list the lead-in
        decides, in prose the nearest cue of the sentence, before the number or else after it, and
        then the sentences before.
        """
        if item.delta is not None or item.total is None:
            return "total"
        if "+" in self._text[item.start : item.end]:
            return "total"
        if len(group) > _MOST_BESIDE:
            return "unclear"
        inside = self._between(item.line, item.start, item.end)
        if inside:
            return inside[-1][1]
        if item.listed:
            return self._of_list(item, group)
        start, end = self._lines[item.line].sentence(item.start)
        beside = [other for other in group if start <= other.start < end]
        cues = [
            (at, role)
            for at, role in self._between(item.line, start, end)
            if not any(o.start <= at < o.end for o in group)
        ]
        return self._of_sentence(item, beside, cues) or self._of_context(item, group, start)

    def _of_sentence(
        self, item: Item, beside: Sequence[Item], cues: Sequence[tuple[int, Role]]
    ) -> Role | None:
        """Return the role by the nearest cue before; where the cues trail, by the next one."""
        before = [role for at, role in cues if at < item.start]
        following = [other.start for other in beside if other.start > item.start]
        own = [role for at, role in cues if item.end <= at < min(following, default=item.end)]
        leads = any(at < beside[0].start for at, _ in cues)
        if own and not leads:
            return own[0]
        if adjoining := self._adjoining(item, beside, cues):
            return adjoining
        if before:
            return before[-1]
        after = [cue for cue in cues if cue[0] > item.start]
        if after and self._belongs(beside[-1].end, after[0][0]):
            return after[0][1]
        return None

    def _adjoining(
        self, item: Item, beside: Sequence[Item], cues: Sequence[tuple[int, Role]]
    ) -> Role | None:
        """Return the role of a cue right after a number, or after a run of them.

        "820 were killed over the past day", "18 tanks, 26 vehicles and 21 guns in one day".
        """
        end = item.end
        for at, role in cues:
            if at < end:
                continue
            for other in beside:
                if end <= other.start < at and _RUN.fullmatch(self._text, end, other.start):
                    end = other.end
            beyond = _VERBS if role == "daily" else _BLANKS
            return role if beyond.fullmatch(self._text, end, at) else None
        return None

    def _belongs(self, last: int, cue: int) -> bool:
        """Whether a cue after the last item of a sentence is about the items: no clause between."""
        between = self._text[last:cue]
        return len(between) <= _NEAR or not ("," in between or ";" in between)

    def _of_list(self, item: Item, group: Sequence[Item]) -> Role:
        """A list holds totals, unless its lead-in is about the last day and no item has a delta.

        Soldiers that a single day may have cost stand there for the day where the others print
        totals and deltas.
        """
        if item.categories == ("personnel",) and self._of_one_day(item, group):
            return "daily"
        first = group[0]
        lead = [role for at, role in self._cues(first.line) if at < first.start]
        lead = lead or self._last_sentence(first.line - 1)
        daily = lead and "total" not in lead and all(item.delta is None for item in group)
        return "daily" if daily else "total"

    def _of_one_day(self, item: Item, group: Sequence[Item]) -> bool:
        """Whether an item can be no total, and most of those beside it print their deltas."""
        if item.total is None or item.total >= _LEAST_SOLDIERS:
            return False
        complete = sum(other.delta is not None for other in group)
        return complete >= _ENOUGH and 2 * complete > len(group)

    def _last_sentence(self, index: int) -> list[Role]:
        if index < 0 or "\t" in self._lines[index].text:
            return []  # the header of a table names its columns, not the rows
        start = self._lines[index].sentences[-1][0]
        return [role for at, role in self._cues(index) if at >= start]

    def _of_context(self, item: Item, group: Sequence[Item], before: int) -> Role:
        """Return the role that the sentences before give; "unclear" where none does.

        Beside items that print their deltas a bare number is a total whose delta is left out. Where
        the sentences before speak of both, only what is impossible decides: no size is guessed.
        """
        told: set[Role] = set()
        nearest_daily = -1
        for index in range(max(item.line - _LINES_OF_CONTEXT, 0), item.line + 1):
            for role, starts in self._context(index).items():
                if place := bisect_left(starts, before):
                    told.add(role)
                    nearest_daily = starts[place - 1] if role == "daily" else nearest_daily
        complete = [o.start for o in group if o.total is not None and o.delta is not None]
        if max((at for at in complete if at < before), default=-1) > nearest_daily:
            return "total"
        if "daily" not in told:
            return "total" if told or complete else "unclear"
        until = self._lines[item.line].sentence(item.start)[1]
        between = [o for o in group if nearest_daily < o.start < until]
        impossible = any(self._all.lexicon.beyond_a_day(o.categories, o.total) for o in between)
        if "total" in told:
            return "total" if impossible else "unclear"
        return "unclear" if impossible or item.approximate else "daily"

    def _context(self, index: int) -> dict[Role, list[int]]:
        """The offsets of the cues of a line that are no asides, by role; looked up once a line."""
        if index not in self._contexts:
            context: dict[Role, list[int]] = {"daily": [], "total": []}
            for start, end in self._lines[index].sentences:
                for at, role in self._without_aside(index, start, end):
                    context[role].append(at)
            self._contexts[index] = context
        return self._contexts[index]

    def _without_aside(self, index: int, start: int, end: int) -> list[tuple[int, Role]]:
        """The cues of a sentence; "including 350 over the past day" is an aside and none."""
        aside = self._all.including.search(start, end)
        stop = aside.start() if aside else end
        cues = self._between(index, start, end)
        return [(at, role) for at, role in cues if role == "total" or at < stop]

    def _between(self, index: int, start: int, end: int) -> list[tuple[int, Role]]:
        """The cues of a line between two offsets."""
        cues = self._cues(index)
        return cues[bisect_left(cues, (start,)) : bisect_left(cues, (end,))]

    def _cues(self, index: int) -> list[tuple[int, Role]]:
        if index < 0:
            return []
        if index not in self._known:
            line = self._lines[index]
            found: list[tuple[int, Role]] = [
                (cue.start(), "daily") for cue in self._all.daily.within(line.start, line.end)
            ]
            found += [
                (cue.start(), "total") for cue in self._all.since.within(line.start, line.end)
            ]
            self._known[index] = sorted(found)
        return self._known[index]
