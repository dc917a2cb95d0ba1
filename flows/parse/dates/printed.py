"""Printed dates: every date and war day that stands in a text, whatever it is a date of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flows.parse.lexicon.lexicon import Lexicon
from flows.parse.lexicon.matches import Cues
from flows.parse.text.lines import Line

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
