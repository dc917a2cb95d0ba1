"""Numbers as bulletins print them: grouped digits, scale words, number words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flows.reading.lexicon import Lexicon

_DIGITS = re.compile(
    r"\d{1,3}(?:([ ,.'])\d{3}(?!\d))(?:\1\d{3}(?!\d))*"  # grouped by one and the same separator
    r"|\d+"
)
_FRACTION = re.compile(r"[.,](\d{1,2})(?!\d)")
_DAMAGED = re.compile(r"[.,']\d")
_DAMAGE = re.compile(r"[\d.,']*\d")
_DIGIT = re.compile(r"\d")
_SUFFIX = re.compile(r"'[^\W\d]{1,5}(?!\w)")
_LOST_DIGITS = re.compile(r"(?:\A|[^\w)])[.,]\Z")
_LONGEST = 16
_NO_COUNT_AFTER = ("/", "#", "$", "€", "£", "№", "_")
_NO_COUNT_BEFORE = ("%", "°", "$", "€")
_LOOSE = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number: its offsets, its value, and whether it is rounded.

    `value` is None where no whole number can be read; `problem` then says why. `categories` is set
    for a noun that says its number itself.
    """

    start: int
    end: int
    value: int | None
    rounded: bool = False
    problem: str | None = None
    categories: tuple[str, ...] = ()


def read_number(text: str, start: int, lexicon: Lexicon, end: int | None = None) -> Number | None:
    """Read the number whose first digit stands at `start` of the folded text, or None.

    Grouped digits ("4 823", "4,823", "4'823"), scale words ("282.6 thousand", "1 million 112 460").
    """
    limit = len(text) if end is None else end
    found = _DIGITS.match(text, start, limit)
    if not found:
        return None
    if len(found[0]) > _LONGEST:
        return Number(start, found.end(), None, problem=f"{found[0][:_LONGEST]!r}... is too long")
    scaled = _scaled(text, found, lexicon, limit)
    if scaled:
        return scaled
    fraction = _FRACTION.match(text, found.end(), limit)
    if fraction:
        printed = text[start : fraction.end()]
        return Number(start, fraction.end(), None, problem=f"{printed!r} is no whole number")
    if _DAMAGED.match(text, found.end(), limit):
        stop = _DAMAGE.match(text, start, limit)
        printed = stop[0] if stop else found[0]
        return Number(start, start + len(printed), None, problem=f"{printed[:40]!r} is damaged")
    suffix = _SUFFIX.match(text, found.end(), limit)
    return Number(start, suffix.end() if suffix else found.end(), _whole(found))


def _whole(found: re.Match[str]) -> int:
    return int(found[0].replace(found[1], "") if found[1] else found[0])


def _scaled(text: str, found: re.Match[str], lexicon: Lexicon, limit: int) -> Number | None:
    """Read "8 thousand 815", "282.6 thousand", "1 million 182 thousand 610"."""
    fraction = _FRACTION.match(text, found.end(), limit)
    scale = _scale_after(text, fraction.end() if fraction else found.end(), lexicon, limit)
    if not scale:
        return None
    factor = lexicon.scale_factors[scale.lastindex or 0]
    if factor == 1_000 and _whole(found) >= factor:
        problem = f"{text[found.start() : scale.end()]!r}: the word for thousand is one too many"
        return Number(found.start(), scale.end(), _whole(found), problem=problem)
    value = _whole(found) * factor
    if fraction:
        value += int(fraction[1]) * factor // 10 ** len(fraction[1])
        return Number(found.start(), scale.end(), value, rounded=True)
    rest = _rest(text, scale.end(), factor, lexicon, limit)
    if rest is None or rest.value is None:
        return Number(found.start(), scale.end(), value, rounded=True)
    return Number(found.start(), rest.end, value + rest.value, rest.rounded)


def _rest(text: str, at: int, factor: int, lexicon: Lexicon, limit: int) -> Number | None:
    """Read what follows a scale word: a smaller number, "and" glued to it or not."""
    at = _skip(text, at, limit)
    if text[at : at + 1] in lexicon.glued:
        at = _skip(text, at + 1, limit)
    rest = read_number(text, at, lexicon, limit)
    return rest if rest and rest.value is not None and rest.value < factor else None


def _scale_after(text: str, at: int, lexicon: Lexicon, limit: int) -> re.Match[str] | None:
    at = _skip(text, at, limit)
    return lexicon.scale.match(text, at + (text[at : at + 1] == "-"), limit)


def _skip(text: str, start: int, limit: int) -> int:
    """Return where the blanks after `start` end."""
    found = _LOOSE.match(text, start, limit)
    return found.end() if found else start


def numbers(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Number]:
    """Yield the numbers in digits of text[start:end] that can be a count.

    Left out are parts of dates and times, ranges, percentages, money and names ("131/136", "S-300",
    "2022-23", "12:30", "$5").
    """
    at = start
    while found := _DIGIT.search(text, at, end):
        number = read_number(text, found.start(), lexicon, end)
        if number is None:
            return
        if _can_count(text, number, lexicon):
            yield _with_sign_before(text, number)
        at = number.end


def _with_sign_before(text: str, number: Number) -> Number:
    """Return the number, damaged where its first digits are lost (",000 casualties")."""
    if _LOST_DIGITS.search(text, max(number.start - 2, 0), number.start):
        printed = text[number.start - 1 : number.end]
        return replace(number, value=None, problem=f"{printed!r} is damaged")
    return number


def _can_count(text: str, number: Number, lexicon: Lexicon) -> bool:
    before = text[max(number.start - 3, 0) : number.start].rpartition("\n")[2]
    after = text[number.end : number.end + 2]
    if before[-1:] in _NO_COUNT_AFTER or _is_name(before, lexicon):
        return False
    if before[-1:] in "-.,:" and before[-2:-1].isdigit():
        return False
    if after[:1] in _NO_COUNT_BEFORE or after[:2] == " %":
        return False
    return not (after[:1] in ("/", ":", "-", "_") and after[1:2].isalnum())


def _is_name(before: str, lexicon: Lexicon) -> bool:
    """Whether a letter stands right before the digits ("M777"), other than a glued "and"."""
    letter = before[-1:]
    if not letter.isalpha() or lexicon.language.spaceless:
        return False
    return letter not in lexicon.glued or before[-2:-1].isalnum()


def number_words(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Number]:
    """Yield the number words of text[start:end]: "one", "twelve", "seven thousand"."""
    for found in lexicon.number_words.finditer(text, start, end):
        value = lexicon.number_values[found.lastindex or 0]
        scale = _scale_after(text, found.end(), lexicon, end)
        factor = lexicon.scale_factors[scale.lastindex or 0] if scale else value
        value, at = (value * factor, scale.end()) if scale else (value, found.end())
        rest = _rest(text, at, factor, lexicon, end) if factor >= 1000 else None
        if rest and rest.value is not None:
            value, at = value + rest.value, rest.end
        yield Number(found.start(), at, value, rounded=factor >= 1000 and rest is None)


def counted_nouns(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Number]:
    """Yield the nouns of text[start:end] that say their number: a dual, a lone singular."""
    for found in lexicon.counted.finditer(text, start, end):
        value, categories = lexicon.counts[found.lastindex or 0]
        yield Number(found.start(), found.end(), value, categories=categories)


def bare_scales(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Number]:
    """Yield the numbers of text[start:end] that start with "thousand" for 1,000: "bin 62"."""
    for scale in lexicon.scale.finditer(text, start, end):
        before = text[start : scale.start()].rstrip(" -")
        if before[-1:].isdigit() or text[scale.start() - 1 : scale.start()].isalpha():
            continue
        rest = _rest(text, scale.end(), lexicon.scale_factors[scale.lastindex or 0], lexicon, end)
        if (
            rest is not None
            and rest.value is not None
            and rest.value < lexicon.scale_factors[scale.lastindex or 0]
        ):
            yield Number(
                scale.start(), rest.end, lexicon.scale_factors[scale.lastindex or 0] + rest.value
            )
