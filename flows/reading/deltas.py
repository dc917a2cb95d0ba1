"""Deltas: what is printed after a figure, "(+2)", "(+)", "+2", "(2 more than yesterday)"."""

import re
from dataclasses import dataclass

from flows.reading.lexicon import Lexicon
from flows.reading.numbers import Number, numbers, read_number

_BLANKS = re.compile(r"[ \t]*")
_SIGNED = re.compile(r"[ \t]*[,/|]?[ \t]*([+])[ \t]*(?=\d)")
_PARENTHESIS = re.compile(r"[ \t]*[(\[]([^()\[\]\n]{0,120})(?:[)\]]|(?=\n)|\Z)")
_SIGN = re.compile(r"[ \t]*([+-])[ \t]*")
_UNITS_BETWEEN = 3


@dataclass(frozen=True, slots=True)
class Delta:
    """A delta (or, `is_total`, a total) that follows a figure; `value` None for an empty "(+)".

    `approximate` says that such a total is marked "about".
    """

    value: int | None
    end: int
    is_total: bool = False
    approximate: bool = False


def read_delta(text: str, at: int, end: int, lexicon: Lexicon) -> Delta | None:
    """Read the delta that follows a figure at `at` of the folded text, units between or not."""
    for _ in range(_UNITS_BETWEEN):
        signed = _SIGNED.match(text, at, end)
        if signed:
            number = read_number(text, signed.end(), lexicon, end)
            return Delta(number.value, number.end) if number else None
        parenthesis = _PARENTHESIS.match(text, at, end)
        if parenthesis:
            return _in_parentheses(text, parenthesis, lexicon)
        blanks = _BLANKS.match(text, at, end)
        unit = lexicon.unit.match(text, blanks.end() if blanks else at, end)
        if not unit:
            return None
        at = unit.end()
    return None


def _in_parentheses(text: str, parenthesis: re.Match[str], lexicon: Lexicon) -> Delta | None:
    start, end = parenthesis.span(1)
    sign = _SIGN.match(text, start, end)
    number = next(numbers(text, sign.end() if sign else start, end, lexicon), None)
    if sign:
        return Delta(_signed(sign, number), parenthesis.end())
    if number is None or number.value is None:
        return None
    if any(p.search(text, start, end) for p in (lexicon.daily, lexicon.more)) or (
        lexicon.including.match(text, start, number.start)
    ):
        return Delta(number.value, parenthesis.end())
    if lexicon.since.search(text, start, end):
        about = bool(lexicon.about.search(text, start, number.start)) or number.rounded
        return Delta(number.value, parenthesis.end(), is_total=True, approximate=about)
    return None


def _signed(sign: re.Match[str], number: Number | None) -> int | None:
    """Return the number right after the sign; None for an empty or damaged one."""
    if number is None or number.value is None or number.start != sign.end():
        return None
    return -number.value if sign[1] == "-" else number.value
