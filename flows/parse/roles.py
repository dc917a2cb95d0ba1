"""Roles: whether a bare number is a total or one day's losses, by wording and never by size."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal, TypeAlias

from flows.parse.items.item import FEWEST_CATEGORIES, Item
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line

Role: TypeAlias = Literal["total", "daily", "unclear"]
_Cue: TypeAlias = tuple[int, Role]
"""Where a cue starts, and the role that it gives a number."""

_LINES_OF_CONTEXT = 3
"""So many lines above the number may say what it is: a title, a lead and a sentence between."""

_NEAR = 25
"""So near behind the last item a cue is about the items, commas or not."""

_MOST_BESIDE = 300
"""More items side by side are no bulletin: what is said of each is not weighed against all."""

_RUN = re.compile(r",?[ \t]*(?:[^\W\d]{1,3}[ \t]+)?")
"""What stands between the items of a run: a comma, a short "and"."""

_BLANKS = re.compile(r"[ \t]*")  # between a number and "in total"

_WORDS_OF_A_VERB = 3
"""So many words say what became of soldiers: "have been eliminated"."""

_WORDS = re.compile(r"[^\W\d_]+")

_VERBS = re.compile(r"[^\d,.;:()\n]{0,25}")
"""A few words between a number and "over the past day": "820 were killed"."""


class Roles:
    """Tells the role of the items of one text. Cues are looked up once a line."""

    def __init__(self, lines: Sequence[Line], matches: LexiconMatches) -> None:
        self._text = matches.text
        self._lines = lines
        self._matches = matches
        self._cues_of_lines: dict[int, list[_Cue]] = {}
        self._contexts: dict[int, dict[Role, list[int]]] = {}

    def of(self, item: Item, group: Sequence[Item]) -> Role:
        """Return the role of the first number of an item; `group` are the items beside it.

        What no day's losses can be is never taken for them.
        """
        role = self._by_wording(item, group)
        beyond = role == "daily" and self._matches.lexicon.beyond_a_day(item.categories, item.total)
        return "unclear" if beyond else role

    def _by_wording(self, item: Item, group: Sequence[Item]) -> Role:
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
            return self._in_list(item, group)
        start, end = self._lines[item.line].sentence(item.start)
        beside = [other for other in group if start <= other.start < end]
        cues = [
            (place, role)
            for place, role in self._between(item.line, start, end)
            if not any(o.start <= place < o.end for o in group)
        ]
        return self._by_sentence(item, beside, cues) or self._by_context(item, group, start)

    def _by_sentence(self, item: Item, beside: Sequence[Item], cues: Sequence[_Cue]) -> Role | None:
        """Return the role by the nearest cue before; where the cues trail, by the next one."""
        before = [role for place, role in cues if place < item.start]
        following = [other.start for other in beside if other.start > item.start]
        own = [role for place, role in cues if item.end <= place < min(following, default=item.end)]
        leads = any(place < beside[0].start for place, _ in cues)
        if own and not leads:
            return own[0]
        if adjoining := self._adjoining(item, beside, cues):
            return adjoining
        if before:
            return before[-1]
        after = [cue for cue in cues if cue[0] > item.start]
        if after and self._is_about_items(beside[-1].end, after[0][0]):
            return after[0][1]
        return None

    def _adjoining(self, item: Item, beside: Sequence[Item], cues: Sequence[_Cue]) -> Role | None:
        """Return the role of a cue right after a number, or after a run of them.

        "820 were killed over the past day", "18 tanks, 26 vehicles and 21 guns in one day".
        """
        end = item.end
        for place, role in cues:
            if place < end:
                continue
            for other in beside:
                if end <= other.start < place and _RUN.fullmatch(self._text, end, other.start):
                    end = other.end
            between = _VERBS if role == "daily" else _BLANKS
            return role if between.fullmatch(self._text, end, place) else None
        return None

    def _is_about_items(self, last: int, cue: int) -> bool:
        """Whether a cue after the last item of a sentence is about the items: no clause between."""
        between = self._text[last:cue]
        return len(between) <= _NEAR or not ("," in between or ";" in between)

    def _in_list(self, item: Item, group: Sequence[Item]) -> Role:
        """A list holds totals, unless its lead-in is about the last day and no item has a delta.

        Soldiers that a single day may have cost stand there for the day where the others print
        totals and deltas.
        """
        if self._is_of_one_day(item, group):
            return "daily" if self._ends_its_sentence(item) else "unclear"
        first = group[0]
        lead = [cue for cue in self._cues(first.line) if cue[0] < first.start]
        lead = lead or self._last_sentence(first.line - 1)
        daily = self._lead_is_daily(lead, first.start) and all(i.delta is None for i in group)
        return "daily" if daily else "total"

    def _lead_is_daily(self, lead: Sequence[_Cue], end: int) -> bool:
        """Whether the cues of a lead-in are of the last day, but for a verb that ends it.

        "Losses over the past day amounted to:" sums up a day.
        """
        roles = [role for _, role in lead]
        if roles != ["daily", "total"]:
            return bool(roles) and "total" not in roles
        verb = self._matches.since.match(lead[1][0], end)
        return verb is not None and not self._text[verb.end() : end].strip(" \t\n:-")

    def _is_of_one_day(self, item: Item, group: Sequence[Item]) -> bool:
        """Whether an item can be no total, and most of those beside it print their deltas."""
        if not self._matches.lexicon.below_any_total(item.categories, item.total):
            return False
        complete = sum(other.delta is not None for other in group)
        return complete >= FEWEST_CATEGORIES and 2 * complete > len(group)

    def _ends_its_sentence(self, item: Item) -> bool:
        """Whether no more than a verb follows: "820 soldiers were liquidated".

        "Some 17 people came to the square" is a sentence of its own, on whatever it is about. So
        is "17 people gathered": where anybody may be counted, none follows that is no unit.
        """
        _, end = self._lines[item.line].sentence(item.start)
        units = self._matches.units
        anybody = units.match(*item.label)
        most = 0 if anybody and anybody.end() == item.label[1] else _WORDS_OF_A_VERB
        words, place = 0, item.end
        while word := _WORDS.search(self._text, place, end):
            unit = units.match(word.start(), end)
            words += unit is None
            place = (unit or word).end()
        return words <= most

    def _last_sentence(self, index: int) -> list[_Cue]:
        if index < 0 or "\t" in self._lines[index].text:
            return []  # the header of a table names its columns, not the rows
        start = self._lines[index].sentences[-1][0]
        return [cue for cue in self._cues(index) if cue[0] >= start]

    def _by_context(self, item: Item, group: Sequence[Item], before: int) -> Role:
        """Return the role that the sentences before give; "unclear" where none does.

        Beside items that print their deltas a bare number is a total whose delta is left out. Where
        the sentences before speak of both, only what is impossible decides: no size is guessed.
        """
        roles: set[Role] = set()
        nearest_daily = -1
        for index in range(max(item.line - _LINES_OF_CONTEXT, 0), item.line + 1):
            for role, starts in self._context(index).items():
                if place := bisect_left(starts, before):
                    roles.add(role)
                    nearest_daily = starts[place - 1] if role == "daily" else nearest_daily
        complete = [o.start for o in group if o.total is not None and o.delta is not None]
        if max((start for start in complete if start < before), default=-1) > nearest_daily:
            return "total"
        if "daily" not in roles:
            return "total" if roles or complete else "unclear"
        until = self._lines[item.line].sentence(item.start)[1]
        between = [o for o in group if nearest_daily < o.start < until]
        beyond_a_day = self._matches.lexicon.beyond_a_day
        impossible = any(beyond_a_day(o.categories, o.total) for o in between)
        if "total" in roles:
            return "total" if impossible else "unclear"
        return "unclear" if impossible or item.approximate else "daily"

    def _context(self, index: int) -> dict[Role, list[int]]:
        """The offsets of the cues of a line that are no asides, by role; looked up once a line."""
        if index not in self._contexts:
            context: dict[Role, list[int]] = {"daily": [], "total": []}
            for start, end in self._lines[index].sentences:
                for place, role in self._without_aside(index, start, end):
                    context[role].append(place)
            self._contexts[index] = context
        return self._contexts[index]

    def _without_aside(self, index: int, start: int, end: int) -> list[_Cue]:
        """The cues of a sentence; "including 350 over the past day" is an aside and none."""
        cues = self._between(index, start, end)
        if not cues:
            return cues
        aside = self._matches.including.search(start, end)
        stop = aside.start() if aside else end
        return [(place, role) for place, role in cues if role == "total" or place < stop]

    def _between(self, index: int, start: int, end: int) -> list[_Cue]:
        """The cues of a line between two offsets."""
        cues = self._cues(index)
        if not cues:
            return cues
        return cues[bisect_left(cues, (start,)) : bisect_left(cues, (end,))]

    def _cues(self, index: int) -> list[_Cue]:
        if index < 0:
            return []
        if index not in self._cues_of_lines:
            line, matches = self._lines[index], self._matches
            cues: list[_Cue] = []
            if matches.daily.any(line.start, line.end):
                cues += [(c.start(), "daily") for c in matches.daily.within(line.start, line.end)]
            if matches.since.any(line.start, line.end):
                cues += [(c.start(), "total") for c in matches.since.within(line.start, line.end)]
            self._cues_of_lines[index] = sorted(cues)
        return self._cues_of_lines[index]
