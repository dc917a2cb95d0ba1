"""Folding: the same text in lower case with plain spaces, dashes, apostrophes and digits.

Folding keeps every character in its place, so that an offset into the folded text is an offset
into the text itself. Letters that one word is written with either way become one letter: the
Turkish dotless i, the Greek letters with accents, the Arabic alefs and yehs.
"""

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
} | dict.fromkeys('«»“”„‟"', " ")
_LETTERS = str.maketrans(
    "ıςάέήίόύώϊϋΐΰأإآٱىیةکەې",
    "iσαεηιουωιυιυاااايي" + "هكهي",
)
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_FULL_WIDTH_SHIFT = 0xFEE0


class _Folding(dict[int, int | str]):
    """A translation table that works out each character once."""

    def __missing__(self, code: int) -> int | str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
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
    return fold_letters(character.lower()[:1])


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the text folded, of the same length: offsets stay valid."""
    return text.translate(_FOLDING)


def fold_letters(text: str) -> str:
    """Return the text with its letters folded and nothing else: safe for a pattern."""
    return text.translate(_LETTERS)
