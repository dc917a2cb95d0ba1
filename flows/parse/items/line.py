"""Sights: what can be asked of one line while its items are read."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from flows.parse.items.deltas import Delta, read_delta
from flows.parse.items.item import Item
from flows.parse.items.numbers import Number, read_number
from flows.parse.lexicon.matches import Cues, Places
from flows.parse.text.lines import Line
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

LONGEST_GAP = 60
"""How many characters may part what belongs together, with few exceptions."""

LONGEST_RAISE = 140
"""How many may stand between a daily number and its total, "bringing the total number to"."""

DASHED = re.compile(r"[:\t|=]|-(?=[ \t\d(])|[ \t]-")
_BLANKS = re.compile(r"[ \t']*")
_BULLET = re.compile(r"[ \t]*(?:[^\w\n(+]{1,3}[ \t]*)?")
_GLUE = re.compile(r"[ \t:=|~\-]*(?:\([^()\d\n+]{0,60}\)[ \t:=|~\-]*)?")
_SHORTEST_LEAD = 3

_EMPTY_DELTA = BulletinWarning(
    BulletinWarningCode.DELTA_EMPTY, "an empty (+) is printed for its delta"
)

Categories = tuple[str, ...]
Span = tuple[int, int]


class Masks:
    """The spans of a text that count nothing: its dates and day numbers, in order."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        self._reach = list(accumulate((end for _, end in self._spans), max))

    def touch(self, start: int, end: int) -> bool:
        """Whether a span covers any of the text between two offsets."""
        place = bisect_left(self._starts, end)
        return place > 0 and self._reach[place - 1] > start

    def first_inside(self, start: int, end: int) -> Span | None:
        """Return the first span that lies between two offsets."""
        for place in range(bisect_left(self._starts, start), len(self._spans)):
            if self._starts[place] >= end:
                return None
            if self._spans[place][1] <= end:
                return self._spans[place]
        return None


class Sight:
    """One line of a folded text with the cues of a language.

    `masked` are the spans that count nothing (dates, day numbers); `head` is where its words
    start, behind a bullet.
    """

    __slots__ = ("cues", "end", "head", "line", "masked", "start", "text")

    def __init__(self, line: Line, cues: Cues, masked: Masks) -> None:
        self.line = line
        self.start, self.end = line.start, line.end
        self.cues = cues
        self.text = cues.text
        self.masked = masked
        bullet = _BULLET.match(self.text, self.start, self.end)
        self.head = bullet.end() if bullet else self.start

    def free(self, at: int) -> bool:
        """Whether no date or day number covers an offset."""
        return not self.masked.touch(at, at + 1)

    def categories(self, label: re.Match[str]) -> Categories:
        """Return what a label may stand for; nothing for an exclusion."""
        return self.cues.lexicon.categories[label.lastgroup]

    def blanks(self, at: int) -> int:
        """Return where the blanks after an offset end."""
        found = _BLANKS.match(self.text, at, self.end)
        return found.end() if found else at

    def glued(self, start: int, end: int) -> bool:
        """Whether only dashes, blanks, "about", units and fillers stand between two offsets."""
        cues, at = self.cues, start
        while at < end:
            step = _GLUE.match(self.text, at, end)
            after = step.end() if step else at
            if after < end:
                word = (
                    cues.about.match(after, end)
                    or cues.units.match(after, end)
                    or cues.fillers.match(after, end)
                )
                after = word.end() if word else after
            if after == at:
                return False
            at = after
        return True

    def glued_or_dated(self, start: int, end: int) -> bool:
        """Whether only glue stands between, or a date with glue around it."""
        inside = self.masked.first_inside(start, end)
        return self.glued(inside[1] if inside else start, end)

    def starts_line(self, at: int) -> bool:
        """Whether only a bullet, and "about", stand before an offset in the line."""
        if self.head >= at:
            return True
        about = self.cues.about.match(self.head, at)
        return bool(about and not self.text[about.end() : at].strip(" ~"))

    def listed(self, label: Span, end: int) -> bool:
        """Whether the line starts with the label, and a dash parts it from what is at `end`."""
        return (
            end - label[1] <= LONGEST_GAP
            and self.starts_line(label[0])
            and bool(DASHED.search(self.text, label[1], end))
            and "," not in self.text[label[1] : end]
        )

    def about(self, start: int, end: int) -> bool:
        """Whether "about" stands between two offsets."""
        return "~" in self.text[start:end] or bool(self.cues.about.search(start, end))

    def about_before(self, number: Number, taken: int) -> bool:
        """Whether "about" stands right before a number; what is before `taken` is another's."""
        start = max(taken, number.start - LONGEST_GAP)
        if self.text[start : number.start].rstrip().endswith("~"):
            return True
        last = self.cues.about.last(start, number.start)
        return last is not None and not self.text[last.end() : number.start].strip()

    def lead(self, cue: Places, start: int, number: Number) -> int | None:
        """Return where the last such cue before a number ends."""
        if number.start - start < _SHORTEST_LEAD:
            return None
        last = cue.last(max(start, number.start - 2 * LONGEST_RAISE), number.start)
        return last.end() if last else None

    def delta(self, at: int) -> Delta | None:
        """Read the delta at an offset."""
        return read_delta(self.cues, at, self.end)

    def item(
        self,
        start: int,
        number: Number,
        label: Span,
        categories: Categories,
        *,
        about: bool = False,
        early: Delta | None = None,
    ) -> Item:
        """Return the item of a number and a label that starts at `start`, its delta read.

        `early` is the delta that stands between the number and the label.
        """
        end = max(number.end, label[1] if label[0] > number.start else 0)
        delta = early or self.delta(end) or self._total_in_brackets(number, categories, end)
        if delta and not early:
            end = delta.end
        total, change = number.value, delta.value if delta else None
        if delta and delta.is_total:
            total, change = change, total
        return Item(
            categories=categories,
            label=label,
            total=total,
            delta=change,
            approximate=about or number.rounded or bool(delta and delta.approximate),
            rounded=number.rounded,
            start=start,
            end=end,
            top=self.line.index,
            line=self.line.index,
            listed=self.starts_line(start),
            problem=number.problem or _empty(delta),
        )

    def _total_in_brackets(self, number: Number, categories: Categories, at: int) -> Delta | None:
        """Read "44 artillery systems (6,910)": 6,910 is beyond any day's losses, 44 is not."""
        if not self.text.startswith(" (", at):
            return None
        inner = read_number(self.cues, at + 2, self.end)
        beyond = self.cues.lexicon.beyond_a_day
        if inner is None or not self.text.startswith(")", inner.end):
            return None
        if beyond(categories, number.value) or not beyond(categories, inner.value):
            return None
        return Delta(inner.value, inner.end + 1, is_total=True, approximate=inner.rounded)

    def alone(self, label: Span, categories: Categories, end: int) -> Item:
        """Return an item of a label without a total, up to `end`."""
        return Item(
            categories=categories,
            label=label,
            total=None,
            delta=None,
            approximate=False,
            rounded=False,
            start=label[0],
            end=end,
            top=self.line.index,
            line=self.line.index,
            listed=self.starts_line(label[0]),
        )


def _empty(delta: Delta | None) -> BulletinWarning | None:
    return _EMPTY_DELTA if delta and delta.value is None else None
