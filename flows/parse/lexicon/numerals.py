"""Numerals: the value of numbers in words, of the words that they are put together of.

"sto sedmdesát pět", "two hundred and five", "centosettantacinque", "fünfundzwanzig". A sequence
that is no number has no value: half of it would be a wrong one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flows.parse.lexicon.patterns import expand
from schemas.languages import Language

_MOST_PIECES = 14
"""So many words are put together as one: "zweihunderteinundachtzigtausendsiebenhundertfünf" has
nine."""


class Piece(NamedTuple):
    """A word of a number: its value, and whether it multiplies what stands before it."""

    value: int
    multiplies: bool = False


JOINT = Piece(0)
"""What joins two pieces: "und" in "fünfundzwanzig"."""


def value_of(pieces: Sequence[Piece], *, inverted: bool = True) -> int | None:
    """Return the number that some words say in their order; None where they say none.

    `inverted` says whether tens may stand behind ones ("fünfundzwanzig").
    """
    total = part = 0
    least = None
    for piece in pieces:
        if piece is JOINT:
            continue
        if piece.multiplies and piece.value >= 1_000:
            if least is not None and piece.value >= least:
                return None
            least = piece.value
            total, part = total + (part or 1) * piece.value, 0
        elif piece.value >= 1_000 and not (total or part):
            least, total = 1_000, piece.value  # "seribu", or more that is written as one word
        elif piece.multiplies:
            if part >= piece.value:
                return None
            part = (part or 1) * piece.value
        elif goes_on(part, piece.value, inverted=inverted):
            part += piece.value
        else:
            return None
    return total + part


def goes_on(before: int, value: int, *, inverted: bool = True) -> bool:
    """Whether a number word may follow what was said before it: 5 after 170, 70 after 100.

    Also 20 after 5 ("fünfundzwanzig"), and 10 to 19 after 60 and 80 ("soixante-quinze").
    """
    if not before:
        return True
    if value >= 100 or not value:
        return False
    if before % 100 == 0:
        return True
    if value < 10:
        return before % 10 == 0
    is_inverted = before % 100 < 10 and value % 10 == 0 and value > 10
    return (inverted and is_inverted) or (before % 100 in (60, 80) and value < 20)


@dataclass(frozen=True, slots=True)
class JoinedNumbers:
    """The numbers that a language writes as one word: the pattern of any, and its pieces."""

    pattern: str
    pieces: tuple[tuple[re.Pattern[str], Piece], ...]

    @classmethod
    def of(cls, language: Language) -> "JoinedNumbers | None":
        """Return those of a language; None where it writes none."""
        if language.joined_numbers is None:
            return None
        words = [(pattern, Piece(value)) for pattern, value in language.numbers if value]
        words += [(pattern, Piece(100, multiplies=True)) for pattern in language.hundred]
        plain = (pattern for pattern in language.thousand if "\\" not in pattern)
        words += [(pattern, Piece(1_000, multiplies=True)) for pattern in plain]
        expanded = [(expand(pattern), piece) for pattern, piece in words]
        joints = [(expand(joint), JOINT) for joint in language.joined_numbers]
        longest = sorted(expanded, key=lambda word: -len(word[0]))
        any_word = "|".join(f"(?:{pattern})" for pattern, _ in longest)
        any_piece = "|".join([any_word, *(pattern for pattern, _ in joints)])
        pattern = f"(?:{any_word})(?:{any_piece}){{0,{_MOST_PIECES}}}(?:{any_word})"
        ordered = [*longest, *joints]
        return cls(pattern, tuple((re.compile(pattern), piece) for pattern, piece in ordered))

    def value(self, word: str) -> int | None:
        """Return the number that a word says; None where it says none."""
        values = (value_of(pieces) for pieces in self._split(word, 0, _MOST_PIECES))
        return next((value for value in values if value is not None), None)

    def _split(self, word: str, start: int, most: int) -> Iterator[list[Piece]]:
        """Yield the ways to divide a word into pieces."""
        if start == len(word):
            yield []
        elif most:
            for pattern, piece in self.pieces:
                match = pattern.match(word, start)
                if match and match.end() > start:
                    for rest in self._split(word, match.end(), most - 1):
                        yield [piece, *rest]
