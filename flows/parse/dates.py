"""The report date: every piece of evidence in the text, and what they say together."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.parse.lexicon.lexicon import Lexicon
from flows.parse.lexicon.matches import Cues, Places
from flows.parse.text.lines import Line
from schemas.records import WAR_START, date_of_war_day, war_day

_NUMERIC = re.compile(
    r"(?:(?P<iso>\d{4})[-./] ?(?P<iso_month>\d{2})[-./] ?(?P<iso_day>\d{2})"
    r"|(?:(?P<han_year>\d{4})年)?(?P<han_month>\d{1,2})月(?P<han_day>\d{1,2})日?"
    r"|(?P<spaced_day>\d{1,2})\. (?P<spaced_month>\d{1,2})\.(?: (?P<spaced_year>\d{4}))?"
    r"|(?P<day>\d{1,2})(?P<sep>[./])(?P<month>\d{1,2})(?:(?P=sep)(?P<year>\d{4}|\d{2}))?)"
    r"(?![\d/-]|[.,]\d)"
)
_DIGITS = re.compile(r"\d+")
_DIGITS_OF_DATE = re.compile(r"\d+(?=[-./年月])")
_NO_DATE_AFTER = (".", ",", "/", "-")
_CLOCK = re.compile(r" ?(?:uhr|hod|h|a\.?m|p\.?m)\b")  # "8.04 Uhr"
_YEAR = re.compile(r"[ \t]*,?[ \t]*(20[1-9]\d)(?!\d)")
_YEAR_BEFORE = re.compile(r"(?<!\d)(20[1-9]\d)(?:-?\w{0,4})?\.?[ \t]+(?:\w{1,6}\.?[ \t]+)?\Z")
_DAY_AFTER = re.compile(r"[ \t]*\.?[ \t]*(\d{1,2})(?!\d)")
_DAY_BEFORE = re.compile(r"(?<![\d.,/])(?<!\d-)(\d{1,2})\Z")
_LAST_WAR_DAY = 20_000
_LONGEST_PERIOD = 25
_LATE = timedelta(days=3)
"""How long after the report date a bulletin is still re-published as the day's (FORMATS.md)."""


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in the text: its offsets, its day and month, and its year where one is printed."""

    start: int
    end: int
    year: int | None
    month: int
    day: int

    def in_year(self, year: int) -> date | None:
        """Return the date in that year; None where the calendar has no such day."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one passage says of the report date. `day` is the printed war day, if it is one."""

    text: str
    report_date: date
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """What the evidence says together: the date, or the reason why there is none."""

    report_date: date | None
    war_day: int | None
    evidence: tuple[str, ...]
    warnings: tuple[str, ...]
    reason: str | None = None


def printed_dates(cues: Cues, lines: Sequence[Line]) -> list[PrintedDate]:
    """Return the dates of the folded text in order: "2023-10-09", "09.10.23", "October 9"."""
    dates: list[PrintedDate] = []
    for line in lines:
        if _DIGITS_OF_DATE.search(cues.text, line.start, line.end):
            numeric = _numeric_dates(cues.text, line)
            dates += [d for d in numeric if d.year or not _is_scaled(cues, d)]
        if cues.months.any(line.start, line.end):
            dates += _named_dates(cues, line)
    return sorted(dates, key=lambda printed: printed.start)


def _is_scaled(cues: Cues, printed: PrintedDate) -> bool:
    """Whether it is a decimal number after all: "12.10 million"."""
    after = cues.text[printed.end : printed.end + 4]
    blanks = len(after) - len(after.lstrip())
    return bool(cues.lexicon.scale.match(cues.text, printed.end + blanks))


def _numeric_dates(text: str, line: Line) -> list[PrintedDate]:
    dates: list[PrintedDate] = []
    year: int | None
    for digits in _DIGITS_OF_DATE.finditer(text, line.start, line.end):
        found = _NUMERIC.match(text, digits.start())
        if not found or text[digits.start() - 1 : digits.start()] in _NO_DATE_AFTER:
            continue
        if dates and digits.start() < dates[-1].end:
            continue
        if found["iso"]:
            year, month, day = int(found["iso"]), int(found["iso_month"]), int(found["iso_day"])
        elif found["spaced_day"]:
            year = _full_year(found["spaced_year"])
            month, day = int(found["spaced_month"]), int(found["spaced_day"])
        elif found["han_month"]:
            year = _full_year(found["han_year"])
            month, day = int(found["han_month"]), int(found["han_day"])
        else:
            month, day = int(found["month"]), int(found["day"])
            year = _full_year(found["year"])
            if year is None and (found["sep"] == "/" or len(found["month"]) < 2):
                continue
            if year is None and _CLOCK.match(text, found.end()):
                continue
        if 1 <= month <= 12 and 1 <= day <= 31:
            dates.append(PrintedDate(found.start(), found.end(), year, month, day))
    return dates


def _full_year(printed: str | None) -> int | None:
    if not printed:
        return None
    return int(printed) + (2000 if len(printed) == 2 else 0)


def _named_dates(cues: Cues, line: Line) -> list[PrintedDate]:
    dates: list[PrintedDate] = []
    for found in cues.months.within(line.start, line.end):
        month = cues.lexicon.month_numbers[found.lastgroup]
        dated = _day_then_month(cues.text, found, month, cues.lexicon) or _month_then_day(
            cues.text, found, month, cues.lexicon
        )
        if dated:
            dates.append(dated)
    return dates


def _day_then_month(
    text: str, month_name: re.Match[str], month: int, lexicon: Lexicon
) -> PrintedDate | None:
    """Read "9 October 2023", "9th of October", "22 листопада"."""
    head = text[max(month_name.start() - 12, 0) : month_name.start()]
    stem = re.sub(r"[ \t]+(?:of[ \t]+)?\Z|\.[ \t]*\Z", "", head)
    ordinal = re.search(rf"(?<=\d)(?:{lexicon.ordinal.pattern})\Z", stem)
    if ordinal:
        stem = stem[: ordinal.start()]
    day = _DAY_BEFORE.search(stem)
    if not day or not 1 <= int(day[1]) <= 31:
        return None
    start = month_name.start() - len(head) + day.start()
    year = _YEAR.match(text, month_name.end())
    if year:
        return PrintedDate(start, year.end(), int(year[1]), month, int(day[1]))
    before = _YEAR_BEFORE.search(text, max(start - 16, 0), start)
    if before:
        return PrintedDate(before.start(), month_name.end(), int(before[1]), month, int(day[1]))
    return PrintedDate(start, month_name.end(), None, month, int(day[1]))


def _month_then_day(
    text: str, month_name: re.Match[str], month: int, lexicon: Lexicon
) -> PrintedDate | None:
    """Read "October 9", "October 9th, 2023"."""
    day = _DAY_AFTER.match(text, month_name.end())
    if not day or not 1 <= int(day[1]) <= 31:
        return None
    ordinal = lexicon.ordinal.match(text, day.end())
    end = ordinal.end() if ordinal else day.end()
    year = _YEAR.match(text, end)
    if year:
        return PrintedDate(month_name.start(), year.end(), int(year[1]), month, int(day[1]))
    before = _YEAR_BEFORE.search(text, max(month_name.start() - 12, 0), month_name.start())
    if before:
        return PrintedDate(before.start(), end, int(before[1]), month, int(day[1]))
    return PrintedDate(month_name.start(), end, None, month, int(day[1]))


def war_day_spans(cues: Cues, lines: Sequence[Line]) -> list[tuple[int, int, int]]:
    """Return (start, end, number) of each printed war day: "Day 593", "593-тя доба"."""
    spans = []
    for line in lines:
        for found in cues.war_day.within(line.start, line.end):
            number = next((int(n) for n in map(_plain, found.groups()) if n), 0)
            if 0 < number <= _LAST_WAR_DAY:
                spans.append((found.start(), found.end(), number))
    return spans


def _plain(number: str | None) -> str:
    """Return the digits of a day number: "1,263" is printed too."""
    return re.sub(r"\D", "", number or "")


def find_evidence(
    page: str,
    cues: Cues,
    lines: Sequence[Line],
    dates: Sequence[PrintedDate],
    days: Sequence[tuple[int, int, int]],
    published: date | None,
    title: int,
) -> list[Evidence]:
    """Return each passage that says which report date the text is as of.

    `page` is the text as printed, `title` the number of the line that is the
    title. Dates elsewhere in the prose say nothing.
    """
    head = (lines[title].start, lines[min(title + 1, len(lines) - 1)].end) if lines else (0, 0)
    heading = [span for span in days if head[0] <= span[0] < head[1]]
    evidence = [
        Evidence(page[start:end].strip(), date_of_war_day(number), number)
        for start, end, number in heading or _near(days, published)
    ]
    known = [e.report_date for e in evidence] + ([published] if published else [])
    known += [d for p in dates if p.year and (d := p.in_year(p.year)) and d > WAR_START]
    for place in range(len(dates)):
        said = _said(page, cues, head, dates, place, known, published)
        if said:
            evidence.append(said)
    return evidence


def _near(
    days: Sequence[tuple[int, int, int]], published: date | None
) -> list[tuple[int, int, int]]:
    """Return the war days in the prose that fit the publication; "20 days of war" is none."""
    return [
        span
        for span in days
        if published is None or abs(date_of_war_day(span[2]) - published) <= _LATE
    ]


def _said(
    page: str,
    cues: Cues,
    head: tuple[int, int],
    dates: Sequence[PrintedDate],
    place: int,
    known: Sequence[date],
    published: date | None,
) -> Evidence | None:
    """Return what one printed date says of the report date; None for a date in passing."""
    printed = dates[place]
    if _is_war_start(printed) and place + 1 < len(dates) and _is_period(printed, dates[place + 1]):
        return None
    resolved = _resolve(printed, known)
    if resolved is None or resolved.year < WAR_START.year or resolved == WAR_START:
        return None
    if _is_anniversary(printed, resolved, known):
        return None
    if cues.other.search(*_sentence_of(cues.text, printed)):
        return None
    start, shift = _cue_before(cues, head, dates, place)
    if start is None:
        return None
    if published is not None and resolved <= published < resolved + shift:
        shift = timedelta(0)  # a date that lies ahead of the publication cannot be meant
    return Evidence(page[start : printed.end].strip(), resolved + shift)


def _cue_before(
    cues: Cues,
    head: tuple[int, int],
    dates: Sequence[PrintedDate],
    place: int,
) -> tuple[int | None, timedelta]:
    """Return where the passage starts that makes a date evidence, and the days to add to it."""
    printed, none, text = dates[place], timedelta(0), cues.text
    if place and _is_war_start(dates[place - 1]) and _is_period(dates[place - 1], printed):
        return dates[place - 1].start, none
    line_start = max(printed.start - 40, text.rfind("\n", 0, printed.start) + 1)
    before = _cue(cues.day_before, text, line_start, printed.start)
    if before is not None:
        return before, timedelta(days=1)
    as_of = _cue(cues.as_of, text, line_start, printed.start)
    if as_of is None and cues.as_of_after.match(printed.end + 1, len(text)):
        return printed.start, none
    if head[0] <= printed.start < head[1]:
        return (printed.start if as_of is None else as_of), none
    strong = as_of is not None and len(text[as_of : printed.start].strip(" ,:")) > 3
    return (as_of if strong else None), none


def _cue(cue: Places, text: str, start: int, end: int) -> int | None:
    """Return where the cue starts that ends right before `end`, or None."""
    last = cue.last(start, end)
    if last is None or text[last.end() : end].strip(" \t,:('"):
        return None
    return last.start()


def _is_war_start(printed: PrintedDate) -> bool:
    """Whether the date is the day of the invasion, or the day beside it that some outlets print."""
    return printed.month == 2 and printed.day in (23, 24, 25) and printed.year in (None, 2022)


def _is_anniversary(printed: PrintedDate, resolved: date, known: Sequence[date]) -> bool:
    """Whether "24 February" without a year is the invasion's, not a report date near it."""
    near = any(abs(resolved - other) <= _LATE for other in known)
    return printed.year is None and (printed.month, printed.day) == (2, 24) and not near


def _sentence_of(text: str, printed: PrintedDate) -> tuple[int, int]:
    """Return the offsets of the words around a date, up to the next line or full stop."""
    start = max(text.rfind("\n", 0, printed.start), text.rfind(". ", 0, printed.start)) + 1
    ends = [at for at in (text.find("\n", printed.end), text.find(". ", printed.end)) if at >= 0]
    return start, min(ends, default=len(text))


def _is_period(first: PrintedDate, last: PrintedDate) -> bool:
    """Whether two dates follow each other as "from 24.02.22 to 09.10.23" does."""
    return 0 < last.start - first.end < _LONGEST_PERIOD


def _resolve(printed: PrintedDate, known: Sequence[date]) -> date | None:
    """Return the date, its year taken from the nearest date that is known; None without any."""
    if printed.year is not None:
        return printed.in_year(printed.year)
    candidates = [
        candidate
        for other in known
        for year in (other.year - 1, other.year, other.year + 1)
        if (candidate := printed.in_year(year))
    ]
    return min(candidates, key=lambda c: min(abs(c - other) for other in known), default=None)


def decide_date(evidence: Sequence[Evidence], published: date | None) -> Dated:
    """Weigh the evidence: one date that all of it supports, or the reason why there is none.

    A war day that is off by one supports the date with a warning. A date that only one passage
    contradicts stands, with a warning, where three or more support it, or two and the publication
    date; that date alone is enough against a day more than a week before. Where the text says
    nothing, the publication date decides.
    """
    said = tuple(dict.fromkeys(e.text for e in evidence))
    if not evidence:
        return _from_publication(published)
    best = _best_supported(evidence)
    day = next((e.day for e in evidence if e.day is not None), None)
    against = [e for e in evidence if not _supports(e, best)]
    supports = len({e.text for e in evidence}) - len({e.text for e in against})
    supports += supports > 1 and published == best
    sure = supports > 2 or (published == best and all(_is_past(e, best) for e in against))
    if any(e.day is not None for e in against) or (against and (not sure or len(against) > 1)):
        return Dated(None, day, said, (), _contradiction(best, evidence, against))
    warnings = [
        f"the text prints {e.text!r}, but {best} is war day {war_day(best)}"
        for e in evidence
        if e.day is not None and e.day != war_day(best)
    ]
    warnings += [
        f"{e.text!r} contradicts {best}, which {supports} passages support" for e in against
    ]
    return _with_publication(Dated(best, day, said, tuple(dict.fromkeys(warnings))), published)


def _best_supported(evidence: Sequence[Evidence]) -> date:
    """Return the date that most passages name; a printed date weighs more than a day number."""
    votes: Counter[date] = Counter()
    for text, found in {(e.text, e.report_date): e for e in evidence}.items():
        votes[text[1]] += 2 if found.day is None else 1
    return max(votes, key=lambda d: (votes[d], d))


def _supports(evidence: Evidence, best: date) -> bool:
    if evidence.day is not None:
        return abs(evidence.day - war_day(best)) <= 1
    return evidence.report_date == best


def _is_past(evidence: Evidence, best: date) -> bool:
    """Whether a passage speaks of an older day: "on 25 March Moscow admitted 1,351 dead"."""
    return best - evidence.report_date > timedelta(days=7)


def _contradiction(best: date, evidence: Sequence[Evidence], against: Sequence[Evidence]) -> str:
    wrong = against[0]
    supporting = next((e.text for e in evidence if e not in against), str(best))
    return (
        f"the evidence for the report date conflicts: {supporting!r} says {best} "
        f"(war day {war_day(best)}), {wrong.text!r} says {wrong.report_date} "
        f"(war day {war_day(wrong.report_date)})"
    )


def _from_publication(published: date | None) -> Dated:
    if published is None:
        return Dated(None, None, (), (), "no report date: the text names none and none was given")
    return Dated(published, None, (f"published {published}",), ())


def _with_publication(dated: Dated, published: date | None) -> Dated:
    """Add what the publication date says: support, or a warning, or a contradiction."""
    if published is None or dated.report_date is None:
        return dated
    late = published - dated.report_date
    if late < timedelta(days=-1):
        reason = f"published {published}, before the report date {dated.report_date} that it names"
        return Dated(None, dated.war_day, dated.evidence, dated.warnings, reason)
    evidence = (*dated.evidence, f"published {published}")
    if timedelta(0) <= late <= _LATE:
        return Dated(dated.report_date, dated.war_day, evidence, dated.warnings)
    warning = f"published {published}, {late.days} days after the report date {dated.report_date}"
    return Dated(dated.report_date, dated.war_day, dated.evidence, (*dated.warnings, warning))
