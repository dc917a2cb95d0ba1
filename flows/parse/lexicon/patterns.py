"""Patterns: the shorthand of the data files as regular expressions that match whole words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flows.parse.text.normalize import normalize_letters
from schemas.languages import Language
from schemas.typed import NotValid

NO_MATCH = re.compile(r"(?!)")
"""The pattern of an empty list: it matches nowhere."""

_SHORTHAND = re.compile(r"\[[^\]]*\]| \?| |~")
"""What `expand` gives a meaning to (" ?", " ", "~"), and the classes in which it has none."""

_MEANINGS = {" ": r"[ \t]+", " ?": r"[ \t]*", "~": r"\w*"}


def expand(pattern: str) -> str:
    """Turn a pattern of the data files into a regular expression: ` ` and `~` get their meaning.

    Inside square brackets they stand for themselves. Letters are normalized as those of the text.
    """
    letters = normalize_letters(pattern)
    return _SHORTHAND.sub(lambda sign: _MEANINGS.get(sign[0], sign[0]), letters)


@dataclass(frozen=True, slots=True)
class WordBounds:
    """How patterns become whole words in a language: what may stand before and after them."""

    before: str
    after: str

    @classmethod
    def of(cls, language: Language) -> "WordBounds":
        """Return the bounds of a language's words: none where no blanks part them."""
        if language.spaceless:
            return cls("", "")
        letters = map(normalize_letters, language.glued)
        glued = "".join(rf"|(?<=(?<!\w){re.escape(letter)})" for letter in letters)
        return cls(rf"(?:(?<!\w){glued})(?=\w)", r"(?!\w)")


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The patterns of one list of the language files, in order of precedence.

    Where they are `named`, the `lastgroup` of a match tells which of them it is, by `name_of`. That
    group is empty and stands last: an alternative that starts with a letter is passed over at once
    where the text has another. `ahead` is what each match has to start with.
    """

    patterns: tuple[str, ...]
    bounds: WordBounds
    named: bool = False
    ahead: str = ""

    @classmethod
    def longest_first(cls, patterns: Iterable[str], bounds: WordBounds) -> "Alternatives":
        """Return the patterns of a list that has no order of its own."""
        ordered = sorted(patterns, key=len, reverse=True)
        return cls(tuple(map(expand, ordered)), bounds)

    def anywhere(self) -> re.Pattern[str]:
        """Return the pattern that finds any of them in a text. Raises NotValid as `at_word`."""
        return self._compiled(self.bounds.before, range(len(self.patterns)))

    def at_word(self, numbers: Iterable[int]) -> re.Pattern[str]:
        """Return the pattern that matches some of them where a word begins.

        Raises NotValid, naming it, for one that is no regular expression.
        """
        return self._compiled("", numbers)

    def _compiled(self, before: str, numbers: Iterable[int]) -> re.Pattern[str]:
        after = self.bounds.after
        chosen = [(name_of(number), self.patterns[number]) for number in numbers]
        if not chosen:
            return NO_MATCH
        if self.named:
            groups = "|".join(f"(?:{pattern}){after}(?P<{name}>)" for name, pattern in chosen)
            whole = f"{before}{self.ahead}(?:{groups})"
        else:
            whole = f"{before}(?:{'|'.join(pattern for _, pattern in chosen)}){after}"
        try:
            return re.compile(whole)
        except re.error:
            for _, pattern in chosen:
                _check(pattern)
            raise


def _check(pattern: str) -> None:
    """Raise NotValid, naming it, where a pattern is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        said = f"languages: a pattern is no regular expression ({error}): {pattern}"
        raise NotValid(said) from error


def name_of(number: int) -> str:
    """Return the name of the group that tells the alternative of that number, from 0."""
    return f"_{number}"
