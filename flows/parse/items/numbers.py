"""Numbers as bulletins print them: grouped digits, scale words, number words."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.lexicon.numerals import JOINT, Piece, value_of
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_DIGITS = re.compile(
    "[0-9](?:"  # a first digit that both have is soon found
    r"[0-9]{0,2}(?:([ ,.'\u00b7])[0-9]{3}(?![0-9]))(?:\1[0-9]{3}(?![0-9]))*"  # grouped
    "|[0-9]*)"
)
_FRACTION = re.compile(r"[.,](\d{1,2})(?!\d)")
"""`.6` of "282.6 thousand"; three digits are a group."""

_DAMAGED = re.compile(r"[.,'\u00b7\u2022*^]\d")
_DAMAGE = re.compile(r"[\d.,'\u00b7\u2022*^]*\d")
"""What goes on behind a number that is grouped otherwise: "4,8230.1"; and all of it."""

_SUFFIX = re.compile(r"'[^\W\d]{1,5}(?!\w)")
"""An ending with an apostrophe: the Turkish "4823'ü"."""

_ENDING = re.compile(r"[-:][^\W\d]{1,3}(?!\w)")
_LONG = 5
"""The Hungarian "1 082 990-et", the Finnish "1 082 990:een"; behind fewer digits it is an age or a
name: "A-50-es"."""

_LOST_DIGITS = re.compile(r"(?:\A|[^\w)])[.,]\Z")
"""A separator with nothing before it: ",000 casualties"."""

_SEPARATORS = frozenset(".,")

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

_GOES_ON = frozenset(".,'-:\u00b7\u2022*^")
"""With one of these, and more digits or letters, a number goes on."""

_BLANK = frozenset(" \t")
_BETWEEN_WORDS = re.compile(r"[ \t-]+")
"""What stands between the words of a number: "twenty-five"."""

_COMMA = re.compile(r",[ \t]+")
"""It parts thousands from hundreds: "four thousand, eight hundred"."""

_MOST_WORDS = 14
"""So many words follow the first one: "nine hundred and ninety-nine thousand nine ..." has ten."""

_DASHED_WORD = re.compile(r"[^\W\d]-\Z")
"""A word and a dash before a number word: "anti-one" counts nothing."""

_HUNDRED = 100

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
    if scaled := _scaled(matches, digits, limit, below):
        return scaled
    if text[end] in _GOES_ON:
        return _unscaled(text, digits, limit)
    return Number(start, end, _whole(digits))


def _unscaled(text: str, digits: re.Match[str], limit: int) -> Number:
    """Return a number that goes on with a sign: damaged, with a fraction, with an ending."""
    start, end = digits.span()
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
    printed, separator = digits.group(0, 1)
    return int(printed.replace(separator, "") if separator else printed)


def _scaled(
    matches: LexiconMatches, digits: re.Match[str], limit: int, below: int | None
) -> Number | None:
    """Read "8 thousand 815", "282.6 thousand", "1 million 182 thousand 610".

    What has to be `below` a number is none with a scale word as large: each word that follows is
    smaller, so that few follow each other however often a text repeats them.
    """
    end, fraction = digits.end(), None
    if matches.text[end] in _SEPARATORS and (fraction := _FRACTION.match(matches.text, end, limit)):
        end = fraction.end()
    scale = _scale_after(matches, end, limit)
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
    if rest is None:
        return Number(digits.start(), scale.end(), value, rounded=True)
    if rest.value is None:
        return Number(digits.start(), rest.end, None, problem=rest.problem)
    return Number(digits.start(), rest.end, value + rest.value, rest.rounded)


def _rest(matches: LexiconMatches, start: int, factor: int, limit: int) -> Number | None:
    """Read what follows a scale word: a smaller number in digits, or in words."""
    if digits := _digits_behind(matches, start, factor, limit):
        return digits
    start = behind_blanks(matches.text, start, limit)
    joint = matches.lexicon.number_and.match(matches.text, start, limit)
    place = behind_blanks(matches.text, joint.end(), limit) if joint else start
    word = matches.number_words.match(place, limit)
    value = _value(matches, word) if word else None
    if word is None or not value or word.end() - place == 1:
        return None
    rest = _spelled(matches, word, Piece(value), limit)
    return rest if rest.problem or (rest.value and rest.value < factor) else None


def _digits_behind(matches: LexiconMatches, start: int, factor: int, limit: int) -> Number | None:
    """Read the digits behind a scale word, "and" glued to them or not; they have to be below it."""
    start = behind_blanks(matches.text, start, limit)
    if matches.text[start : start + 1] in matches.lexicon.glued:
        start = behind_blanks(matches.text, start + 1, limit)
    digits = _DIGITS.match(matches.text, start, limit)
    rest = _read(matches, digits, limit, below=factor) if digits else None
    return rest if rest and rest.value is not None and rest.value < factor else None


def _scale_after(matches: LexiconMatches, start: int, limit: int) -> re.Match[str] | None:
    """Return the scale word behind a number, blanks or a dash between: "8-thousand"."""
    text = matches.text
    start = behind_blanks(text, start, limit)
    following = text[start : start + 1]
    if following == "-":
        start += 1
    elif not following.isalpha():
        return None
    return matches.lexicon.scale.match(text, start, limit)


def behind_blanks(text: str, start: int, limit: int) -> int:
    """Return where the blanks from `start` on end, at `limit` at the latest."""
    while start < limit and text[start] in _BLANK:
        start += 1
    return start


def numbers(matches: LexiconMatches, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers in digits between two offsets that can be a count.

    Left out are parts of dates and times, ranges, percentages, money and names ("131/136", "M777",
    "2022-23", "12:30", "$5").
    """
    text = matches.text
    while digits := _DIGITS.search(text, start, end):
        number = _read(matches, digits, end)
        start = number.end
        if _can_count(matches, number):
            is_behind = text[number.start - 1 : number.start] in _SEPARATORS
            yield _with_sign_before(text, number) if is_behind else number


def _with_sign_before(text: str, number: Number) -> Number:
    """Return the number, damaged where its first digits are lost (",000 casualties")."""
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
        if before[-1:] in "-.,:\u00b7\u2022*^" and before[-2:-1].isdigit():
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
    """Yield the number words between two offsets: "one", "twenty-five", "seven thousand and five".

    Words that follow each other and are together no number are damaged: none of them is the number.
    """
    bare = list(_bare_scales(matches, start, end)) if matches.scales.any(start, end) else []
    free_from = start
    for word in matches.number_words.within(start, end):
        before = word.start()
        while bare and bare[0].start < before:
            if bare[0].start >= free_from:
                yield bare[0]
                free_from = bare[0].end
            del bare[0]
        if before < free_from or _DASHED_WORD.search(matches.text, free_from, before):
            continue
        first = _value(matches, word)
        number = None if first is None else _spelled(matches, word, Piece(first), end)
        free_from = number.end if number else word.end()
        if number:
            yield number
    for number in bare:
        if number.start >= free_from:
            yield number


def _bare_scales(matches: LexiconMatches, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers between two offsets that start with "thousand" for 1,000: "bin 62"."""
    for scale in matches.scales.within(start, end):
        before = matches.text[start : scale.start()].rstrip(" -")
        if before[-1:].isdigit() or matches.text[scale.start() - 1 : scale.start()].isalpha():
            continue
        piece = Piece(matches.lexicon.scale_factors[scale.lastgroup], multiplies=True)
        number = _spelled(matches, scale, piece, end)
        if number.end > scale.end():
            yield number


def _spelled(matches: LexiconMatches, word: re.Match[str], first: Piece, end: int) -> Number:
    """Return the number that starts with a word; digits may stand behind its "thousand"."""
    pieces, stop = [first], word.end()
    while len(pieces) <= _MOST_WORDS and (following := _piece_after(matches, pieces, stop, end)):
        more, stop = following
        pieces += more
    value = value_of(pieces, inverted=JOINT in pieces or bool(matches.lexicon.glued))
    if value is None:
        problem = damaged(f"{matches.text[word.start() : stop]!r} is no number")
        return Number(word.start(), stop, None, problem=problem)
    last = pieces[-1] if pieces[-1].multiplies else Piece(0)
    factor = last.value or (value if value >= _LEAST_SCALE and len(pieces) == 1 else 0)
    rest = _digits_behind(matches, stop, factor, end) if factor >= _LEAST_SCALE else None
    if rest and rest.value is not None:
        return Number(word.start(), rest.end, value + rest.value, rest.rounded)
    return Number(word.start(), stop, value, rounded=last.multiplies or factor > 0)


def _value(matches: LexiconMatches, word: re.Match[str]) -> int | None:
    value = matches.lexicon.number_values[word.lastgroup]
    joined = matches.lexicon.joined_numbers
    return joined.value(word[0]) if value is None and joined else value


def _piece_after(
    matches: LexiconMatches, pieces: Sequence[Piece], stop: int, end: int
) -> tuple[Sequence[Piece], int] | None:
    """Return the word that goes on with a number, what joins it, and where it ends."""
    text, lexicon = matches.text, matches.lexicon
    gap = _BETWEEN_WORDS.match(text, stop, end)
    if not gap:
        gap = _COMMA.match(text, stop, end) if pieces[-1].value >= _LEAST_SCALE else None
        word = matches.number_words.match(gap.end(), end) if gap else None
        return _behind_comma(matches, word, pieces, end) if word else None
    place = gap.end()
    if hundred := lexicon.hundred.match(text, place, end):
        return [Piece(100, multiplies=True)], hundred.end()
    if text[place : place + 1].isalpha() and (scale := lexicon.scale.match(text, place, end)):
        factor = lexicon.scale_factors[scale.lastgroup]
        return [Piece(factor, multiplies=True)], scale.end()
    if word := matches.number_words.match(place, end):
        is_article = word.end() - place == 1 and not _scale_or_hundred(matches, word.end(), end)
        return None if is_article else _as_piece(matches, word)
    is_glued = text[place : place + 1] in lexicon.glued
    joint = None if is_glued else lexicon.number_and.match(text, place, end)
    if not (is_glued or joint):
        return None
    place = behind_blanks(text, joint.end() if joint else place + 1, end)
    if scale := lexicon.scale.match(text, place, end):
        factor = lexicon.scale_factors[scale.lastgroup]
        return [Piece(factor, multiplies=True)], scale.end()
    word = matches.number_words.match(place, end)
    found = _as_piece(matches, word) if word else None
    if found is None or value_of([*pieces, *found[0]]) is None:
        return None
    return [JOINT, *found[0]], found[1]


def _behind_comma(
    matches: LexiconMatches, word: re.Match[str], pieces: Sequence[Piece], end: int
) -> tuple[Sequence[Piece], int] | None:
    """Return the hundreds behind "four thousand,", or a piece that makes no number of both.

    "Four thousand, eighty-two tanks" may be two numbers; 82 is not the tanks.
    """
    found = _as_piece(matches, word)
    if found is None or _scale_or_hundred(matches, word.end(), end):
        return found
    inner = _spelled(matches, word, found[0][0], end)
    is_large = inner.value is not None and inner.value >= _HUNDRED
    return found if is_large else ([pieces[-1], *found[0]], inner.end)


def _scale_or_hundred(matches: LexiconMatches, offset: int, end: int) -> bool:
    """Whether the word behind an offset multiplies the one before it."""
    place = behind_blanks(matches.text, offset, end)
    if matches.lexicon.hundred.match(matches.text, place, end):
        return True
    return matches.lexicon.scale.match(matches.text, place, end) is not None


def _as_piece(matches: LexiconMatches, word: re.Match[str]) -> tuple[list[Piece], int] | None:
    """Return a number word as a piece; none for "no", which ends a number."""
    value = _value(matches, word)
    return ([Piece(value)], word.end()) if value else None


def counted_nouns(matches: LexiconMatches, start: int, end: int) -> Iterator[Number]:
    """Yield the nouns between two offsets that say their number: a dual, a lone singular."""
    for noun in matches.counted.within(start, end):
        value, categories = matches.lexicon.counts[noun.lastgroup]
        yield Number(noun.start(), noun.end(), value, categories=categories)
