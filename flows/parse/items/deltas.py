"""Deltas: what is printed after a figure, "(+2)", "(+)", "+2", "(2 more than yesterday)"."""

import re
from typing import NamedTuple

from flows.parse.items.numbers import Number, numbers, read_number
from flows.parse.lexicon.matches import Cues

_PLAIN = re.compile(r"[ \t]*[(\[][ \t]*([+-])[ \t]*(\d{1,9})[)\]]")
_BLANKS = re.compile(r"[ \t]*")
_SIGNED = re.compile(r"[ \t]*[,/|]?[ \t]*([+])[ \t]*(?=\d)")
_PARENTHESIS = re.compile(r"[ \t]*[(\[]([^()\[\]\n]{0,120})(?:[)\]]|(?=\n)|\Z)")
_SIGN = re.compile(r"[ \t]*([+-])[ \t]*")
_UNITS_BETWEEN = 3


class Delta(NamedTuple):
    """A delta (or, `is_total`, a total) that follows a figure; `value` None for an empty "(+)".

    `approximate` says that such a total is marked "about".
    """

    value: int | None
    end: int
    is_total: bool = False
    approximate: bool = False


def read_delta(cues: Cues, at: int, end: int) -> Delta | None:
    """Read the delta that follows a figure at `at` of the folded text, units between or not."""
    text = cues.text
    for _ in range(_UNITS_BETWEEN):
        plain = _PLAIN.match(text, at, end)
        if plain:
            value = int(plain[2])
            return Delta(-value if plain[1] == "-" else value, plain.end())
        signed = _SIGNED.match(text, at, end)
        if signed:
            number = read_number(cues, signed.end(), end)
            return Delta(number.value, number.end) if number else None
        parenthesis = _PARENTHESIS.match(text, at, end)
        if parenthesis:
            return _in_parentheses(cues, parenthesis)
        blanks = _BLANKS.match(text, at, end)
        at = blanks.end() if blanks else at
        word = cues.units.match(at, end) or cues.fillers.match(at, end)
        if not word:
            return None
        at = word.end()
    return None


def _in_parentheses(cues: Cues, parenthesis: re.Match[str]) -> Delta | None:
    start, end = parenthesis.span(1)
    sign = _SIGN.match(cues.text, start, end)
    number = next(numbers(cues, sign.end() if sign else start, end), None)
    if sign:
        return Delta(_signed(sign, number), parenthesis.end())
    if number is None or number.value is None:
        return None
    if any(cue.search(start, end) for cue in (cues.daily, cues.more)) or (
        cues.including.match(start, number.start)
    ):
        return Delta(number.value, parenthesis.end())
    if cues.since.search(start, end):
        about = bool(cues.about.search(start, number.start)) or number.rounded
        return Delta(number.value, parenthesis.end(), is_total=True, approximate=about)
    return None


def _signed(sign: re.Match[str], number: Number | None) -> int | None:
    """Return the number right after the sign; None for an empty or damaged one."""
    if number is None or number.value is None or number.start != sign.end():
        return None
    return -number.value if sign[1] == "-" else number.value
