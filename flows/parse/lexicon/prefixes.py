"""Openings: with which letters the words begin at which a pattern can match.

By them a text is looked through once for all patterns of a language: where a word begins with no
opening of a pattern, the pattern is never tried.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

LONGEST = 7
"""How many letters an opening has at most; longer words are told by their first ones."""

LONGEST_NUMBER = 4
"""How many digits an opening has at most."""

ANY_WORD = frozenset({""})
"""The openings of a pattern about which nothing can be said."""

_Heads: TypeAlias = frozenset[str]
_Step: TypeAlias = Callable[[_Heads], _Heads]
_DIGITS = "0123456789"
_NONE: _Heads = frozenset()
_MOST = 300
_REPEAT = re.compile(r"(?:([*+?])|\{(\d+)(,?)\d*\})\??")
_GROUP = re.compile(r"\((?:\?(?:([:])|P<\w+>|(<?[=!])))?")
_SPELLED = re.compile(r"\[([^\]\\^-]+)\]")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_BLANK_CLASSES = frozenset({r"[ \t]", r"\s", r"[ ]", r"\W"})


def openings(pattern: str) -> frozenset[str]:
    """Return the beginnings of the words at which a pattern for whole words can match.

    Each is up to LONGEST letters or LONGEST_NUMBER digits, or all of them and a blank. Where digits
    follow letters, or letters digits, they are left out. A pattern that is not understood gives
    ANY_WORD.
    """
    try:
        return _Reading(pattern).found()
    except (ValueError, IndexError):
        return ANY_WORD


class _Reading:
    """Reads one pattern from left to right; `_done` are the openings that are complete."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._done: set[str] = set()

    def found(self) -> frozenset[str]:
        step = self._alternatives()
        if self._at < len(self._pattern):
            raise ValueError("a parenthesis too many")
        self._close(step(frozenset({""})))
        return frozenset(self._done)

    def _close(self, heads: Iterable[str]) -> _Heads:
        """End a word; an empty one is none, for every pattern starts with a letter or digit."""
        self._done.update(f"{head} "[:LONGEST] for head in heads if head)
        return _NONE

    def _leave(self, heads: _Heads) -> _Heads:
        """Leave open how the words go on."""
        self._done.update(heads)
        return _NONE

    def _alternatives(self) -> _Step:
        steps = [self._sequence()]
        while self._pattern[self._at : self._at + 1] == "|":
            self._at += 1
            steps.append(self._sequence())
        return lambda heads: frozenset().union(*(step(heads) for step in steps))

    def _sequence(self) -> _Step:
        steps: list[_Step] = []
        while self._pattern[self._at : self._at + 1] not in ("", "|", ")"):
            steps.append(self._repeated(self._atom()))

        def follow(heads: _Heads) -> _Heads:
            for step in steps:
                heads = step(heads)
            return self._leave(heads) if len(heads) > _MOST else heads

        return follow

    def _repeated(self, step: _Step) -> _Step:
        found = _REPEAT.match(self._pattern, self._at)
        if not found:
            return step
        self._at = found.end()
        optional = found[1] in ("*", "?") or found[2] == "0"
        if found[1] == "?":
            return lambda heads: heads | step(heads)
        return lambda heads: (heads if optional else _NONE) | self._leave(step(heads))

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
        if character in "^$*+?{":
            raise ValueError(f"{character} is not understood")
        return self._leave if character == "." else self._one_of(character)

    def _group(self) -> _Step:
        found = _GROUP.match(self._pattern, self._at)
        if not found or self._pattern.startswith("?", found.end()):
            raise ValueError("a group of an unknown kind")
        self._at = found.end()
        inner = self._alternatives()
        if self._pattern[self._at] != ")":
            raise ValueError("a parenthesis is missing")
        self._at += 1
        return (lambda heads: heads) if found[2] else inner

    def _class(self) -> _Step:
        found = _CLASS.match(self._pattern, self._at)
        if not found:
            raise ValueError("a bracket is missing")
        self._at = found.end()
        spelled = _SPELLED.fullmatch(found[0])
        if found[0] in _BLANK_CLASSES:
            return self._close
        return self._one_of(spelled[1]) if spelled else self._leave

    def _escaped(self, letter: str) -> _Step:
        if letter == "d":
            return self._one_of(_DIGITS)
        if letter in "bBAZ":
            return lambda heads: heads
        if letter in "sWtn":
            return self._close
        if letter in "wSD":
            return self._leave
        if letter.isalnum():
            raise ValueError(f"\\{letter} is not understood")
        return self._one_of(letter)

    def _one_of(self, characters: str) -> _Step:
        return lambda heads: frozenset().union(*(self._grown(heads, c) for c in characters))

    def _grown(self, heads: _Heads, character: str) -> _Heads:
        """Add a letter or digit; a key goes no further where the one follows the other."""
        if not (character.isalnum() or character == "_"):
            return self._close(heads)
        digit = character.isdecimal()
        mixed = frozenset(head for head in heads if head and head[0].isdecimal() != digit)
        grown = frozenset(head + character for head in heads - mixed)
        longest = LONGEST_NUMBER if digit else LONGEST
        full = frozenset(head for head in grown if len(head) >= longest)
        self._leave(mixed | full)
        return grown - full
