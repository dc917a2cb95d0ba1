"""What can be asked of one line while its items are read."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from flows.parse.items.deltas import Delta, read_delta
from flows.parse.items.item import Item
from flows.parse.items.numbers import Number, numbers, read_number
from flows.parse.lexicon.matches import LexiconMatches, MatchPositions
from flows.parse.text.lines import Line
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

LONGEST_GAP = 60
"""How many characters may part what belongs together, with few exceptions.

Labels have up to 61 letters; between two figures of a bulletin are 2 characters in the median.
"""

YEARS = range(2014, 2100)
"""A year before a number does not damage it: "2022 4823"; the aggression began in 2014."""

LONGEST_RAISE = 140
"""How many may stand between a daily number and its total, "bringing the total number to"."""

DASHED = re.compile(r"[:\t|=]|-(?=[ \t\d(])|[ \t]-")
"""What parts a label from its number in a list: a colon, a cell, a dash that is no hyphen."""

_BLANKS = frozenset(" \t'")
"""Blanks, and the quotes that some put around labels."""

_BULLET = re.compile(r"[ \t]*(?:[^\w\n(+]{1,3}[ \t]*)?")
"""What a line of a list starts with: "- ", "• ", "▪️"."""

_GLUE = re.compile(r"[ \t:=|~\-]*(?:\([^()\d\n+]{0,60}\)[ \t:=|~\-]*)?")
"""Blanks and dashes, and a remark in parentheses without a number: "MLRS (Grad) - 808"."""

_TRANSLATED = re.compile(r"[^\W\d]{2,12} ?/(?= ?[^\W\d])")
"""A word and a slash, before its translation: "personnel - ca. / about 280470"."""

_CLOSED = re.compile(r"[(\[][^()\[\]\n]{1,60}[)\]]")
"""A short remark in brackets."""

_LEAST_TOTAL = 20
"""Below it a day may have brought about most of a total."""

_SHORTEST_LEAD = 3
"""No word that leads to a number is shorter: "out of", "plus", the Czech "na" and a blank."""

_EMPTY_DELTA = BulletinWarning(
    BulletinWarningCode.DELTA_EMPTY, "an empty (+) is printed for its delta"
)

_DIGIT = re.compile(r"\d")  # normalized: 0 to 9

Categories = tuple[str, ...]
Span = tuple[int, int]


def no_delta(printed: str) -> BulletinWarning:
    """Return the remark on a delta without a value: an empty "(+)", or one another number."""
    if not _DIGIT.search(printed):
        return _EMPTY_DELTA
    text = f"{printed!r} after it is no day's losses"
    return BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, text)


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


class LineReader:
    """One line of a normalized text with the matches of a language.

    `masked` are the spans that count nothing (dates, day numbers); `head` is where its words
    start, behind a bullet.
    """

    __slots__ = ("end", "head", "line", "masked", "matches", "start", "text")

    def __init__(self, line: Line, matches: LexiconMatches, masked: Masks) -> None:
        self.line = line
        self.start, self.end = line.start, line.end
        self.matches = matches
        self.text = matches.text
        self.masked = masked
        bullet = _BULLET.match(self.text, self.start, self.end)
        self.head = bullet.end() if bullet else self.start

    def is_free(self, offset: int) -> bool:
        """Whether no date or day number covers an offset."""
        return not self.masked.touch(offset, offset + 1)

    def categories(self, label: re.Match[str]) -> Categories:
        """Return what a label may stand for; nothing for an exclusion."""
        return self.matches.lexicon.categories[label.lastgroup]

    def skip_blanks(self, offset: int) -> int:
        """Return where the blanks after an offset end."""
        text, end = self.text, self.end
        while offset < end and text[offset] in _BLANKS:
            offset += 1
        return offset

    def is_glued(self, start: int, end: int) -> bool:
        """Whether only dashes, blanks, "about", units and fillers stand between two offsets."""
        matches = self.matches
        while start < end:
            glue = _GLUE.match(self.text, start, end)
            after = glue.end() if glue else start
            if after < end:
                word = (
                    matches.about.match(after, end)
                    or matches.units.match(after, end)
                    or matches.fillers.match(after, end)
                    or _TRANSLATED.match(self.text, after, end)
                )
                after = word.end() if word else after
            if after == start:
                return False
            start = after
        return True

    def is_glued_or_dated(self, start: int, end: int) -> bool:
        """Whether only glue stands between, or a date with glue around it."""
        date = self.masked.first_inside(start, end)
        return self.is_glued(date[1] if date else start, end)

    def starts_line(self, offset: int) -> bool:
        """Whether only a bullet, and "about", stand before an offset in the line."""
        if self.head >= offset:
            return True
        about = self.matches.about.match(self.head, offset)
        return bool(about and not self.text[about.end() : offset].strip(" ~"))

    def is_listed(self, label: Span, end: int) -> bool:
        """Whether the line starts with the label, and a dash parts it from what is at `end`."""
        return (
            end - label[1] <= LONGEST_GAP
            and self.starts_line(label[0])
            and bool(DASHED.search(self.text, label[1], end))
            and "," not in self.text[label[1] : end]
        )

    def says_about(self, start: int, end: int) -> bool:
        """Whether "about" stands between two offsets."""
        return "~" in self.text[start:end] or bool(self.matches.about.search(start, end))

    def says_about_before(self, number: Number, free_from: int) -> bool:
        """Whether "about" stands right before a number; what is before `free_from` is another's."""
        start = max(free_from, number.start - LONGEST_GAP)
        if self.text[start : number.start].rstrip()[-1:] == "~":
            return True
        last = self.matches.about.last(start, number.start)
        return last is not None and not self.text[last.end() : number.start].strip()

    def lead(self, cue: MatchPositions, start: int, number: Number) -> int | None:
        """Return where the last such cue before a number ends."""
        if number.start - start < _SHORTEST_LEAD:
            return None
        last = cue.last(max(start, number.start - 2 * LONGEST_RAISE), number.start)
        return last.end() if last else None

    def delta(self, offset: int) -> Delta | None:
        """Read the delta at an offset."""
        return read_delta(self.matches, offset, self.end)

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
        total, change, remark = number.value, None, None
        if delta:
            change, behind = delta.value, end
            end = end if early else delta.end
            if delta.is_total:
                total, change = change, total
            if delta.is_bare and self.is_a_total_before(categories, total, change):
                delta, change = delta._replace(value=None), None
            if delta.value is None:
                remark = no_delta(self.text[behind : delta.end].strip())
        else:
            near = self.text[end : end + 2]
            if "(" in near or "[" in near:
                remark = self._left_in_brackets(end)
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
            problem=number.problem or remark,
        )

    def is_a_total_before(
        self, categories: Categories, total: int | None, other: int | None
    ) -> bool:
        """Whether a number beside a total is no day's losses but the total of the day before."""
        if total is None or other is None:
            return False
        is_most = total >= _LEAST_TOTAL and 2 * other > total
        return is_most or self.matches.lexicon.beyond_a_day(categories, other)

    def _left_in_brackets(self, start: int) -> BulletinWarning | None:
        """Return a remark on a number in brackets right behind a figure: it may have been a delta.

        "4,823 tanques (2)"; a date, a year, "(T-72)" is none.
        """
        place = self.skip_blanks(start)
        close = _CLOSED.match(self.text, place, self.end)
        if close is None:
            return None
        found = numbers(self.matches, place + 1, close.end())
        counts = (n for n in found if n.value not in YEARS and self.text[n.start - 1] != "-")
        if not any(self.is_free(n.start) for n in counts):
            return None
        text = f"{self.text[place : close.end()]!r} after it is not understood"
        return BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, text)

    def _total_in_brackets(
        self, number: Number, categories: Categories, start: int
    ) -> Delta | None:
        """Read "44 artillery systems (6,910)": 6,910 is beyond any day's losses, 44 is not."""
        if not self.text.startswith(" (", start):
            return None
        inner = read_number(self.matches, start + 2, self.end)
        beyond = self.matches.lexicon.beyond_a_day
        if inner is None or not self.text.startswith(")", inner.end):
            return None
        if beyond(categories, number.value) or not beyond(categories, inner.value):
            return None
        return Delta(inner.value, inner.end + 1, is_total=True, approximate=inner.rounded)

    def label_alone(self, label: Span, categories: Categories, end: int) -> Item:
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
