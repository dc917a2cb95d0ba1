"""Lines and sentences of a text, as offsets."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from operator import attrgetter

from schemas.languages import load_languages

_LINE = re.compile(r"[^\n]+")  # blank ones are passed over

_DIGIT = re.compile("[0-9]")  # a normalized text has no others

_STOP = re.compile(r"[.!?…][\"'»”)]{0,3}([ \t]*)(?=([^\W\d_]))")
"""A stop, quotes and brackets behind it, and the letter that the next sentence may start with."""

_ANY_STOP = re.compile("[.!?…]")  # without one there is nothing to weigh

_LAST_WORD = re.compile(r"\w{1,6}\Z")
_BEFORE_STOP = 7
"""An abbreviation has at most six letters ("approx"): so far before a stop it is looked for."""

_START = attrgetter("start")

_LONGEST_DAY = 2
"""Digits of a day of the month before a stop ("24. Februar"); a longer number ends a sentence."""


@cache
def _abbreviations() -> frozenset[str]:
    """Those of all languages: lines are made before the language of a text is known."""
    return frozenset(a for language in load_languages().values() for a in language.abbreviations)


class Line:
    """A line that is not blank: its number from 0, its offsets, and its text as printed.

    `digit` is the offset of its first digit; None without one.
    """

    __slots__ = ("_breaks", "_sentences", "digit", "end", "index", "start", "text")

    def __init__(self, index: int, start: int, end: int, text: str, digit: int | None) -> None:
        self.index = index
        self.start = start
        self.end = end
        self.text = text
        self.digit = digit
        self._breaks: tuple[int, ...] | None = None
        self._sentences: list[tuple[int, int]] | None = None

    @property
    def breaks(self) -> tuple[int, ...]:
        """The offsets at which a sentence starts, the first of the line left out.

        A full stop ends no sentence before a small letter, nor after a day ("24. Februar") or an
        abbreviation ("297 tys.").
        """
        if self._breaks is None:
            stops = _STOP.finditer(self.text) if _ANY_STOP.search(self.text) else ()
            self._breaks = tuple(self.start + stop.end() for stop in stops if self._ends(stop))
        return self._breaks

    def _ends(self, stop: re.Match[str]) -> bool:
        """Whether a stop ends a sentence; one without a blank only between "a.B"."""
        small = stop[2] != stop[2].title()  # by `islower` all Georgian letters were small
        if small or self._goes_on(stop.start()):
            return False
        return bool(stop[1]) or (stop[2].isupper() and self.text[stop.start() - 1].islower())

    def _goes_on(self, stop: int) -> bool:
        """Whether an abbreviation or a day's number stands before a full stop."""
        last = _LAST_WORD.search(self.text, max(stop - _BEFORE_STOP, 0), stop)
        word = last[0].lower() if last else ""
        return word in _abbreviations() or (word.isdigit() and len(word) <= _LONGEST_DAY)

    def sentence(self, offset: int) -> tuple[int, int]:
        """Return the offsets of the sentence that holds an offset."""
        breaks = self._breaks
        if breaks is None:
            breaks = self.breaks
        return self.sentences[bisect_right(breaks, offset)] if breaks else (self.start, self.end)

    @property
    def sentences(self) -> list[tuple[int, int]]:
        """The offsets of every sentence, in order."""
        if self._sentences is None:
            self._sentences = list(pairwise((self.start, *self.breaks, self.end)))
        return self._sentences


def lines_at(lines: Sequence[Line], offsets: Iterable[int]) -> Iterator[Line]:
    """Yield the lines in which the offsets lie, each once; the offsets are in order."""
    done = 0
    for offset in offsets:
        if offset >= done:
            line = lines[bisect_right(lines, offset, key=_START) - 1]
            done = line.end
            yield line


def lines_of(page: str, text: str, spans: Iterable[tuple[int, int]]) -> tuple[Line, ...]:
    """Return the lines that are not blank; `page` is the text as printed, `text` normalized.

    `spans` are the parts of the text that are not blank.
    """
    lines: list[Line] = []
    for first, last in spans:
        for line in _LINE.finditer(text, first, last):
            if not line[0].isspace():
                start, end = line.span()
                digit = _DIGIT.search(text, start, end)
                place = digit.start() if digit else None
                lines.append(Line(len(lines), start, end, page[start:end], place))
    return tuple(lines)
