"""Statements: what sentences say of soldiers, in all the wordings that no item tells.

Personnel is the figure that everybody quotes, and it is told rather than listed: "the number of
those killed or wounded has risen to about 1,082,990, including 850 in the last day". A number in
the band of the date is its total, whatever the label is called; the delta is what is said of the
last day beside it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flows.parse.blocks import Group
from flows.parse.items.deltas import is_of_hours, read_delta
from flows.parse.items.earlier import without_earlier
from flows.parse.items.line import Masks
from flows.parse.items.numbers import Number, number_words, numbers
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.losses import lead_says_lost, says_lost
from flows.parse.speaker import of_other_war, other_passage
from flows.parse.text.lines import Line
from schemas.envelope import Band

Span = tuple[int, int]

_BLANKS = re.compile(r"[ \t'~]*")
_DIGIT = re.compile(r"\d")
_LARGE = re.compile(r"[0-9](?:[ .,']?[0-9]){3}")
"""Four digits: no total of soldiers has less."""

_ENDS = frozenset("\n.,;:()[]-!?/\t")
"""What may stand behind a number that is no other noun's."""

_QUOTES = tuple("»”\"'’")
"""What stands right behind a number that is quoted: "“about 88,380” have fallen"."""

_LONGEST_ASIDE = 90
"""So far behind its lead, "including", the number of the last day may reach."""

_FEW_BEHIND = 3
"""So many numbers behind an older one are asked whether they have taken its place."""

_ROUGH = 0.03
"""A rounded number may lie so much further outside the band."""

LEAST_A_DAY, MOST_A_DAY = 50, 4000
"""Fewer soldiers are an incident; the most that was ever printed for a day is 3,160."""


class Statement(NamedTuple):
    """A total that a sentence tells, with its delta if one is told beside it.

    `start` and `end` are the offsets of the number; `label` is where what is counted is named, or
    the number itself.
    """

    total: int
    delta: int | None
    approximate: bool
    rounded: bool
    start: int
    end: int
    label: Span


class _Sentence(NamedTuple):
    line: Line
    start: int
    end: int


class StatementReader:
    """Reads the statements of one category that stand in the sentences of one text.

    In the first weeks of the war "in a week" may be said of all that was lost.
    """

    def __init__(
        self,
        matches: LexiconMatches,
        lines: Sequence[Line],
        groups: Sequence[Group],
        masked: Sequence[Span],
        category: str,
        band: Band,
        *,
        is_first_weeks: bool,
    ) -> None:
        self._matches = matches
        self._text = matches.text
        self._category = category
        self._band = band
        self._is_first_weeks = is_first_weeks
        items = [item for group in groups for item, _ in group.items]
        others = [item for item in items if category not in item.categories and item.categories]
        self._taken = Masks((*masked, *((item.start, item.end) for item in others)))
        self._lines = lines
        self._sentences = [_Sentence(line, *span) for line in lines for span in line.sentences]

    def statements(self) -> Iterator[Statement]:
        """Yield the totals that the text tells, in order."""
        for n, sentence in enumerate(self._sentences):
            if not self._may_tell(n):
                continue
            printed = list(self._numbers(sentence.start, sentence.end))
            for place, number in enumerate(printed):
                if self._is_earlier(number, printed[place + 1 : place + 1 + _FEW_BEHIND]):
                    continue
                if (
                    self._is_total(number, sentence)
                    and self._is_own(number, sentence)
                    and self._is_lost(number, n)
                ):
                    yield self._statement(number, n)
                    break

    def _is_earlier(self, number: Number, behind: Sequence[Number]) -> bool:
        """Whether a number is that of a day before: "from 173,360 as of March 31 to 190,510"."""
        value = number.value or 0
        if not any(value < (other.value or 0) < 2 * value for other in behind):
            return False
        return self._matches.as_of.match(self._skip(number.end), len(self._text)) is not None

    def _may_tell(self, n: int) -> bool:
        """Whether a sentence, or the one before it, says that the enemy's losses are counted."""
        sentence, matches = self._sentences[n], self._matches
        start, end = sentence.start, sentence.end
        large = _LARGE.search(self._text, start, end) or matches.scales.any(start, end)
        if not large:
            return False
        before = self._sentences[n - 1].start if n else start
        return any(
            matches.enemy.search(first, end) or matches.bulletin_speaker.search(first, end)
            for first in (start, before)
        )

    def _is_own(self, number: Number, sentence: _Sentence) -> bool:
        """Whether nothing in its sentence says that a number is not the bulletin's."""
        matches, span = self._matches, (sentence.start, sentence.end)
        if of_other_war(matches, *span, is_possible=self._band.holds(number.value or 0)):
            return False
        return self._is_first_weeks or other_passage(matches, *span, number.start) is None

    def _is_lost(self, number: Number, n: int) -> bool:
        """Whether its sentence, or the one before it, says that a number is lost.

        It need not where it says since when is counted, or how many of them are the last day's.
        """
        sentence, matches = self._sentences[n], self._matches
        span = sentence.start, sentence.end
        said = says_lost(matches, span, (number.start, number.end))
        if said is not None:
            return said
        if matches.since.search(*span) or matches.including.search(number.end, sentence.end):
            return True
        delta = read_delta(matches, number.end, sentence.end)
        if delta and delta.value is not None:
            return True
        return lead_says_lost(matches, self._lines, sentence.line.index, span)

    def _numbers(self, start: int, end: int) -> Iterator[Number]:
        """Yield the numbers of a passage that no date and no other category has taken."""
        matches = self._matches
        in_digits: Sequence[Number] = list(numbers(matches, start, end))
        if len(in_digits) > 1:
            in_digits = without_earlier(matches, in_digits, start, end)
        found = sorted((*in_digits, *number_words(matches, start, end)))
        free_from = start
        for number in found:
            if number.start < free_from or number.value is None or is_of_hours(matches, number):
                continue
            free_from = number.end
            if not self._taken.touch(number.start, number.end):
                yield number

    def _is_total(self, number: Number, sentence: _Sentence) -> bool:
        value = number.value or 0
        slack = round(value * _ROUGH) if number.rounded or value % 1000 == 0 else 0
        band = self._band
        if not any(band.holds(other) for other in (value, value - slack, value + slack)):
            return False
        matches, (start, end) = self._matches, (sentence.start, sentence.end)
        told = (
            matches.since.search(start, end)
            or matches.raised_to.search(start, end)
            or self._label_in(start, end)
            or matches.including.search(number.end, end)
        )
        line = sentence.line
        is_quoted = line.text[number.end - line.start :][:1] in _QUOTES
        return bool(told) and (is_quoted or self._stands_alone(number, start, end))

    def _label_in(self, start: int, end: int) -> Span | None:
        """Return where the category is named in a passage; the last place before its end."""
        label = None
        for match in self._matches.labels.within(start, end):
            if self._category in self._matches.lexicon.categories[match.lastgroup]:
                label = match.span()
        return label

    def _stands_alone(self, number: Number, start: int, end: int) -> bool:
        """Whether a number counts nothing that is named behind it but soldiers.

        "1,241,530 shells" are none; where soldiers are named before it, a word may follow.
        """
        matches = self._matches
        place = self._skip(number.end)
        if place >= end or self._text[place] in _ENDS or self._text[place].isdigit():
            return True
        cues = (matches.units, matches.fillers, matches.since, matches.including, matches.daily)
        if any(cue.match(place, end) for cue in cues):
            return True
        label = matches.labels.match(place, end)
        if label:
            return self._category in matches.lexicon.categories[label.lastgroup]
        return self._label_in(start, number.start) is not None or matches.lexicon.language.spaceless

    def _skip(self, offset: int) -> int:
        blanks = _BLANKS.match(self._text, offset)
        return blanks.end() if blanks else offset

    def _statement(self, number: Number, n: int) -> Statement:
        sentence = self._sentences[n]
        start, end = sentence.start, sentence.end
        delta, stop = self._delta(number, n)
        about = self._matches.about.last(max(start, number.start - 40), number.start)
        is_about = about and not self._text[about.end() : number.start].strip(" \t'~")
        sign = self._text[max(number.start - 2, 0) : number.start]
        label = self._label_in(start, end)
        return Statement(
            total=number.value or 0,
            delta=delta,
            approximate=bool(is_about) or number.rounded or "~" in sign,
            rounded=number.rounded,
            start=number.start,
            end=stop,
            label=label or (number.start, number.end),
        )

    def _delta(self, total: Number, n: int) -> tuple[int | None, int]:
        """Return the delta beside a total, and where the passage ends that has both."""
        sentence, matches = self._sentences[n], self._matches
        conceded = matches.concession.search(total.end, sentence.end)
        end = conceded.start() if conceded else sentence.end
        read = read_delta(matches, total.end, end)
        if read and not read.is_total:
            is_older = read.is_bare and (read.value or 0) > MOST_A_DAY
            return None if is_older else read.value, read.end
        lead = matches.including.search(total.end, end)
        if lead:
            for number in self._numbers(lead.end(), min(end, lead.end() + _LONGEST_ASIDE)):
                if self._is_days(number) and self._is_included(number, total, lead.end(), end):
                    return number.value, number.end
        if said := self._said_of_the_day(total, sentence.start, end):
            return said
        if after := self._sentence_after(n):
            for number in self._numbers(after.start, after.end):
                if self._is_days(number) and self._is_of_them(number, after):
                    return number.value, total.end
                break
        return None, total.end

    def _is_included(self, number: Number, total: Number, lead: int, end: int) -> bool:
        """Whether "including" leads to a day's soldiers: no officers, nor a part of other losses.

        "281,700 troops and 316 helicopters, including 60 Ka-52" is neither.
        """
        if self._names_another(total.end, lead) and not self._is_named_behind(number, end):
            return False
        digit = _DIGIT.search(self._text, number.end, end)
        stop = digit.start() if digit else min(end, number.end + _LONGEST_ASIDE)
        cues = (self._matches.daily, self._matches.weekdays)
        spans = ((lead, number.start), (number.end, stop))
        is_daily = any(cue.search(*span) for cue in cues for span in spans)
        return is_daily or self._stands_alone(number, number.start, end)

    def _said_of_the_day(self, total: Number, start: int, end: int) -> tuple[int, int] | None:
        """Read "..., after 550 in the last 24 hours" behind a total, or the one number before it.

        It returns the delta and where the passage ends.
        """
        daily = self._matches.daily
        if not daily.search(start, end):
            return None
        for number in self._numbers(total.end, end):
            if self._names_another(total.end, number.start):
                break
            of_a_day = daily.match(self._skip(number.end), end)
            if of_a_day and number.value and self._is_days(number):
                return number.value, of_a_day.end()
            of_a_day = daily.last(total.end, number.start)
            if of_a_day and self._is_days(number) and self._is_named_behind(number, end):
                return number.value or 0, number.end
            if not of_a_day:
                break
        before = list(self._numbers(start, total.start))
        if len(before) == 1 and before[0].value and self._is_days(before[0]):
            return before[0].value, total.end
        return None

    def _names_another(self, start: int, end: int) -> bool:
        """Whether something else is named in a passage: what follows counts that, or more of it."""
        categories = self._matches.lexicon.categories
        named = (categories[label.lastgroup] for label in self._matches.labels.within(start, end))
        return any(ids and self._category not in ids for ids in named)

    def _is_named_behind(self, number: Number, end: int) -> bool:
        """Whether the category is named right behind a number: "830 men"."""
        label = self._matches.labels.match(self._skip(number.end), end)
        categories = self._matches.lexicon.categories
        return label is not None and self._category in categories[label.lastgroup]

    def _sentence_after(self, n: int) -> _Sentence | None:
        """Return the next sentence, or the one behind it where that has no number."""
        following = self._sentences[n + 1 : n + 3]
        if following and not _DIGIT.search(self._text, following[0].start, following[0].end):
            following = following[1:]
        return following[0] if following else None

    def _is_days(self, number: Number) -> bool:
        return LEAST_A_DAY <= (number.value or 0) <= MOST_A_DAY

    def _is_of_them(self, number: Number, sentence: _Sentence) -> bool:
        """Whether a number of the next sentence is that of the last day: "200 of them fell"."""
        matches = self._matches
        risen = matches.risen_by.last(sentence.start, number.start)
        if risen and not self._text[risen.end() : number.start].strip():
            return True
        cues = (matches.daily, matches.weekdays)
        if not any(cue.search(sentence.start, sentence.end) for cue in cues):
            return False
        place = self._skip(number.end)
        behind = matches.including.match(place, sentence.end)
        before = matches.including.last(sentence.start, number.start)
        label = matches.labels.match(place, sentence.end)
        named = label and self._category in matches.lexicon.categories[label.lastgroup]
        return bool(behind or before or named)


def most_exact(told: Sequence[Statement]) -> Statement:
    """Return the statement that is printed most exactly; of equals one with a delta, the first."""
    finest = [s for s in told if not any(rounds(s.total, other.total) for other in told)]
    return max(finest or told, key=lambda s: (not s.rounded, s.delta is not None))


def rounds(rounder: int, finer: int) -> bool:
    """Whether a number is another one, rounded: 230,000 and 230,260."""
    if rounder == finer:
        return False
    unit = int("1" + "0" * (len(str(rounder)) - len(str(rounder).rstrip("0"))))
    return finer % unit != 0 and abs(rounder - finer) < unit
