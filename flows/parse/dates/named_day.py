"""Named day: the report date of a text that prints no date, told by a weekday or a day alone.

"On Friday the General Staff put the losses since the invasion at ...", published on Monday;
"3日公布" on a page of the 4th. Beside the name of who says it, the weekday before the publication
is that of the bulletin, too: "the General Staff said on Monday that since ...".
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from flows.parse.dates.evidence import LATE, Evidence, Span
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line

_LEAST_DAYS = 2
"""The weekday before the publication may be the day of the losses, or that day by another clock."""

_AT_START = 40
"""A weekday so near the start of a sentence is when it was said."""

_BESIDE = 30
"""A weekday so near the one who speaks is when it was said, on the day before as well."""


_COMMAS = frozenset(",;،，、")


def with_named_day(
    page: str,
    matches: LexiconMatches,
    lines: Sequence[Line],
    evidence: Sequence[Evidence] | None,
    published: date | None,
) -> Sequence[Evidence] | None:
    """Return the evidence, and the day that the text names, where nothing in it says more.

    What says more is the title, the opening of a list, or a passage of any other day than the one
    before the day that is named: that is the day of the losses, or a war day off by one.
    """
    if evidence is None or any(e.place not in ("dateline", "text") for e in evidence):
        return evidence
    datelines = [e for e in evidence if e.place == "dateline"]
    published = published or next((e.report_date for e in datelines), None)
    named = _named_day(page, matches, lines, published) if published else None
    if named is None:
        return evidence
    said = [e for e in evidence if e.place == "text"]
    agree = all(named.report_date - e.report_date == timedelta(days=1) for e in said)
    return [named, *datelines] if agree else evidence


def _named_day(
    page: str, matches: LexiconMatches, lines: Sequence[Line], published: date
) -> Evidence | None:
    """Return the day that the first sentence names that says when the bulletin was given out."""
    first = min(LATE.days, (published - date.min).days)
    near = [published - timedelta(days) for days in range(first + 1)]
    if not (matches.day_alone.possible or matches.weekdays.possible):
        return None
    for line in lines:
        for start, end in line.sentences:
            if found := next(_days(page, matches, start, end, near), None):
                return found
    return None


def _days(
    page: str, matches: LexiconMatches, start: int, end: int, near: Sequence[date]
) -> Iterator[Evidence]:
    for alone in matches.day_alone.within(start, end):
        number = next(int(n) for n in alone.groups() if n)
        for day in near:
            if day.day == number:
                yield Evidence(page[alone.start() : alone.end()], day, "text")
    if not matches.since.search(start, end):
        return
    speakers = [
        speaker.span()
        for speaker in matches.bulletin_speaker.within(start, end)
        if not matches.enemy.any(*speaker.span())
    ]
    for weekday in matches.weekdays.within(start, end):
        beside = any(_is_beside(matches, weekday.span(), speaker) for speaker in speakers)
        if not beside and not (speakers and weekday.start() < start + _AT_START):
            continue
        for day in near[0 if beside else _LEAST_DAYS :]:
            if matches.lexicon.weekdays[day.weekday()].fullmatch(weekday[0]):
                yield Evidence(page[weekday.start() : weekday.end()], day, "text")


def _is_beside(matches: LexiconMatches, weekday: Span, speaker: Span) -> bool:
    """Whether a weekday stands close to a speaker: no number or comma between, and no "only on".

    Behind a comma it is when they fell: "according to the General Staff, on Sunday some 1,120 ...".
    """
    first, last = sorted((weekday, speaker))
    between = matches.text[first[1] : last[0]]
    if len(between) > _BESIDE or any(c.isdigit() or c in _COMMAS for c in between):
        return False
    near = matches.daily.within(max(weekday[0] - _BESIDE, 0), weekday[1])
    return not any(cue.start() <= weekday[0] < cue.end() for cue in near)
