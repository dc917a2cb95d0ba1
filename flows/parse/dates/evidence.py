"""Evidence: which of the printed dates and war days say what report date a text is as of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from flows.parse.dates.printed import PrintedDate
from flows.parse.lexicon.matches import LexiconMatches, MatchPositions
from flows.parse.text.lines import Line
from schemas.records import WAR_START, date_of_war_day

LATE = timedelta(days=3)
"""How long after the report date slow outlets still publish a bulletin as the day's."""

_LONGEST_PERIOD = 25
"""So much stands between the dates of "from 24.02.22 to 09.10.23", be it "(inclusive) up until"."""

_BEFORE_DATE = 40
"""So far before a date its cue begins: "as of the early morning on Monday, "."""

_SENTENCE = 1_500
"""So far to either side of a date its sentence is looked at; the longest have some 600."""

MOST_DATES = 400
"""Dates of a text that are weighed; a month's chronicle has some 60."""

_STRONG_CUE = 3
"""A longer cue dates a text anywhere ("as of"); a shorter one ("to") is good for a title alone."""

_DATELINE = 40
"""A line with more letters than this beside its date is a sentence; a place and a time have 30."""

_TIMED = 8
"""A title with fewer letters is no title, but when the text was published."""

_EARLIER = re.compile(r"(\d[\d ,.']*\d)[ ,(]*\Z")
_LATER = re.compile(r"[ ,)]*(?:[^\W\d]{1,6}[ ,]+){1,4}(\d[\d ,.']*\d)(?!\w)")
"""A number right before a date's cue, and one a few short words behind the date."""

_METADATA = re.compile(r"\s*(?:[^\W\d]{1,12}:?\s+)?\d{4}-\d\d-\d\d(?=\s)")
"""`date 2023-10-09` that a text begins with: when it was published, as feeds and exports say."""

Place: TypeAlias = Literal["list", "title", "dateline", "lead", "text"]
"""Where a passage stands: in what opens the list of the bulletin; in the title; alone in a line
below it; without a cue in the line below it, where it may be the day of the losses; elsewhere."""

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one passage says of the report date, and where it stands.

    `day` is the printed war day, if it is one; `other` the date with its month read first, where
    nothing says which of the two is meant.
    """

    text: str
    report_date: date
    place: Place
    day: int | None = None
    other: date | None = None


def find_evidence(
    page: str,
    matches: LexiconMatches,
    lines: Sequence[Line],
    dates: Sequence[PrintedDate],
    days: Sequence[tuple[int, int, int]],
    published: date | None,
    title: int,
    opening: Span,
) -> list[Evidence] | None:
    """Return each passage that says which report date the text is as of.

    `page` is the text as printed, `title` the number of the line that is the title, `opening` what
    opens the list. Dates elsewhere in the prose say nothing. None where more dates are printed
    than any text of a bulletin has: which of them counts takes time for each pair of them.
    """
    if len(dates) > MOST_DATES:
        return None
    head = _Head.of(matches, lines, title, opening)
    heading = [span for span in days if head.start <= span[0] < head.end]
    evidence = [
        Evidence(page[start:end].strip(), date_of_war_day(number), head.place(start), number)
        for start, end, number in heading or _near(days, published)
    ]
    if published and any(abs(e.report_date - published) > LATE for e in evidence):
        head = replace(head, is_dated=False)  # two days that contradict each other
    named = [e.report_date for e in evidence] + ([published] if published else [])
    named += [
        day
        for p in dates
        if p.year and not p.is_ambiguous and (day := p.in_year(p.year)) and day > WAR_START
    ]
    known = tuple(dict.fromkeys(named))
    of_dates = (
        _of_date(page, matches, head, dates, index, known, published) for index in range(len(dates))
    )
    return [*evidence, *filter(None, of_dates)]


@dataclass(frozen=True, slots=True)
class _Head:
    """The title with the line below it, and what opens the list, by their offsets.

    `is_dateline`: the line below the title has little but a date; `is_dated`: so has the title,
    which says when the text was published where the publication is known to be of that day.
    """

    start: int
    below: int
    end: int
    opening: Span
    is_dateline: bool
    is_dated: bool

    @classmethod
    def of(
        cls, matches: LexiconMatches, lines: Sequence[Line], title: int, opening: Span
    ) -> "_Head":
        if not lines:
            return cls(0, 0, 0, opening, False, False)
        first, second = lines[title], lines[min(title + 1, len(lines) - 1)]
        is_dateline = sum(map(str.isalpha, second.text)) < _DATELINE
        is_dated = len(lines) > 1 and sum(map(str.isalpha, first.text)) < _TIMED
        return cls(first.start, first.end, second.end, opening, is_dateline, is_dated)

    def place(self, offset: int) -> Place:
        """Return where an offset stands."""
        if self.opening[0] <= offset < self.opening[1]:
            return "list"
        return "title" if self.start <= offset < self.end else "text"

    def place_of_bare(self, offset: int) -> Place | None:
        """Return where a date without a cue stands; None where such a date says nothing."""
        if self.start <= offset < self.below:
            return "title"
        if self.below <= offset < self.end:
            return "dateline" if self.is_dateline else "lead"
        return None


def _near(
    days: Sequence[tuple[int, int, int]], published: date | None
) -> list[tuple[int, int, int]]:
    """Return the war days in the prose that fit the publication; "20 days of war" is none."""
    return [
        span
        for span in days
        if published is None or abs(date_of_war_day(span[2]) - published) <= LATE
    ]


def _of_date(
    page: str,
    matches: LexiconMatches,
    head: "_Head",
    dates: Sequence[PrintedDate],
    index: int,
    known: Sequence[date],
    published: date | None,
) -> Evidence | None:
    """Return what one printed date says of the report date; None for a date in passing."""
    printed = dates[index]
    if is_war_start(printed) and index + 1 < len(dates) and _is_period(printed, dates[index + 1]):
        return None
    printed, is_open = _read_as(printed, matches.lexicon.language.month_first, known, published)
    as_printed = printed.swapped().in_year(printed.year) if is_open and printed.year else None
    resolved = _resolve(printed, known)
    if resolved is None or resolved.year < WAR_START.year or resolved == WAR_START:
        return None
    if _is_anniversary(printed, resolved, known):
        return None
    if _begins_a_day(page, dates, index, resolved, known):
        return None
    if matches.not_the_bulletin.search(*_sentence_of(matches.text, printed)):
        return None
    cue, shift = _cue_before(matches, head, dates, index)
    if cue is not None and _is_compared(matches.text, cue, printed.end):
        return None
    place = head.place_of_bare(printed.start) if cue is None else head.place(printed.start)
    if place is None:
        return None
    stamped = cue is None and place == "title" and head.is_dated
    if resolved == published and (stamped or _is_metadata(page, printed)):
        place = "dateline"
    start = printed.start if cue is None else cue
    if published is not None and resolved <= published < resolved + shift:
        shift = timedelta(0)  # a date that lies ahead of the publication cannot be meant
    other = None if as_printed is None else as_printed + shift
    return Evidence(page[start : printed.end].strip(), resolved + shift, place, other=other)


def _is_metadata(page: str, printed: PrintedDate) -> bool:
    metadata = _METADATA.match(page)
    return metadata is not None and metadata.end() == printed.end


def _begins_a_day(
    page: str, dates: Sequence[PrintedDate], index: int, resolved: date, known: Sequence[date]
) -> bool:
    """Whether a date is the first of two: "in the 24 hours between July 1 and Sunday July 2"."""
    if index + 1 == len(dates):
        return False
    between = page[dates[index].end : dates[index + 1].start]
    joined = len(between) <= _LONGEST_PERIOD and all(c.isalpha() or c in " -–" for c in between)
    if not joined or not between.strip():
        return False
    return _resolve(dates[index + 1], known) == resolved + timedelta(days=1)


def _is_compared(text: str, cue: int, end: int) -> bool:
    """Whether a date is of an earlier number: "rose from 173,360 as of March 31 to 190,510".

    The date is that of the first number, and the second one is larger, but not twice as large.
    """
    before, after = _EARLIER.search(text, max(cue - _BEFORE_DATE, 0), cue), _LATER.match(text, end)
    if not before or not after:
        return False
    first, second = (int(re.sub(r"\D", "", number[1])) for number in (before, after))
    return first < second < 2 * first


def _read_as(
    printed: PrintedDate, month_first: bool, known: Sequence[date], published: date | None
) -> tuple[PrintedDate, bool]:
    """Return a date with its day and month told apart, and whether that is open.

    The reading near the publication is meant, or near another date that is known, such as that of
    the war day; where neither is, or both are, it is open in a language that prints both.
    """
    if not printed.is_ambiguous or printed.year is None:
        return printed, False
    for days in ([published] if published else [], [d for d in known if d != published]):
        near = [
            reading
            for reading in (printed, printed.swapped())
            if (day := reading.in_year(printed.year)) and any(abs(day - d) <= LATE for d in days)
        ]
        if len(near) == 1:
            return near[0], False
    return printed, month_first


def _cue_before(
    matches: LexiconMatches,
    head: "_Head",
    dates: Sequence[PrintedDate],
    index: int,
) -> tuple[int | None, timedelta]:
    """Return where the cue of a date starts, None without one, and the days to add to it."""
    printed, no_shift, text = dates[index], timedelta(0), matches.text
    if index and is_war_start(dates[index - 1]) and _is_period(dates[index - 1], printed):
        return dates[index - 1].start, no_shift
    start = max(printed.start - _BEFORE_DATE, text.rfind("\n", 0, printed.start) + 1)
    before = _adjoining_cue(matches.day_before, text, start, printed.start)
    if before is not None:
        return before, timedelta(days=1)
    as_of = _adjoining_cue(matches.as_of, text, start, printed.start)
    if as_of is None and matches.as_of_after.match(printed.end + 1, len(text)):
        return printed.start, no_shift
    strong = as_of is not None and len(text[as_of : printed.start].strip(" ,:")) > _STRONG_CUE
    if head.start <= printed.start < head.below:
        return as_of, no_shift
    return (as_of if strong else None), no_shift


def _adjoining_cue(cue: MatchPositions, text: str, start: int, end: int) -> int | None:
    """Return where the cue starts that ends right before `end`, or None."""
    last = cue.last(start, end)
    if last is None or text[last.end() : end].strip(" \t,:('"):
        return None
    return last.start()


def is_war_start(printed: PrintedDate) -> bool:
    """Whether the date is the day of the invasion, or the day beside it that some outlets print."""
    return printed.month == 2 and printed.day in (23, 24, 25) and printed.year in (None, 2022)


def _is_anniversary(printed: PrintedDate, resolved: date, known: Sequence[date]) -> bool:
    """Whether "24 February" without a year is the invasion's, not a report date near it."""
    if printed.year is not None or (printed.month, printed.day) != (2, 24):
        return False
    return not any(abs(resolved - other) <= LATE for other in known)


def _sentence_of(text: str, printed: PrintedDate) -> tuple[int, int]:
    """Return the offsets of the words around a date, up to the next line or full stop."""
    first, last = max(printed.start - _SENTENCE, 0), min(printed.end + _SENTENCE, len(text))
    line, stop = (text.rfind(end, first, printed.start) for end in ("\n", ". "))
    ends = [text.find(end, printed.end, last) for end in ("\n", ". ")]
    return max(line, stop, first - 1) + 1, min((end for end in ends if end >= 0), default=last)


def _is_period(first: PrintedDate, last: PrintedDate) -> bool:
    """Whether two dates follow each other as "from 24.02.22 to 09.10.23" does."""
    return 0 < last.start - first.end < _LONGEST_PERIOD


def _resolve(printed: PrintedDate, known: Sequence[date]) -> date | None:
    """Return the date, its year taken from the nearest date that is known; None without any."""
    if printed.year is not None:
        return printed.in_year(printed.year)
    years = dict.fromkeys(other.year + step for other in known for step in (-1, 0, 1))
    candidates = [day for day in map(printed.in_year, years) if day]
    return min(candidates, key=lambda c: min(abs(c - other) for other in known), default=None)
