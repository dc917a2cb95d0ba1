"""Named day: the report date of a text that prints no date, told by a weekday or a day alone.

"On Friday the General Staff put the losses since the invasion at ...", published on Monday;
"3日公布" on a page of the 4th.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from flows.parse.dates.evidence import LATE, Evidence
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line

_LEAST_DAYS = 2
"""The weekday before the publication may be the day of the losses, or that day by another clock."""

_AT_START = 40
"""A weekday so near the start of a sentence is when it was said."""


def named_day(
    page: str, matches: LexiconMatches, lines: Sequence[Line], published: date
) -> list[Evidence]:
    """Return the day that the first sentence names that says when the bulletin was given out."""
    first = min(LATE.days, (published - date.min).days)
    near = [published - timedelta(days) for days in range(first + 1)]
    if not (matches.day_alone.possible or matches.weekdays.possible):
        return []
    for line in lines:
        for start, end in line.sentences:
            if found := next(_days(page, matches, start, end, near), None):
                return [found]
    return []


def _days(
    page: str, matches: LexiconMatches, start: int, end: int, near: Sequence[date]
) -> Iterator[Evidence]:
    for alone in matches.day_alone.within(start, end):
        number = next(int(n) for n in alone.groups() if n)
        for day in near:
            if day.day == number:
                yield Evidence(page[alone.start() : alone.end()], day, "text")
    weekday = matches.weekdays.search(start, min(end, start + _AT_START))
    if weekday is None or not matches.since.search(start, end):
        return
    speakers = matches.bulletin_speaker.within(start, end)
    if not any(not matches.enemy.any(*speaker.span()) for speaker in speakers):
        return
    for day in near[_LEAST_DAYS:]:
        if matches.lexicon.weekdays[day.weekday()].fullmatch(weekday[0]):
            yield Evidence(page[weekday.start() : weekday.end()], day, "text")
