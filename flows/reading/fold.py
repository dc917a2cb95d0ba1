"""Folding: the same text in lower case with plain spaces, dashes, apostrophes and digits.

Folding keeps every character in its place, so that an offset into the folded text is an offset
into the text itself.
"""

import unicodedata

_DASHES = "‐‑‒–—―−﹘﹣－"
_APOSTROPHES = "’‘ʼ`´′＇"
_SEPARATORS = {"٬": ",", "،": ",", "٫": ".", "，": ",", "．": ".", "（": "(", "）": ")", "＋": "+"}


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
    if character in _SEPARATORS:
        return _SEPARATORS[character]
    if character.isspace() and character not in "\n\t":
        return " "
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    lower = character.lower()
    return lower if len(lower) == 1 else lower[0]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the text folded, of the same length: offsets stay valid."""
    return text.translate(_FOLDING)
