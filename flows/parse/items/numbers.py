"""Numbers as bulletins print them: grouped digits, scale words, number words."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from flows.parse.lexicon.matches import Cues
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_DIGITS = re.compile(
    r"\d{1,3}(?:([ ,.'])\d{3}(?!\d))(?:\1\d{3}(?!\d))*"  # grouped by one and the same separator
    r"|\d+"
)
_FRACTION = re.compile(r"[.,](\d{1,2})(?!\d)")
_DAMAGED = re.compile(r"[.,']\d")
_DAMAGE = re.compile(r"[\d.,']*\d")
_SUFFIX = re.compile(r"'[^\W\d]{1,5}(?!\w)")
_LOST_DIGITS = re.compile(r"(?:\A|[^\w)])[.,]\Z")
_LONGEST = 16
_NO_COUNT_AFTER = ("/", "#", "$", "€", "£", "№", "_")
_NO_COUNT_BEFORE = ("%", "°", "$", "€")
_PLAIN_BEFORE = frozenset(" (+\t\n")
_PLAIN_AFTER = frozenset(")(;+\n")
_LOOSE = re.compile(r"[ \t]*")
_TENS = range(20, 100, 10)
_JOINTS = (re.compile(r"[ \t-]+"), re.compile(r"[ \t]+[^\W\d]{1,3}[ \t]+"))
_DASHED_WORD = re.compile(r"[^\W\d]-\Z")


class Number(NamedTuple):
    """A printed number: its offsets, its value, and whether it is rounded.

    `value` is None where no whole number can be read; `problem` then says why. `categories` is set
    for a noun that says its number itself.
    """

    start: int
    end: int
    value: int | None
    rounded: bool = False
    problem: BulletinWarning | None = None
    categories: tuple[str, ...] = ()


def damaged(remark: str) -> BulletinWarning:
    """Return the remark on a number that cannot be read."""
    return BulletinWarning(BulletinWarningCode.NUMBER_DAMAGED, remark)


def read_number(cues: Cues, start: int, end: int | None = None) -> Number | None:
    """Read the number whose first digit stands at `start` of the folded text, or None.

    Grouped digits ("4 823", "4,823", "4'823"), scale words ("282.6 thousand", "1 million 112 460").
    """
    limit = len(cues.text) if end is None else end
    found = _DIGITS.match(cues.text, start, limit)
    return _read(cues, found, limit) if found else None


def _read(cues: Cues, found: re.Match[str], limit: int) -> Number:
    start, end = found.span()
    text = cues.text
    if end - start > _LONGEST:
        return Number(start, end, None, problem=damaged(f"{found[0][:_LONGEST]!r}... is too long"))
    if end >= limit or text[end] in _PLAIN_AFTER:
        return Number(start, end, _whole(found))
    return _scaled(cues, found, limit) or _unscaled(text, found, limit)


def _unscaled(text: str, found: re.Match[str], limit: int) -> Number:
    start, end = found.span()
    fraction = _FRACTION.match(text, end, limit)
    if fraction:
        printed = text[start : fraction.end()]
        problem = BulletinWarning(
            BulletinWarningCode.NOT_A_WHOLE_NUMBER, f"{printed!r} is no whole number"
        )
        return Number(start, fraction.end(), None, problem=problem)
    if _DAMAGED.match(text, end, limit):
        stop = _DAMAGE.match(text, start, limit)
        printed = stop[0] if stop else found[0]
        problem = damaged(f"{printed[:40]!r} is damaged")
        return Number(start, start + len(printed), None, problem=problem)
    suffix = _SUFFIX.match(text, end, limit)
    return Number(start, suffix.end() if suffix else end, _whole(found))


def _whole(found: re.Match[str]) -> int:
    return int(found[0].replace(found[1], "") if found[1] else found[0])


def _scaled(cues: Cues, found: re.Match[str], limit: int) -> Number | None:
    """Read "8 thousand 815", "282.6 thousand", "1 million 182 thousand 610"."""
    fraction = _FRACTION.match(cues.text, found.end(), limit)
    scale = _scale_after(cues, fraction.end() if fraction else found.end(), limit)
    if not scale:
        return None
    factor = cues.lexicon.scale_factors[scale.lastgroup]
    if factor == 1_000 and _whole(found) >= factor:
        printed = cues.text[found.start() : scale.end()]
        remark = f"{printed!r}: the word for thousand is one too many"
        problem = BulletinWarning(BulletinWarningCode.SCALE_WORD_EXTRA, remark)
        return Number(found.start(), scale.end(), _whole(found), problem=problem)
    value = _whole(found) * factor
    if fraction:
        value += int(fraction[1]) * factor // 10 ** len(fraction[1])
        return Number(found.start(), scale.end(), value, rounded=True)
    rest = _rest(cues, scale.end(), factor, limit)
    if rest is None or rest.value is None:
        return Number(found.start(), scale.end(), value, rounded=True)
    return Number(found.start(), rest.end, value + rest.value, rest.rounded)


def _rest(cues: Cues, at: int, factor: int, limit: int) -> Number | None:
    """Read what follows a scale word: a smaller number, "and" glued to it or not."""
    at = _skip(cues.text, at, limit)
    if cues.text[at : at + 1] in cues.lexicon.glued:
        at = _skip(cues.text, at + 1, limit)
    rest = read_number(cues, at, limit)
    return rest if rest and rest.value is not None and rest.value < factor else None


def _scale_after(cues: Cues, at: int, limit: int) -> re.Match[str] | None:
    at = _skip(cues.text, at, limit)
    next_one = cues.text[at : at + 1]
    if next_one == "-":
        return cues.lexicon.scale.match(cues.text, at + 1, limit)
    return cues.lexicon.scale.match(cues.text, at, limit) if next_one.isalpha() else None


def _skip(text: str, start: int, limit: int) -> int:
    """Return where the blanks after `start` end."""
    found = _LOOSE.match(text, start, limit)
    return found.end() if found else start


def numbers(cues: Cues, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers in digits between two offsets that can be a count.

    Left out are parts of dates and times, ranges, percentages, money and names ("131/136", "S-300",
    "2022-23", "12:30", "$5").
    """
    at = start
    while found := _DIGITS.search(cues.text, at, end):
        number = _read(cues, found, end)
        if _can_count(cues, number):
            yield _with_sign_before(cues.text, number)
        at = number.end


def _with_sign_before(text: str, number: Number) -> Number:
    """Return the number, damaged where its first digits are lost (",000 casualties")."""
    if text[number.start - 1 : number.start] not in (".", ","):
        return number
    if _LOST_DIGITS.search(text, max(number.start - 2, 0), number.start):
        printed = text[number.start - 1 : number.end]
        return number._replace(value=None, problem=damaged(f"{printed!r} is damaged"))
    return number


def _can_count(cues: Cues, number: Number) -> bool:
    text = cues.text
    if text[number.start - 1 : number.start] not in _PLAIN_BEFORE:
        before = text[max(number.start - 3, 0) : number.start].rpartition("\n")[2]
        if before[-1:] in _NO_COUNT_AFTER or _is_name(before, cues):
            return False
        if before[-1:] in "-.,:" and before[-2:-1].isdigit():
            return False
    after = text[number.end : number.end + 2]
    if after[:1] in _NO_COUNT_BEFORE or after == " %":
        return False
    return not (after[:1] in ("/", ":", "-", "_") and after[1:2].isalnum())


def _is_name(before: str, cues: Cues) -> bool:
    """Whether a letter stands right before the digits ("M777"), other than a glued "and"."""
    letter = before[-1:]
    if not letter.isalpha() or cues.lexicon.language.spaceless:
        return False
    return letter not in cues.lexicon.glued or before[-2:-1].isalnum()


def number_words(cues: Cues, start: int, end: int) -> Iterator[Number]:
    """Yield the number words between two offsets: "one", "twenty-five", "seven thousand"."""
    taken = start
    for found in cues.number_words.within(start, end):
        if found.start() < taken or _DASHED_WORD.search(cues.text, taken, found.start()):
            continue
        value, at = _with_unit(cues, found, end)
        scale = _scale_after(cues, at, end)
        factor = cues.lexicon.scale_factors[scale.lastgroup] if scale else value
        value, at = (value * factor, scale.end()) if scale else (value, at)
        rest = _rest(cues, at, factor, end) if factor >= 1000 else None
        if rest and rest.value is not None:
            value, at = value + rest.value, rest.end
        taken = at
        yield Number(found.start(), at, value, rounded=factor >= 1000 and rest is None)


def _with_unit(cues: Cues, word: re.Match[str], end: int) -> tuple[int, int]:
    """Return the value of a number word and where it ends: "twenty-five", "veinte y cinco"."""
    value = cues.lexicon.number_values[word.lastgroup]
    gaps = (joint.match(cues.text, word.end(), end) for joint in _JOINTS if value in _TENS)
    for gap in gaps:
        unit = cues.number_words.match(gap.end(), end) if gap else None
        if unit and 1 <= (ones := cues.lexicon.number_values[unit.lastgroup]) <= 9:
            return value + ones, unit.end()
    return value, word.end()


def counted_nouns(cues: Cues, start: int, end: int) -> Iterator[Number]:
    """Yield the nouns between two offsets that say their number: a dual, a lone singular."""
    for found in cues.counted.within(start, end):
        value, categories = cues.lexicon.counts[found.lastgroup]
        yield Number(found.start(), found.end(), value, categories=categories)


def bare_scales(cues: Cues, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers between two offsets that start with "thousand" for 1,000: "bin 62"."""
    for scale in cues.scales.within(start, end):
        before = cues.text[start : scale.start()].rstrip(" -")
        if before[-1:].isdigit() or cues.text[scale.start() - 1 : scale.start()].isalpha():
            continue
        factor = cues.lexicon.scale_factors[scale.lastgroup]
        rest = _rest(cues, scale.end(), factor, end)
        if rest is not None and rest.value is not None:
            yield Number(scale.start(), rest.end, factor + rest.value)
