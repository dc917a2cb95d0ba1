"""The parts that reports on what is on record are made of: headings with indented lines."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TypeVar

from flows.redact import plain
from flows.report.day_summary import span
from schemas.codes import Code

CodeT = TypeVar("CodeT", bound=Code)

MOST = 40
"""A section of notes lists so many, about a screen; every mismatch, falling total and disagreement
is listed."""

WIDTH = 100
"""Columns of a report where the output is no terminal, and the most that it takes on one."""

_ONE_DAY = timedelta(days=1)


def section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a blank line, the heading and the lines below it; nothing where there is no line."""
    for number, line in enumerate(lines):
        if number == 0:
            yield ""
            yield heading
        yield wrapped(line, "  ")


def wrapped(text: str, indent: str) -> str:
    """Return text from anywhere as indented lines of the width of a report."""
    rest = " " * len(indent)
    return textwrap.fill(plain(text), WIDTH, initial_indent=indent, subsequent_indent=rest)


def counts(numbers: Mapping[CodeT, int], phrases: Mapping[CodeT, str]) -> Iterator[str]:
    """Yield a line for each code that occurs: how often, its phrase, itself."""
    for code, number in numbers.items():
        if number:
            yield f"  {number:>8,}  {phrases[code]} ({code})"


def by_day(heading: str, lines: Iterable[tuple[date, str]]) -> Iterator[str]:
    """Yield a section of (day, line) whose lines stand below their days.

    One that comes again day after day stands there once.
    """
    by_date = groupby(_merged(lines), key=lambda day_and_line: day_and_line[0])
    for number, (day, merged) in enumerate(by_date):
        if number == 0:
            yield ""
            yield heading
        yield f"  {day}"
        yield from (wrapped(text, "    ") for _, text in merged)


def _merged(lines: Iterable[tuple[date, str]]) -> Iterator[tuple[date, str]]:
    """Yield each (day, line); of one that the next days repeat the first, and how long it goes."""
    lasting: dict[str, list[date]] = {}
    merged: list[tuple[str, list[date]]] = []
    for day, line in lines:
        days = lasting.get(line)
        if days and day - days[-1] == _ONE_DAY:
            days.append(day)
        else:
            lasting[line] = [day]
            merged.append((line, lasting[line]))
    for line, days in merged:
        more = f" (the same until {days[-1]}, {len(days):,} days)" if len(days) > 1 else ""
        yield days[0], line + more


def folded(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a section, of a long one its beginning."""
    every = list(lines)
    more = len(every) - MOST
    rest = [f"and {more:,} more; --json lists them all"] if more > 0 else []
    yield from section(heading, [*every[:MOST], *rest])


def spans(days: Sequence[date]) -> Iterator[str]:
    """Yield sorted days as spans of consecutive ones."""
    known = set(days)
    starts = [day for day in days if day - _ONE_DAY not in known]
    ends = [day for day in days if day + _ONE_DAY not in known]
    yield from (span(first, last) for first, last in zip(starts, ends, strict=True))
