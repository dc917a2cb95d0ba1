"""Printed dates: every date and war day that stands in a text, whatever it is a date of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flows.parse.lexicon.lexicon import Lexicon
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line, lines_at

_NUMERIC = re.compile(
    r"(?:(?P<iso>\d{4})[-./] ?(?P<iso_month>\d{2})[-./] ?(?P<iso_day>\d{2})"
    r"|(?:(?P<han_year>\d{4})年)?(?P<han_month>\d{1,2})月(?P<han_day>\d{1,2})日?"
    r"|(?P<spaced_day>\d{1,2})\. (?P<spaced_month>\d{1,2})\.(?: (?P<spaced_year>\d{4}))?"
    r"|(?P<day>\d{1,2})(?P<sep>[./])(?P<month>\d{1,2})(?:(?P=sep)(?P<year>\d{4}|\d{2}))?)"
    r"(?![\d/-]|[.,]\d)"
)
"""`2023-10-09`, `2023. 10. 09`, `2023年10月9日`, `9. 10. 2023`, `09.10.23`, `9/10/2023`."""

_DIGITS_OF_DATE = re.compile(r"\d(?<!\d\d)\d*+(?=[-./年月])")
"""The digits that a date may begin with: most numbers of a text are passed over by it."""

_NO_DATE_AFTER = (".", ",", "/", "-")
"""What stands before digits in the middle of a number, a range or a longer date."""

_YEAR = re.compile(r"[ \t]*,?[ \t]*(20[1-9]\d)(?!\d)")
"""The year behind a date: "October 9, 2023"."""

_YEAR_BEFORE = re.compile(r"(?<!\d)(20[1-9]\d)(?:-?\w{0,4})?\.?[ \t]+(?:\w{1,6}\.?[ \t]+)?\Z")
"""The year before it, with an ending and a word: "2023. október 9", "2023 m. spalio 9"."""

_DAY_AFTER = re.compile(r"[ \t]*\.?[ \t]*(\d{1,2})(?!\d)")
"""`October 9`, `Oct. 9`."""

_DAY_BEFORE = re.compile(r"(?<![\d.,/])(?<!\d-)(\d{1,2})\Z")
"""`9 October`; no part of a number or a range."""

_BEFORE_MONTH = 12
"""So far before a month its day stands, ending and all: "9-osios "; or the year."""

_BEFORE_DAY = 16
"""So far before a day its year stands: "2023 metų "."""

_MONTHS = 12

_LAST_WAR_DAY = 20_000
"""A larger number is no day of the war: that would be in 2076."""


_LAST_YEAR = 9998
"""After the next one the calendar of dates ends: a day later there is none."""


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in the text: its offsets, its day and month, and its year where one is printed.

    `is_ambiguous`: "10/09/2023" may have its month first.
    """

    start: int
    end: int
    year: int | None
    month: int
    day: int
    is_ambiguous: bool = False

    def swapped(self) -> "PrintedDate":
        """Return the date with its month read first."""
        return replace(self, month=self.day, day=self.month)

    def in_year(self, year: int) -> date | None:
        """Return the date in that year; None where the calendar has no such day."""
        try:
            return date(year, self.month, self.day) if year <= _LAST_YEAR else None
        except ValueError:
            return None


def printed_dates(matches: LexiconMatches, lines: Sequence[Line]) -> list[PrintedDate]:
    """Return the dates of the normalized text in order: "2023-10-09", "09.10.23", "October 9"."""
    dates: list[PrintedDate] = []
    for line in lines_at(lines, (d.start() for d in _DIGITS_OF_DATE.finditer(matches.text))):
        numeric = _numeric_dates(matches, line)
        dates += [d for d in numeric if d.year or not _is_scaled(matches, d)]
    for line in matches.months.lines_with(lines):
        dates += _named_dates(matches, line)
    return sorted(dates, key=lambda printed: printed.start)


def _is_scaled(matches: LexiconMatches, printed: PrintedDate) -> bool:
    """Whether it is a decimal number after all: "12.10 million"."""
    after = matches.text[printed.end : printed.end + 4]
    blanks = len(after) - len(after.lstrip())
    return bool(matches.lexicon.scale.match(matches.text, printed.end + blanks))


def _numeric_dates(matches: LexiconMatches, line: Line) -> list[PrintedDate]:
    text = matches.text
    dates: list[PrintedDate] = []
    year: int | None
    for digits in _DIGITS_OF_DATE.finditer(text, line.digit or line.start, line.end):
        printed = _NUMERIC.match(text, digits.start())
        if not printed or text[digits.start() - 1 : digits.start()] in _NO_DATE_AFTER:
            continue
        if dates and digits.start() < dates[-1].end:
            continue
        if printed["iso"]:
            year = int(printed["iso"])
            month, day = int(printed["iso_month"]), int(printed["iso_day"])
        elif printed["spaced_day"]:
            year = _full_year(printed["spaced_year"])
            month, day = int(printed["spaced_month"]), int(printed["spaced_day"])
        elif printed["han_month"]:
            year = _full_year(printed["han_year"])
            month, day = int(printed["han_month"]), int(printed["han_day"])
        else:
            month, day = int(printed["month"]), int(printed["day"])
            year = _full_year(printed["year"])
            if year is None and (printed["sep"] == "/" or len(printed["month"]) < 2):
                continue  # "131/136", "4.8" are numbers
            if year is None and matches.lexicon.clock.match(text, printed.end()):
                continue  # "8.04 Uhr"
        if 1 <= max(month, day) <= 31:
            dates += _with_slashes(printed, PrintedDate(*printed.span(), year, month, day))
    return dates


def _with_slashes(printed: re.Match[str], found: PrintedDate) -> Iterator[PrintedDate]:
    """Yield a date, its month first where nothing else is one; none where there is no month."""
    slashed = printed["sep"] == "/"
    if slashed and found.month > _MONTHS:
        found = found.swapped()
    if 1 <= found.month <= _MONTHS and found.day >= 1:
        either = slashed and found.day <= _MONTHS and found.day != found.month
        yield replace(found, is_ambiguous=True) if either else found


def _full_year(printed: str | None) -> int | None:
    if not printed:
        return None
    return int(printed) + (2000 if len(printed) == 2 else 0)


def _named_dates(matches: LexiconMatches, line: Line) -> list[PrintedDate]:
    dates: list[PrintedDate] = []
    for month_name in matches.months.within(line.start, line.end):
        printed = _day_then_month(matches.text, month_name, matches.lexicon) or _month_then_day(
            matches.text, month_name, matches.lexicon
        )
        if printed:
            dates.append(printed)
    return dates


def _day_then_month(text: str, month_name: re.Match[str], lexicon: Lexicon) -> PrintedDate | None:
    """Read "9 October 2023", "9th of October", "22 листопада"."""
    month = lexicon.month_numbers[month_name.lastgroup]
    head = text[max(month_name.start() - _BEFORE_MONTH, 0) : month_name.start()]
    stem = lexicon.day_joint.sub("", head)
    ordinal = lexicon.day_ordinal.search(stem)
    if ordinal:
        stem = stem[: ordinal.start()]
    day = _DAY_BEFORE.search(stem)
    if not day or not 1 <= int(day[1]) <= 31:
        return None
    start = month_name.start() - len(head) + day.start()
    year = _YEAR.match(text, month_name.end())
    if year:
        return PrintedDate(start, year.end(), int(year[1]), month, int(day[1]))
    before = _YEAR_BEFORE.search(text, max(start - _BEFORE_DAY, 0), start)
    if before:
        return PrintedDate(before.start(), month_name.end(), int(before[1]), month, int(day[1]))
    return PrintedDate(start, month_name.end(), None, month, int(day[1]))


def _month_then_day(text: str, month_name: re.Match[str], lexicon: Lexicon) -> PrintedDate | None:
    """Read "October 9", "October 9th, 2023"."""
    month = lexicon.month_numbers[month_name.lastgroup]
    day = _DAY_AFTER.match(text, month_name.end())
    if not day or not 1 <= int(day[1]) <= 31:
        return None
    ordinal = lexicon.ordinal.match(text, day.end())
    end = ordinal.end() if ordinal else day.end()
    year = _YEAR.match(text, end)
    if year:
        return PrintedDate(month_name.start(), year.end(), int(year[1]), month, int(day[1]))
    head = max(month_name.start() - _BEFORE_MONTH, 0)
    before = _YEAR_BEFORE.search(text, head, month_name.start())
    if before:
        return PrintedDate(before.start(), end, int(before[1]), month, int(day[1]))
    return PrintedDate(month_name.start(), end, None, month, int(day[1]))


def war_day_spans(matches: LexiconMatches, lines: Sequence[Line]) -> list[tuple[int, int, int]]:
    """Return (start, end, number) of each printed war day: "Day 593", "593-тя доба"."""
    spans: list[tuple[int, int, int]] = []
    for line in matches.war_day.lines_with(lines):
        for match in matches.war_day.within(line.start, line.end):
            number = next((int(n) for n in map(_digits, match.groups()) if n), 0)
            if 0 < number <= _LAST_WAR_DAY:
                spans.append((match.start(), match.end(), number))
    return spans


def _digits(number: str | None) -> str:
    """Return the digits of a day number: "1,263" is printed too."""
    return re.sub(r"\D", "", number or "")
