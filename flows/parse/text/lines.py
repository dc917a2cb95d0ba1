"""Lines and sentences of a text, as offsets."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise

_LINE = re.compile(r"[^\n]+")
_STOP = re.compile(r"[.!?…][\"'»”)]{0,3}([ \t]*)(?=([^\W\d_]))")
_LAST_WORD = re.compile(r"\w{1,6}\Z")
_LONGEST_ABBREVIATION = 7
_ABBREVIATIONS = frozenset(
    {"approx", "aprx", "bzw", "ca", "col", "dr", "etc", "gen", "lt", "maj", "mio", "mld", "mln"}
    | {"mr", "mrs", "no", "nr", "ok", "st", "tis", "tsd", "tys", "vs", "ген", "млн", "млрд", "ст"}
    | {"тис", "шт", "r", "godz", "im", "tzw", "kl", "bm", "br", "resp", "např", "napr", "tzv", "mj"}
    | {"cca", "č", "usw", "ggf", "evtl", "mil", "núm", "sr", "sra", "sig"}
    | {"წ", "მლნ", "ათ"}
)


class Line:
    """A line that is not blank: its number from 0, its offsets, and its text as printed."""

    __slots__ = ("_breaks", "_sentences", "end", "index", "start", "text")

    def __init__(self, index: int, start: int, end: int, text: str) -> None:
        self.index = index
        self.start = start
        self.end = end
        self.text = text
        self._breaks: tuple[int, ...] | None = None
        self._sentences: list[tuple[int, int]] | None = None

    @property
    def breaks(self) -> tuple[int, ...]:
        """The offsets at which a sentence starts, the first of the line left out.

        A full stop ends no sentence before a small letter, nor after a day ("24. Februar") or an
        abbreviation ("297 tys.").
        """
        if self._breaks is None:
            stops = _STOP.finditer(self.text)
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
        found = _LAST_WORD.search(self.text, max(stop - _LONGEST_ABBREVIATION, 0), stop)
        word = found[0].lower() if found else ""
        return word in _ABBREVIATIONS or (word.isdigit() and len(word) <= 2)

    def sentence(self, at: int) -> tuple[int, int]:
        """Return the offsets of the sentence that holds the offset `at`."""
        return self.sentences[bisect_right(self.breaks, at)]

    @property
    def sentences(self) -> list[tuple[int, int]]:
        """The offsets of every sentence, in order."""
        if self._sentences is None:
            self._sentences = list(pairwise((self.start, *self.breaks, self.end)))
        return self._sentences


def lines_of(page: str, text: str, spans: Iterable[tuple[int, int]]) -> tuple[Line, ...]:
    """Return the lines that are not blank; `page` is the text as printed, `text` folded.

    `spans` are the parts of the text that are not blank.
    """
    lines: list[Line] = []
    for first, last in spans:
        for found in _LINE.finditer(text, first, last):
            if not found[0].isspace():
                start, end = found.span()
                lines.append(Line(len(lines), start, end, page[start:end]))
    return tuple(lines)
