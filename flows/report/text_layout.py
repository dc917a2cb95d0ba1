"""The parts that reports on what is on record are made of: headings with indented lines."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from flows.redact import plain
from flows.report.day_summary import span
from flows.report.phrases import WIDTH

MOST = 40
"""A section of notes lists so many; every mismatch, falling total and disagreement is listed."""


def section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a blank line, the heading and the lines below it; nothing where there is no line."""
    for place, line in enumerate(lines):
        if place == 0:
            yield ""
            yield heading
        yield wrapped(line, "  ")


def wrapped(text: str, indent: str) -> str:
    """Return text from anywhere as indented lines of the width of a report."""
    rest = " " * len(indent)
    return textwrap.fill(plain(text), WIDTH, initial_indent=indent, subsequent_indent=rest)


def counts(found: Mapping[str, int], words: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each value that occurs: how often, in words, its name."""
    for name, number in found.items():
        if number:
            yield f"  {number:>8,}  {words[name]} ({name})"


def by_day(heading: str, told: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a section whose lines stand below their days; told again day after day, once."""
    days = groupby(_merged(told), key=lambda one: one[0])
    for place, (day, lines) in enumerate(days):
        if place == 0:
            yield ""
            yield heading
        yield f"  {day}"
        yield from (wrapped(text, "    ") for _, text in lines)


def _merged(told: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each (day, line); of one that the next days repeat the first, and how long it goes."""
    lasting: dict[str, list[str]] = {}
    found: list[tuple[str, list[str]]] = []
    for day, line in told:
        days = lasting.get(line)
        if days and date.fromisoformat(day) - date.fromisoformat(days[-1]) == timedelta(days=1):
            days.append(day)
        else:
            lasting[line] = [day]
            found.append((line, lasting[line]))
    for line, days in found:
        more = f" (the same until {days[-1]}, {len(days):,} days)" if len(days) > 1 else ""
        yield days[0], line + more


def folded(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a section, of a long one its beginning."""
    found = list(lines)
    more = len(found) - MOST
    rest = [f"and {more:,} more; --json lists them all"] if more > 0 else []
    yield from section(heading, [*found[:MOST], *rest])


def runs(isoformat: Sequence[str]) -> Iterator[str]:
    """Yield sorted days as runs of consecutive ones."""
    found = [date.fromisoformat(day) for day in isoformat]
    known, one = set(found), timedelta(days=1)
    starts = [day for day in found if day - one not in known]
    ends = [day for day in found if day + one not in known]
    yield from (span(first, last) for first, last in zip(starts, ends, strict=True))
