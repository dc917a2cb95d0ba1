"""Patterns: the shorthand of the data files as regular expressions that match whole words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flows.parse.text.normalize import fold_letters
from schemas.languages import Language

NO_MATCH = re.compile(r"(?!)")
"""The pattern of an empty list: it matches nowhere."""

_SHORTHAND = re.compile(r"\[[^\]]*\]| \?| |~")
_MEANINGS = {" ": r"[ \t]+", " ?": r"[ \t]*", "~": r"\w*"}


def expand(pattern: str) -> str:
    """Turn a pattern of the data files into a regular expression: ` ` and `~` get their meaning.

    Inside square brackets they stand for themselves. Letters are folded as those of the text are.
    """
    letters = fold_letters(pattern)
    return _SHORTHAND.sub(lambda found: _MEANINGS.get(found[0], found[0]), letters)


@dataclass(frozen=True, slots=True)
class Words:
    """How patterns become whole words in a language: what may stand before and after them."""

    before: str
    after: str

    @classmethod
    def of(cls, language: Language) -> "Words":
        """Return the bounds of a language's words: none where no blanks part them."""
        if language.spaceless:
            return cls("", "")
        letters = map(fold_letters, language.glued)
        glued = "".join(rf"|(?<=(?<!\w){re.escape(letter)})" for letter in letters)
        return cls(rf"(?:(?<!\w){glued})(?=\w)", r"(?!\w)")


@dataclass(frozen=True, slots=True)
class Cue:
    """What may stand in a text, as alternatives in order of precedence.

    Where it is `named`, the `lastgroup` of a match tells which of them it is, by `name_of`. That
    group is empty and stands last: an alternative that starts with a letter is passed over at once
    where the text has another. `ahead` is what each match has to start with.
    """

    alternatives: tuple[str, ...]
    words: Words
    named: bool = False
    ahead: str = ""

    @classmethod
    def one_of(cls, patterns: Iterable[str], words: Words) -> "Cue":
        """Return the cue that matches any of the patterns of a data file, the longest first."""
        ordered = sorted(patterns, key=len, reverse=True)
        return cls(tuple(map(expand, ordered)), words)

    def whole(self) -> re.Pattern[str]:
        """Return the pattern that finds the cue in a text."""
        return self._compiled(self.words.before, range(len(self.alternatives)))

    def at_word(self, places: Iterable[int]) -> re.Pattern[str]:
        """Return the pattern that matches some of the alternatives where a word begins."""
        return self._compiled("", places)

    def _compiled(self, before: str, places: Iterable[int]) -> re.Pattern[str]:
        after = self.words.after
        found = [(name_of(i), self.alternatives[i]) for i in places]
        if not found:
            return NO_MATCH
        if self.named:
            groups = "|".join(f"(?:{pattern}){after}(?P<{name}>)" for name, pattern in found)
            return re.compile(f"{before}{self.ahead}(?:{groups})")
        return re.compile(f"{before}(?:{'|'.join(pattern for _, pattern in found)}){after}")


def name_of(place: int) -> str:
    """Return the name of the group that tells the alternative of that place, from 0."""
    return f"_{place}"
