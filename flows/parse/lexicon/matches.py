"""Cues: where in one text the labels and words of a language may stand, looked up once."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat

from flows.parse.lexicon.lexicon import Lexicon
from flows.parse.lexicon.prefixes import LONGEST, LONGEST_NUMBER

_WORD = re.compile(rf"(\d{{1,{LONGEST_NUMBER}}}|[^\W\d]{{1,{LONGEST}}})\w*")


class Places:
    """Where one cue may stand; the methods are those of a pattern that is tried there alone."""

    __slots__ = ("_patterns", "_starts", "_text")

    def __init__(self, text: str, starts: list[int], patterns: list[re.Pattern[str]]) -> None:
        self._text = text
        self._starts = starts
        self._patterns = patterns

    def any(self, start: int, end: int) -> bool:
        """Whether the cue may start between two offsets."""
        starts = self._starts
        place = bisect_left(starts, start)
        return place < len(starts) and starts[place] < end

    def match(self, at: int, end: int) -> re.Match[str] | None:
        """Return the cue that starts at an offset."""
        place = bisect_left(self._starts, at)
        if place == len(self._starts) or self._starts[place] != at:
            return None
        return self._patterns[place].match(self._text, at, end)

    def fullmatch(self, start: int, end: int) -> re.Match[str] | None:
        """Return the cue that fills the text between two offsets."""
        place = bisect_left(self._starts, start)
        if place == len(self._starts) or self._starts[place] != start:
            return None
        return self._patterns[place].fullmatch(self._text, start, end)

    def search(self, start: int, end: int) -> re.Match[str] | None:
        """Return the first cue between two offsets."""
        starts = self._starts
        for place in range(bisect_left(starts, start), len(starts)):
            if starts[place] >= end:
                return None
            if found := self._patterns[place].match(self._text, starts[place], end):
                return found
        return None

    def last(self, start: int, end: int) -> re.Match[str] | None:
        """Return the last cue between two offsets, of those that do not overlap."""
        last = None
        for found in self.within(start, end) if self._starts else ():
            last = found
        return last

    def within(self, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield the cues between two offsets that do not overlap, in order."""
        starts = self._starts
        for place in range(bisect_left(starts, start), len(starts)):
            at = starts[place]
            if at >= end:
                return
            if at >= start and (found := self._patterns[place].match(self._text, at, end)):
                yield found
                start = found.end()


class Scanned(Places):
    """Where a cue stands in a language without blanks: it may start at any letter."""

    __slots__ = ("_pattern",)

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        super().__init__(text, [], [])
        self._pattern = pattern

    def any(self, start: int, end: int) -> bool:
        """Whether the cue starts between two offsets."""
        return self.search(start, end) is not None

    def match(self, at: int, end: int) -> re.Match[str] | None:
        """Return the cue that starts at an offset."""
        return self._pattern.match(self._text, at, end)

    def fullmatch(self, start: int, end: int) -> re.Match[str] | None:
        """Return the cue that fills the text between two offsets."""
        return self._pattern.fullmatch(self._text, start, end)

    def search(self, start: int, end: int) -> re.Match[str] | None:
        """Return the first cue between two offsets."""
        return self._pattern.search(self._text, start, end)

    def last(self, start: int, end: int) -> re.Match[str] | None:
        """Return the last cue between two offsets, of those that do not overlap."""
        last = None
        for found in self.within(start, end):
            last = found
        return last

    def within(self, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield the cues between two offsets that do not overlap, in order."""
        return self._pattern.finditer(self._text, start, end)


@dataclass(frozen=True, slots=True)
class Cues:
    """A folded text with the places of the cues of one language; the fields are those of its data.

    `labels`, `counted`, `months`, `number_words` and `scales` are named: the lexicon says what the
    `lastgroup` of their matches means.
    """

    text: str
    lexicon: Lexicon
    labels: Places
    counted: Places
    months: Places
    number_words: Places
    scales: Places
    about: Places
    fillers: Places
    units: Places
    since: Places
    daily: Places
    including: Places
    raised_to: Places
    more: Places
    enemy: Places
    other: Places
    claimant: Places
    source: Places
    as_of: Places
    as_of_after: Places
    day_before: Places
    war_day: Places


def words_of(text: str, spans: Iterable[tuple[int, int]]) -> list[re.Match[str]]:
    """Return the words in parts of a folded text; their first group is the key in `Starts`."""
    return [found for start, end in spans for found in _WORD.finditer(text, start, end)]


def find_cues(text: str, words: Iterable[re.Match[str]], lexicon: Lexicon) -> Cues:
    """Return the places of all cues of a language in a folded text."""
    known = lexicon.starts
    if lexicon.language.spaceless:
        return Cues(text, lexicon, **{n: Scanned(text, known.whole(n)) for n in known.names})
    starts: list[list[int]] = [[] for _ in known.names]
    patterns: list[list[re.Pattern[str]]] = [[] for _ in known.names]
    for word in _with_glued(text, words, lexicon) if lexicon.glued else words:
        hits = known[word[1]]
        if hits:
            at = word.start()
            for place, pattern in hits:
                starts[place].append(at)
                patterns[place].append(pattern)
    places = map(Places, repeat(text), starts, patterns)
    return Cues(text, lexicon, **dict(zip(known.names, places, strict=True)))


def _with_glued(
    text: str, words: Iterable[re.Match[str]], lexicon: Lexicon
) -> Iterator[re.Match[str]]:
    """Yield the words, and what follows a letter that is written onto the front of one."""
    for word in words:
        yield word
        if word[1][0] in lexicon.glued and (rest := _WORD.match(text, word.start() + 1)):
            yield rest
