"""Deltas: what is printed after a figure, "(+2)", "(+)", "+2", "(2 more than yesterday)".

Whether a bare number is a delta is decided in `flows.parse.roles`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from flows.parse.items.numbers import Number, behind_blanks, number_words, numbers, read_number
from flows.parse.lexicon.matches import LexiconMatches

_BRACKETS = frozenset("([")
_BEFORE_SIGN = frozenset("+,/|")
"""With what a delta begins; what begins with nothing of these is asked no further."""

_PLAIN = re.compile(r"[(\[][ \t]*([+-])[ \t]*(\d{1,9})[)\]]")
"""`(+2)`, `[-2]`: nearly every delta, read at once."""

_SIGNED = re.compile(r"[,/|]?[ \t]*([+])[ \t]*(?=\d)")
"""`+2`, `/ +2`; a bare minus is a dash."""

_PARENTHESIS = re.compile(r"[(\[]([^()\[\]\n]{0,120})(?:[)\]]|(?=\n)|\Z)")
"""`(2 more than yesterday)`, `(+2` whose end is lost with the line; longer ones are sentences."""

_UNCLOSED = re.compile(r"[(\[][ \t]*\+[ \t]*(?=\d)")
"""`(+ 16 pcs, ` whose bracket is never closed before the next one opens."""

_SIGN = re.compile(r"[ \t]*([+-])[ \t]*")  # normalized: every dash is "-"

HOURS_OF_A_DAY = 24
_AROUND_HOURS = 40
"""So far around its number a passage like "in the course of the last 24 hours" reaches."""

_PART = re.compile(r"[;/]|,(?!\d)")

_PLACES = 3
"""Where a delta may begin: behind the number, a unit, or two ("282630 persons of them (+350)")."""


class Delta(NamedTuple):
    """A delta (or, `is_total`, a total) that follows a figure.

    `value` is None for an empty "(+)" and for what is no delta: "(+2,900 in a week)",
    "(including 57 T-90s)", "(2 fewer than yesterday)".
    `approximate` says that such a total is marked "about"; `is_bare`, that words and no plus make a
    number a delta, "(2 in the last 24 hours)", where it may be the total of a day before.
    """

    value: int | None
    end: int
    is_total: bool = False
    approximate: bool = False
    is_bare: bool = False


def read_delta(matches: LexiconMatches, start: int, end: int) -> Delta | None:
    """Read the delta that follows a figure from `start` on, units between or not."""
    text = matches.text
    for _ in range(_PLACES):
        start = behind_blanks(text, start, end)
        if start >= end:
            return None
        first = text[start]
        if first in _BRACKETS:
            if plain := _PLAIN.match(text, start, end):
                value = int(plain[2])
                return Delta(-value if plain[1] == "-" else value, plain.end())
            if parenthesis := _PARENTHESIS.match(text, start, end):
                return _in_parentheses(matches, parenthesis)
            if unclosed := _UNCLOSED.match(text, start, end):
                return _signed_number(matches, unclosed.end(), end)
        elif first in _BEFORE_SIGN and (signed := _SIGNED.match(text, start, end)):
            return _signed_number(matches, signed.end(), end)
        word = matches.units.match(start, end) or matches.fillers.match(start, end)
        if not word:
            return None
        start = word.end()
    return None


def _signed_number(matches: LexiconMatches, start: int, end: int) -> Delta | None:
    """Return the delta whose number starts behind a plus."""
    number = read_number(matches, start, end)
    if number is None:
        return None
    behind = behind_blanks(matches.text, number.end, end)
    if behind > number.end:
        if period := matches.not_the_bulletin.match(behind, end):
            return Delta(None, period.end())
        if day := matches.daily.match(behind, end):
            return Delta(number.value, day.end())
    return Delta(number.value, number.end)


def _in_parentheses(matches: LexiconMatches, parenthesis: re.Match[str]) -> Delta | None:
    start, end = parenthesis.span(1)
    if matches.not_the_bulletin.search(start, end):  # "+31 per week, +2 per day"
        parts = _parts(matches.text, start, end)
        start, end = next((part for part in parts if matches.daily.search(*part)), (start, end))
    sign = _SIGN.match(matches.text, start, end)
    if sign is None and (plus := matches.lexicon.plus.match(matches.text, start, end)):
        return _signed_in_words(matches, plus.end(), end, parenthesis.end())
    if sign and is_of_another_period(matches, sign.end(), end):
        return Delta(None, parenthesis.end())
    if sign:
        number = next(numbers(matches, sign.end(), end), None)
        return Delta(_signed(sign, number), parenthesis.end())
    number = _number_in(matches, start, end)
    if number is None or number.value is None:
        return None
    if any(cue.search(start, end) for cue in (matches.daily, matches.more)):
        is_other = is_of_another_period(matches, start, end) or _is_fewer(matches, start, end)
        return Delta(None if is_other else number.value, parenthesis.end(), is_bare=True)
    if matches.including.match(start, number.start):
        is_delta = _is_bare(matches, number.end, end) or matches.weekdays.search(number.end, end)
        return Delta(number.value if is_delta else None, parenthesis.end())
    if matches.since.search(start, end):
        about = bool(matches.about.search(start, number.start)) or number.rounded
        return Delta(number.value, parenthesis.end(), is_total=True, approximate=about)
    return Delta(None, parenthesis.end()) if is_of_another_period(matches, start, end) else None


def _signed_in_words(matches: LexiconMatches, start: int, end: int, after: int) -> Delta | None:
    """Read "(plus 13)", an aside that ends at `after`; "(up to 13)" is none."""
    start = behind_blanks(matches.text, start, end)
    number = read_number(matches, start, end) or next(number_words(matches, start, end), None)
    if number is None or number.value is None or number.start != start:
        return None
    is_other = is_of_another_period(matches, number.end, end)
    is_days = _is_bare(matches, number.end, end) or matches.daily.search(number.end, end)
    return Delta(number.value if is_days and not is_other else None, after)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the offsets of what commas and semicolons part, no thousands."""
    for comma in _PART.finditer(text, start, end):
        yield start, comma.start()
        start = comma.end()
    yield start, end


def is_of_another_period(matches: LexiconMatches, start: int, end: int) -> bool:
    """Whether a passage beside a figure is no day's: "+2,900 in a week", "57 over the month"."""
    if matches.daily.search(start, end):
        return False
    if matches.not_the_bulletin.search(start, end):
        return True
    period = matches.lexicon.columns.get("period")
    return period is not None and period.search(matches.text, start, end) is not None


def _is_fewer(matches: LexiconMatches, start: int, end: int) -> bool:
    """Whether an aside compares one day's losses with another's: "2 fewer than yesterday"."""
    return matches.lexicon.rare.anywhere("fewer").search(matches.text, start, end) is not None


def _is_bare(matches: LexiconMatches, start: int, end: int) -> bool:
    """Whether nothing is counted between two offsets but what the figure counts.

    "including 13 units" is that; "including 57 T-90s", "of them 2,900 officers" are a part of all.
    """
    while start < end:
        if matches.text[start] in " \t.,;":
            start += 1
            continue
        cues = (matches.units, matches.fillers, matches.labels)
        word = next((found for cue in cues if (found := cue.match(start, end))), None)
        if word is None or word.end() == start:
            return False
        start = word.end()
    return True


def _number_in(matches: LexiconMatches, start: int, end: int) -> Number | None:
    """Return the number of an aside: not the 24 of "24 hours", but a word such as "eight", "none".

    "(none in the last 24 hours)" is 0.
    """
    found = next((n for n in numbers(matches, start, end) if not is_of_hours(matches, n)), None)
    if found:
        return found
    if not (matches.daily.any(start, end) or matches.more.any(start, end)):
        return None
    none = matches.none.search(start, end)
    if none:
        return Number(none.start(), none.end(), 0)
    return next(number_words(matches, start, end), None)


def is_of_hours(matches: LexiconMatches, number: Number) -> bool:
    """Whether a number is the 24 of "in the last 24 hours"."""
    if number.value != HOURS_OF_A_DAY:
        return False
    near = matches.daily.within(max(number.start - _AROUND_HOURS, 0), number.end + _AROUND_HOURS)
    return any(day.start() <= number.start and number.end < day.end() for day in near)


def _signed(sign: re.Match[str], number: Number | None) -> int | None:
    """Return the number right after the sign; None for an empty or damaged one."""
    if number is None or number.value is None or number.start != sign.end():
        return None
    return -number.value if sign[1] == "-" else number.value
