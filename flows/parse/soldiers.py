"""Soldiers: whether a number of people in a sentence is that of the enemy's losses.

Others lose soldiers, too; and an army has, sends and calls up more than it loses.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from flows.parse.items.item import Item
from flows.parse.losses import lead_says_lost, says_lost
from flows.parse.page import PageReading
from flows.parse.roles import Role
from flows.parse.settle import Bands
from flows.parse.speaker import of_other_war, other_passage
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_ROUND = 1000
_ROUGH = 0.03
"""A multiple of a thousand may be so much off: "over 300,000"."""


class Soldiers:
    """Judges the items of approximate categories of one reading, for one report date."""

    def __init__(self, reading: PageReading, bands: Bands, by_envelope: frozenset[int]) -> None:
        self._reading = reading
        self._bands = bands
        self._by_envelope = by_envelope
        self._equipment: dict[int, frozenset[tuple[int, int]]] = {}

    def are_counted(self, item: Item) -> bool:
        """Whether an item is of an approximate category."""
        return len(item.categories) == 1 and item.categories[0] in self._bands.registry.approximate

    def judged(self, item: Item) -> tuple[bool, BulletinWarning | None]:
        """Return whether a total may be the enemy's, and a remark where it may not.

        What is rounded may lie a little outside the envelope. Beside other figures of the bulletin,
        with a delta, or where "since" is said and Ukraine is not the one that lost, it is one of
        them, be it misprinted.
        """
        sentence, matches = self._sentence(item), self._reading.matches
        band, total = self._bands.of(item), item.total or 0
        holds = band is None or band.holds(total)
        if of_other_war(matches, *sentence, is_possible=holds):
            return False, None
        is_whole = item.delta is not None and not (band and band.is_far_below(total))
        if not is_whole and not item.listed and self._are_only_there(item):
            return False, self._remark(item, "is not taken, nothing says that they are lost")
        if is_whole or sentence in self._sentences_of_equipment(item.line):
            return True, None
        if matches.since.search(*sentence) and not self._names_ukraine(sentence):
            return True, None
        slack = total * _ROUGH if item.approximate or total % _ROUND == 0 else 0
        if band is None or band.low - slack <= total <= band.high + slack:
            return True, None
        day = self._bands.report_date
        return False, self._remark(item, f"is not taken, no total of {day} can be that")

    def _remark(self, item: Item, why: str) -> BulletinWarning:
        label = self._reading.page.text[slice(*item.label)].strip()
        text = f"{label}: {item.total} {why}"
        return BulletinWarning(BulletinWarningCode.OUTSIDE_ENVELOPE, text)

    def _are_only_there(self, item: Item) -> bool:
        """Whether a sentence says that people are deployed or called up, or not what they are.

        Beside other figures, or where it says since when is counted, it need not say that they are
        lost; nor where what leads to it says so, and counts nothing itself.
        """
        sentence, matches = self._sentence(item), self._reading.matches
        said = says_lost(matches, sentence, (item.start, item.end))
        if said is not None:
            return not said
        if sentence in self._sentences_of_equipment(item.line) or matches.since.search(*sentence):
            return False
        return not lead_says_lost(matches, self._reading.lines, item.line, sentence)

    def are_lost_in_a_day(self, item: Item) -> bool:
        """Whether a day's number of soldiers is not that of those who were sent or called up."""
        return item.listed or not self._are_only_there(item)

    def _sentences_of_equipment(self, line: int) -> frozenset[tuple[int, int]]:
        """Return the sentences of a line that count something else than soldiers."""
        if line not in self._equipment:
            items = (i for i in self._items_by_line.get(line, ()) if i.categories)
            self._equipment[line] = frozenset(
                self._sentence(i) for i in items if not self.are_counted(i)
            )
        return self._equipment[line]

    @cached_property
    def _items_by_line(self) -> Mapping[int, Sequence[Item]]:
        by_line: dict[int, list[Item]] = {}
        for group in self._reading.groups:
            for item, _ in group.items:
                by_line.setdefault(item.line, []).append(item)
        return by_line

    def _names_ukraine(self, sentence: tuple[int, int]) -> bool:
        """Whether a sentence names Ukraine, other than as the one who reports."""
        matches = self._reading.matches
        speakers = [speaker.span() for speaker in matches.bulletin_speaker.within(*sentence)]
        return any(
            not any(a <= name.start() < b for a, b in speakers)
            for name in matches.ukraine.within(*sentence)
        )

    def may_be_enemys(self, item: Item) -> bool:
        """Whether a number in digits counts the enemy's: "one soldier" is no day's losses."""
        digits = any(c.isdigit() for c in self._reading.text[item.start : item.end])
        return digits and (item.listed or self._is_about_enemy(item))

    def is_total(self, item: Item, role: Role) -> bool:
        """Whether soldiers are counted up, by a cue; in the title, by a number beyond any day's.

        A text of one paragraph is its own title: 12,000 that were sent somewhere are no total.
        """
        if role == "total" and item.start in self._by_envelope:
            return True
        if role == "total":
            since = self._reading.matches.since
            return item.delta is not None or bool(since.search(*self._sentence(item)))
        beyond = self._reading.lexicon.beyond_a_day(item.categories, item.total)
        band = self._bands.of(item)
        beyond = beyond and not (band and band.is_far_below(item.total or 0))
        return role == "unclear" and item.line <= self._reading.title and beyond

    def _is_about_enemy(self, item: Item) -> bool:
        """Whether the sentence, or the line before it, names whose losses are counted."""
        matches, sentence = self._reading.matches, self._sentence(item)
        start = self._reading.lines[max(item.line - 1, 0)].start
        names = matches.enemy.search(start, item.end) or matches.enemy.search(*sentence)
        return bool(names) and not other_passage(matches, *sentence, item.start)

    def _sentence(self, item: Item) -> tuple[int, int]:
        return self._reading.lines[item.line].sentence(item.start)
