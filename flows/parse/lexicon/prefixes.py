"""Prefixes: with which letters the words begin at which a pattern can match.

By them a text is looked through once for all patterns of a language: where a word begins with no
prefix of a pattern, the pattern is never tried (`index`, which says what that gains).
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import TypeAlias

LONGEST = 7
"""How many letters a prefix has at most; longer words are told by their first ones."""

LONGEST_NUMBER = 4
"""How many digits a prefix has at most: those of a year, of a war day."""

ANY_WORD = frozenset({""})
"""The prefixes of a pattern about which nothing can be said."""

_Prefixes: TypeAlias = frozenset[str]
_Step: TypeAlias = Callable[[_Prefixes], _Prefixes]
_DIGITS = "0123456789"
_NONE: _Prefixes = frozenset()

_MOST = 300
"""More beginnings of one pattern than this are left as they are: longer ones save little."""

_REPEAT = re.compile(r"(?:([*+?])|\{(\d+)(,?)\d*\})\??")
"""`*`, `+`, `?`, `{2}`, `{1,4}`, greedy or not."""

_GROUP = re.compile(r"\((?:\?(?:([:])|P<\w+>|(<?[=!])))?")
"""`(`, `(?:`, `(?P<n>`, and what looks ahead or behind, which takes no letter."""

_LETTERS = re.compile(r"[^\W\d]+(?![*+?{])")
"""Letters that are not repeated: they are added at once."""

_SPELLED = re.compile(r"\[([^\]\\^-]+)\]")
"""A class that lists its letters: `[vz]`."""

_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
"""Any class: `[a-z]`, `[^.]`, `[])]`."""

_BLANK_CLASSES = frozenset({r"[ \t]", r"\s", r"[ ]", r"\W"})


@cache  # every lexicon has the units of all languages
def prefixes(pattern: str) -> frozenset[str]:
    """Return the beginnings of the words at which a pattern for whole words can match.

    Each is up to LONGEST letters or LONGEST_NUMBER digits, or all of them and a blank. Where digits
    follow letters, or letters digits, they are left out. A pattern that is not understood gives
    ANY_WORD.
    """
    try:
        return _PatternReader(pattern).prefixes()
    except (ValueError, IndexError):
        return ANY_WORD


class _PatternReader:
    """Reads one pattern from left to right; `_done` are the prefixes that are complete.

    A step takes the beginnings that the pattern can have up to its place to those behind it.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._done: set[str] = set()

    def prefixes(self) -> frozenset[str]:
        step = self._alternatives()
        if self._at < len(self._pattern):
            raise ValueError("a parenthesis too many")
        self._close(step(frozenset({""})))
        return frozenset(self._done)

    def _close(self, begun: Iterable[str]) -> _Prefixes:
        """End a word; an empty one is none, for every pattern starts with a letter or digit."""
        self._done.update(f"{prefix} "[:LONGEST] for prefix in begun if prefix)
        return _NONE

    def _leave(self, begun: _Prefixes) -> _Prefixes:
        """Leave open how the words go on."""
        self._done.update(begun)
        return _NONE

    def _alternatives(self) -> _Step:
        steps = [self._sequence()]
        while self._pattern[self._at : self._at + 1] == "|":
            self._at += 1
            steps.append(self._sequence())
        return lambda begun: frozenset().union(*(step(begun) for step in steps))

    def _sequence(self) -> _Step:
        steps: list[_Step] = []
        while self._pattern[self._at : self._at + 1] not in ("", "|", ")"):
            if letters := _LETTERS.match(self._pattern, self._at):
                self._at = letters.end()
                steps.append(partial(self._grown, letters=letters[0]))
            else:
                steps.append(self._repeated(self._atom()))

        def follow(begun: _Prefixes) -> _Prefixes:
            for step in steps:
                begun = step(begun)
            return self._leave(begun) if len(begun) > _MOST else begun

        return follow

    def _repeated(self, step: _Step) -> _Step:
        repeat = _REPEAT.match(self._pattern, self._at)
        if not repeat:
            return step
        self._at = repeat.end()
        optional = repeat[1] in ("*", "?") or repeat[2] == "0"
        if repeat[1] == "?":
            return lambda begun: begun | step(begun)
        return lambda begun: (begun if optional else _NONE) | self._leave(step(begun))

    def _atom(self) -> _Step:
        character = self._pattern[self._at]
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        self._at += 1
        if character == "\\":
            self._at += 1
            return self._escaped(self._pattern[self._at - 1])
        if character in "^$":
            return lambda begun: begun
        if character in "*+?{":
            raise ValueError(f"{character} is not understood")
        return self._leave if character == "." else self._one_of(character)

    def _group(self) -> _Step:
        opened = _GROUP.match(self._pattern, self._at)
        if not opened or self._pattern.startswith("?", opened.end()):
            raise ValueError("a group of an unknown kind")
        self._at = opened.end()
        inner = self._alternatives()
        if self._pattern[self._at] != ")":
            raise ValueError("a parenthesis is missing")
        self._at += 1
        return (lambda begun: begun) if opened[2] else inner

    def _class(self) -> _Step:
        printed = _CLASS.match(self._pattern, self._at)
        if not printed:
            raise ValueError("a bracket is missing")
        self._at = printed.end()
        spelled = _SPELLED.fullmatch(printed[0])
        if printed[0] in _BLANK_CLASSES:
            return self._close
        return self._one_of(spelled[1]) if spelled else self._leave

    def _escaped(self, letter: str) -> _Step:
        if letter == "d":
            return self._one_of(_DIGITS)
        if letter in "bBAZ":
            return lambda begun: begun
        if letter in "sWtn":
            return self._close
        if letter in "wSD":
            return self._leave
        if letter.isalnum():
            raise ValueError(f"\\{letter} is not understood")
        return self._one_of(letter)

    def _one_of(self, characters: str) -> _Step:
        if len(characters) == 1:
            return partial(self._grown, letters=characters)
        return lambda begun: frozenset().union(*(self._grown(begun, c) for c in characters))

    def _grown(self, begun: _Prefixes, letters: str) -> _Prefixes:
        """Add letters, or a digit; a prefix goes no further where the one follows the other."""
        first = letters[0]
        if not (first.isalnum() or first == "_"):
            return self._close(begun)
        digit = first.isdecimal()
        mixed = frozenset(prefix for prefix in begun if prefix and prefix[0].isdecimal() != digit)
        longest = LONGEST_NUMBER if digit else LONGEST
        grown = frozenset((prefix + letters)[:longest] for prefix in begun - mixed)
        full = frozenset(prefix for prefix in grown if len(prefix) >= longest)
        self._leave(mixed | full)
        return grown - full
