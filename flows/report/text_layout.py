"""The parts that reports on what is on record are made of: headings, indented lines, tables.

In a pipe or a file a line stays a line, however long: nothing breaks a path in two. On a terminal
`flows/report/terminal.py` wraps lines and colours what has a tone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import groupby
from typing import TypeVar

from flows.redact import plain
from flows.report.day_summary import span
from schemas.codes import Code, DayState, DeltaStatus

CodeT = TypeVar("CodeT", bound=Code)

MOST = 40
"""A section of notes lists so many, about a screen; every mismatch, falling total and disagreement
is listed."""

WIDTH = 100
"""Columns that a text takes on a terminal at most, and the report of a run elsewhere."""

NARROWEST = 66
"""Columns that tables are given at least: with fewer whole columns vanish, and digits of numbers. A
terminal that has fewer breaks the lines itself."""

_ONE_DAY = timedelta(days=1)


class Tone(Enum):
    """What a colour says beside the words: all is well, look at it, it is wrong, never mind."""

    GOOD = "good"
    ODD = "odd"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Toned:
    """Text of a cell, or a line, that has a tone."""

    text: str
    tone: Tone | None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under headings; `right` are the columns that are set to the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str | Toned, ...], ...]
    right: frozenset[int] = frozenset()


Part = str | Toned | Table
"""A line with its indentation, one with a tone, or a table."""


def as_plain(parts: Iterable[Part]) -> str:
    """Return parts as text without colours, a line each; a table in columns."""
    return "\n".join(line for part in parts for line in _plain_lines(part))


def _plain_lines(part: Part) -> Iterator[str]:
    if not isinstance(part, Table):
        yield str(part)
        return
    rows = [part.headings, *(tuple(map(str, row)) for row in part.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            f"{text:>{width}}" if place in part.right else f"{text:{width}}"
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a blank line, the heading and the lines below it; nothing where there is no line."""
    for number, line in enumerate(lines):
        if number == 0:
            yield ""
            yield heading
        yield indented(line, "  ")


def indented(text: str, indent: str) -> str:
    """Return text from anywhere as an indented line."""
    return f"{indent}{plain(text)}"


STATE_TONES: Mapping[DayState, Tone] = {
    DayState.OK: Tone.GOOD,
    DayState.UNCHECKED: Tone.QUIET,
    DayState.EXPLAINED: Tone.ODD,
    DayState.UNDECIDED: Tone.BAD,
    DayState.MISSING: Tone.QUIET,
}

STATUS_TONES: Mapping[DeltaStatus, Tone] = {
    DeltaStatus.OK: Tone.GOOD,
    DeltaStatus.OK_UNPRINTED: Tone.GOOD,
    DeltaStatus.NOT_PRINTED: Tone.QUIET,
    DeltaStatus.MISMATCH: Tone.ODD,
    DeltaStatus.GAP: Tone.QUIET,
    DeltaStatus.FIRST: Tone.QUIET,
}


def counts(
    numbers: Mapping[CodeT, int],
    phrases: Mapping[CodeT, str],
    tones: Mapping[CodeT, Tone] | None = None,
) -> Iterator[Toned]:
    """Yield a line for each code that occurs: how often, its phrase, itself."""
    for code, number in numbers.items():
        if number:
            tone = tones[code] if tones else None
            yield Toned(f"  {number:>8,}  {phrases[code]} ({code})", tone)


_STEPS = "▁▂▃▄▅▆▇█"


def curve(values: Iterable[int | None]) -> str:
    """Return numbers as a small curve of blocks, from 0 to the highest; "·" where there is none."""
    every = list(values)
    highest = max((value for value in every if value is not None), default=0)
    return "".join("·" if value is None else _step(value, highest) for value in every)


def _step(value: int, highest: int) -> str:
    share = max(value, 0) / highest if highest > 0 else 0
    return _STEPS[min(int(share * len(_STEPS)), len(_STEPS) - 1)]


def on_days(number: int, before: date, first: date, missing: Collection[date]) -> str:
    """Return a sign for each of the days before one, oldest first: on record or missing.

    A blank for days before the `first` on record.
    """
    days = (before - timedelta(days=n) for n in range(number, 0, -1))
    return "".join(" " if day < first else "·" if day in missing else "■" for day in days)


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
        yield from (indented(text, "    ") for _, text in merged)


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
