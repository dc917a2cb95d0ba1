"""Numbers as bulletins print them: grouped digits, scale words, number words."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.lexicon.numerals import goes_on
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_DIGITS = re.compile(
    "[0-9](?:"  # a first digit that both have is soon found
    r"[0-9]{0,2}(?:([ ,.'])[0-9]{3}(?![0-9]))(?:\1[0-9]{3}(?![0-9]))*"  # grouped by one separator
    "|[0-9]*)"
)
_FRACTION = re.compile(r"[.,](\d{1,2})(?!\d)")
"""`.6` of "282.6 thousand"; three digits are a group."""

_DAMAGED = re.compile(r"[.,']\d")
_DAMAGE = re.compile(r"[\d.,']*\d")
"""What goes on behind a number that is grouped otherwise: "4,8230.1"; and all of it."""

_SUFFIX = re.compile(r"'[^\W\d]{1,5}(?!\w)")
"""An ending with an apostrophe: the Turkish "4823'ü"."""

_ENDING = re.compile(r"-[^\W\d]{1,3}(?!\w)")
_LONG = 5
"""The Hungarian "1 082 990-et"; behind fewer digits it is an age or a name: "A-50-es"."""

_LOST_DIGITS = re.compile(r"(?:\A|[^\w)])[.,]\Z")
"""A separator with nothing before it: ",000 casualties"."""

_LONGEST = 16
"""Characters of the longest number that is read: twelve digits and their separators."""

_LONGEST_QUOTED = 40
"""So much of a damaged number is quoted."""

_NO_COUNT_AFTER = ("/", "#", "$", "€", "£", "№", "_")
_NO_COUNT_BEFORE = ("%", "°", "$", "€")
"""Behind and before these no count stands: "131/136", "$5", "30 %"."""

_PLAIN_BEFORE = frozenset(" (+\t\n")
_PLAIN_AFTER = frozenset(")(;+\n")
"""Beside these a number is as it looks; nothing else has to be asked."""

_GOES_ON = frozenset(".,'-")
"""With one of these, and more digits or letters, a number goes on."""

_LOOSE = re.compile(r"[ \t]*")
_JOINTS = (re.compile(r"[ \t-]+"), re.compile(r"[ \t]+[^\W\d]{1,3}[ \t]+"))
"""What stands between the words of a number: "twenty-five", "veinte y cinco"."""

_MOST_WORDS = 4
"""So many words follow the first one of a number below a thousand."""

_DASHED_WORD = re.compile(r"[^\W\d]-\Z")
"""A word and a dash before a number word: "anti-one" counts nothing."""

_LEAST_SCALE = 1000
"""From here on a number word multiplies: "seven thousand 5"."""


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


def read_number(matches: LexiconMatches, start: int, end: int | None = None) -> Number | None:
    """Read the number whose first digit stands at `start` of the normalized text, or None.

    Grouped digits ("4 823", "4,823", "4'823"), scale words ("282.6 thousand", "1 million 112 460").
    """
    limit = len(matches.text) if end is None else end
    digits = _DIGITS.match(matches.text, start, limit)
    return _read(matches, digits, limit) if digits else None


def _read(
    matches: LexiconMatches, digits: re.Match[str], limit: int, below: int | None = None
) -> Number:
    start, end = digits.span()
    text = matches.text
    if end - start > _LONGEST:
        problem = damaged(f"{digits[0][:_LONGEST]!r}... is too long")
        return Number(start, end, None, problem=problem)
    if end >= limit or text[end] in _PLAIN_AFTER:
        return Number(start, end, _whole(digits))
    return _scaled(matches, digits, limit, below) or _unscaled(text, digits, limit)


def _unscaled(text: str, digits: re.Match[str], limit: int) -> Number:
    start, end = digits.span()
    if text[end] not in _GOES_ON:
        return Number(start, end, _whole(digits))
    fraction = _FRACTION.match(text, end, limit)
    if fraction:
        remark = f"{text[start : fraction.end()]!r} is no whole number"
        problem = BulletinWarning(BulletinWarningCode.NOT_A_WHOLE_NUMBER, remark)
        return Number(start, fraction.end(), None, problem=problem)
    if _DAMAGED.match(text, end, limit):
        damage = _DAMAGE.match(text, start, limit)
        printed = damage[0] if damage else digits[0]
        problem = damaged(f"{printed[:_LONGEST_QUOTED]!r} is damaged")
        return Number(start, start + len(printed), None, problem=problem)
    suffix = _SUFFIX.match(text, end, limit)
    if suffix is None and end - start >= _LONG:
        suffix = _ENDING.match(text, end, limit)
    return Number(start, suffix.end() if suffix else end, _whole(digits))


def _whole(digits: re.Match[str]) -> int:
    return int(digits[0].replace(digits[1], "") if digits[1] else digits[0])


def _scaled(
    matches: LexiconMatches, digits: re.Match[str], limit: int, below: int | None
) -> Number | None:
    """Read "8 thousand 815", "282.6 thousand", "1 million 182 thousand 610".

    What has to be `below` a number is none with a scale word as large: each word that follows is
    smaller, so that few follow each other however often a text repeats them.
    """
    end = digits.end()
    fraction = _FRACTION.match(matches.text, end, limit) if matches.text[end] in ".," else None
    scale = _scale_after(matches, fraction.end() if fraction else end, limit)
    if not scale:
        return None
    factor = matches.lexicon.scale_factors[scale.lastgroup]
    if factor == 1_000 and _whole(digits) >= factor:
        printed = matches.text[digits.start() : scale.end()]
        remark = f"{printed!r}: the word for thousand is one too many"
        problem = BulletinWarning(BulletinWarningCode.SCALE_WORD_EXTRA, remark)
        return Number(digits.start(), scale.end(), _whole(digits), problem=problem)
    if below is not None and factor >= below:
        return Number(digits.start(), scale.end(), None)
    value = _whole(digits) * factor
    if fraction:
        value += int(fraction[1]) * factor // 10 ** len(fraction[1])
        return Number(digits.start(), scale.end(), value, rounded=True)
    rest = _rest(matches, scale.end(), factor, limit)
    if rest is None or rest.value is None:
        return Number(digits.start(), scale.end(), value, rounded=True)
    return Number(digits.start(), rest.end, value + rest.value, rest.rounded)


def _rest(matches: LexiconMatches, start: int, factor: int, limit: int) -> Number | None:
    """Read what follows a scale word: a smaller number, "and" glued to it or not."""
    start = _skip(matches.text, start, limit)
    if matches.text[start : start + 1] in matches.lexicon.glued:
        start = _skip(matches.text, start + 1, limit)
    digits = _DIGITS.match(matches.text, start, limit)
    rest = _read(matches, digits, limit, below=factor) if digits else None
    return rest if rest and rest.value is not None and rest.value < factor else None


def _scale_after(matches: LexiconMatches, start: int, limit: int) -> re.Match[str] | None:
    """Return the scale word behind a number, blanks or a dash between: "8-thousand"."""
    start = _skip(matches.text, start, limit)
    following = matches.text[start : start + 1]
    if following == "-":
        return matches.lexicon.scale.match(matches.text, start + 1, limit)
    if not following.isalpha():
        return None
    return matches.lexicon.scale.match(matches.text, start, limit)


def _skip(text: str, start: int, limit: int) -> int:
    """Return where the blanks after `start` end."""
    blanks = _LOOSE.match(text, start, limit)
    return blanks.end() if blanks else start


def numbers(matches: LexiconMatches, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers in digits between two offsets that can be a count.

    Left out are parts of dates and times, ranges, percentages, money and names ("131/136", "M777",
    "2022-23", "12:30", "$5").
    """
    while digits := _DIGITS.search(matches.text, start, end):
        number = _read(matches, digits, end)
        if _can_count(matches, number):
            yield _with_sign_before(matches.text, number)
        start = number.end


def _with_sign_before(text: str, number: Number) -> Number:
    """Return the number, damaged where its first digits are lost (",000 casualties")."""
    if text[number.start - 1 : number.start] not in (".", ","):
        return number
    if _LOST_DIGITS.search(text, max(number.start - 2, 0), number.start):
        printed = text[number.start - 1 : number.end]
        return number._replace(value=None, problem=damaged(f"{printed!r} is damaged"))
    return number


def _can_count(matches: LexiconMatches, number: Number) -> bool:
    text = matches.text
    if text[number.start - 1 : number.start] not in _PLAIN_BEFORE:
        before = text[max(number.start - 3, 0) : number.start].rpartition("\n")[2]
        if before[-1:] in _NO_COUNT_AFTER or _is_name(before, matches):
            return False
        if before[-1:] in "-.,:" and before[-2:-1].isdigit():
            return False
    after = text[number.end : number.end + 2]
    if after[:1] in _NO_COUNT_BEFORE or after == " %":
        return False
    return not (after[:1] in ("/", ":", "-", "_") and after[1:2].isalnum())


def _is_name(before: str, matches: LexiconMatches) -> bool:
    """Whether a letter stands right before the digits ("M777"), other than a glued "and"."""
    letter = before[-1:]
    if not letter.isalpha() or matches.lexicon.language.spaceless:
        return False
    return letter not in matches.lexicon.glued or before[-2:-1].isalnum()


def number_words(matches: LexiconMatches, start: int, end: int) -> Iterator[Number]:
    """Yield the number words between two offsets: "one", "twenty-five", "seven thousand"."""
    free_from = start
    for word in matches.number_words.within(start, end):
        before = word.start()
        if before < free_from or _DASHED_WORD.search(matches.text, free_from, before):
            continue
        value, stop, rounded = _compound(matches, word, end)
        free_from = stop
        if value is None:
            continue
        scale = _scale_after(matches, stop, end)
        factor = matches.lexicon.scale_factors[scale.lastgroup] if scale else value
        value, stop = (value * factor, scale.end()) if scale else (value, stop)
        rest = _rest(matches, stop, factor, end) if factor >= _LEAST_SCALE else None
        if rest and rest.value is not None:
            value, stop = value + rest.value, rest.end
        free_from = stop
        rounded = rounded or (factor >= _LEAST_SCALE and rest is None)
        yield Number(before, stop, value, rounded=rounded)


def _compound(
    matches: LexiconMatches, word: re.Match[str], end: int
) -> tuple[int | None, int, bool]:
    """Return the value of the number that starts with a word, where it ends, and if it is round.

    "twenty-five", "veinte y cinco", "two hundred and five"; None where the words are no number.
    """
    value, stop, rounded = _value(matches, word), word.end(), False
    for _ in range(_MOST_WORDS):
        if value is None:
            break
        gap = _JOINTS[0].match(matches.text, stop, end)
        hundred = gap and matches.lexicon.hundred.match(matches.text, gap.end(), end)
        if hundred and 1 <= value <= 19:
            value, stop, rounded = 100 * value, hundred.end(), True
            continue
        if not value or (value % 10 and value % 100 > 9):
            break
        following = _following(matches, value, stop, end)
        if not following:
            break
        value, stop, rounded = value + following[0], following[1], False
    return value, stop, rounded


def _value(matches: LexiconMatches, word: re.Match[str]) -> int | None:
    value = matches.lexicon.number_values[word.lastgroup]
    joined = matches.lexicon.joined_numbers
    return joined.value(word[0]) if value is None and joined else value


def _following(matches: LexiconMatches, value: int, stop: int, end: int) -> tuple[int, int] | None:
    """Return the value of the number word that goes on with a number, and where it ends."""
    glued = matches.lexicon.glued
    for joint in _JOINTS:
        gap = joint.match(matches.text, stop, end)
        place = gap.end() if gap else end
        is_glued = matches.text[place : place + 1] in glued
        word = gap and (
            (matches.number_words.match(place + 1, end) if is_glued else None)
            or matches.number_words.match(place, end)
        )
        following = _value(matches, word) if word else None
        if word and following and goes_on(value, following) and (value % 10 == 0 or glued):
            return following, word.end()
    return None


def counted_nouns(matches: LexiconMatches, start: int, end: int) -> Iterator[Number]:
    """Yield the nouns between two offsets that say their number: a dual, a lone singular."""
    for noun in matches.counted.within(start, end):
        value, categories = matches.lexicon.counts[noun.lastgroup]
        yield Number(noun.start(), noun.end(), value, categories=categories)


def bare_scales(matches: LexiconMatches, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers between two offsets that start with "thousand" for 1,000: "bin 62"."""
    for scale in matches.scales.within(start, end):
        before = matches.text[start : scale.start()].rstrip(" -")
        if before[-1:].isdigit() or matches.text[scale.start() - 1 : scale.start()].isalpha():
            continue
        factor = matches.lexicon.scale_factors[scale.lastgroup]
        rest = _rest(matches, scale.end(), factor, end)
        if rest is not None and rest.value is not None:
            yield Number(scale.start(), rest.end, factor + rest.value)
