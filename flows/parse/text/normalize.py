"""Normalize: the same text in lower case with plain spaces, dashes, apostrophes and digits.

Every character keeps its place, so that an offset into the normalized text is an offset into the
text itself. Letters that one word is written with either way become one letter: the Turkish
dotless i, the Greek letters with accents, the Arabic alefs and yehs.
"""

import re
import unicodedata

_DASHES = "‐‑‒–—―−﹘﹣－"
_APOSTROPHES = "’‘ʼ`´′＇"
_SIGNS = {
    "٬": ",",
    "،": ",",
    "٫": ".",
    "؛": ";",
    "؟": "?",
    "、": ";",
    "。": "\n",
    "≈": "~",
    "≃": "~",
    "\u2219": "\u00b7",
    "\u22c5": "\u00b7",
    "\u2027": "\u00b7",
    "\u30fb": "\u00b7",
} | dict.fromkeys('«»‹›“”„‟″"', " ")
"""Arabic and Chinese punctuation, signs for "about", raised dots; quotes part words like blanks."""

_LETTERS = str.maketrans(
    "ıςάέήίόύώϊϋΐΰأإآٱىیةکەې",
    "iσαεηιουωιυιυاااايي" + "هكهي",
)
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_FULL_WIDTH_SHIFT = 0xFEE0
"""The letters and digits of East Asian fonts, in the order of ASCII, and how far off they are."""


class _Table(dict[int, int | str]):
    """A translation table that works out each character once."""

    def __missing__(self, code: int) -> int | str:
        self[code] = normalized = _normalize_character(chr(code))
        return normalized


def _normalize_character(character: str) -> str:
    if character in _DASHES:
        return "-"
    if character in _APOSTROPHES:
        return "'"
    if character in _SIGNS:
        return _SIGNS[character]
    if ord(character) in _FULL_WIDTH:
        return chr(ord(character) - _FULL_WIDTH_SHIFT).lower()
    if character.isspace() and character not in "\n\t":
        return " "
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    return normalize_letters(character.lower()[:1])


_TABLE = _Table()
_SPECIAL = re.compile(
    "["
    + re.escape(_DASHES + _APOSTROPHES + "".join(map(chr, _LETTERS)) + "".join(_SIGNS))
    + r"\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\x0b\x0c\r\x1c-\x1f\x85"
    + r"\uff01-\uff5e\u0660-\u0669\u06f0-\u06f9]"
)
"""What is more than a letter in lower case: the signs above, blanks, full width, Arabic digits."""

_RARE_SCRIPT = re.compile(r"[\u07c0-\u1fff\u2c00-\U0010ffff]")
"""The scripts with digits of their own, other than the Arabic; and others beside them."""

_RARE_DIGIT = re.compile(r"[^\W\D0-9\u0660-\u0669\u06f0-\u06f9]")
"""A digit that `_SPECIAL` does not have, such as those of Devanagari."""


def normalize(text: str) -> str:
    """Return the text normalized, of the same length: offsets stay valid."""
    if text.isascii():
        return text.translate(_TABLE)
    lower = text.lower()
    if len(lower) != len(text) or (_RARE_SCRIPT.search(lower) and _RARE_DIGIT.search(lower)):
        return text.translate(_TABLE)  # a letter that is longer in lower case, a rare script
    return _SPECIAL.sub(_normalize_match, lower)


def _normalize_match(special: re.Match[str]) -> str:
    normalized = _TABLE[ord(special[0])]
    return normalized if isinstance(normalized, str) else chr(normalized)


def normalize_letters(text: str) -> str:
    """Return the text with its letters normalized and nothing else: safe for a pattern."""
    return text.translate(_LETTERS)
