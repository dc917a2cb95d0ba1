"""Matches: where in one text the words of a language may stand, looked up once."""

import re
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from flows.parse.lexicon.index import PatternIndex, beginning_of
from flows.parse.lexicon.lexicon import Lexicon
from flows.parse.text.lines import Line, lines_at

_WORD = re.compile(r"\w\w*")  # what begins with one letter is found sooner than `\w+`
_DIGITS = frozenset("0123456789")

ALONE = re.compile(r"[\d.,'°º \t-]{1,40}+(?![\d.,'°º \t-]|\w)")
"""A number without a word behind it: "4823 (+2)". Every pattern that begins with a number goes on
with a word, a sign or a blank between; so near that a long run of numbers is not looked at again
and again."""

_NOTHING: Iterator[re.Match[str]] = iter(())

_BEHIND_ANY = sys.maxsize
"""Stands behind the offsets of every list, so that nobody has to ask where they end."""


class MatchPositions:
    """Where one list may match; the methods are those of a pattern that is tried there alone.

    `starts` are the offsets, in order; `patterns` is what is tried at each.
    """

    __slots__ = ("_patterns", "_starts", "_text")

    def __init__(
        self, text: str, starts: Sequence[int], patterns: Sequence[re.Pattern[str]]
    ) -> None:
        self._text = text
        self._starts = (*starts, _BEHIND_ANY)
        self._patterns = patterns

    @property
    def possible(self) -> bool:
        """Whether there may be a match anywhere in the text."""
        return bool(self._patterns)

    def any(self, start: int, end: int) -> bool:
        """Whether there may be a match that starts between two offsets."""
        starts = self._starts
        return starts[bisect_left(starts, start)] < end

    def lines_with(self, lines: Sequence[Line]) -> Iterator[Line]:
        """Yield the lines in which a match may start, in order."""
        return lines_at(lines, self._starts[:-1])

    def match(self, start: int, end: int) -> re.Match[str] | None:
        """Return the match that starts at an offset, and ends before the other."""
        place = bisect_left(self._starts, start)
        if self._starts[place] != start:
            return None
        return self._patterns[place].match(self._text, start, end)

    def fullmatch(self, start: int, end: int) -> re.Match[str] | None:
        """Return the match that fills the text between two offsets."""
        place = bisect_left(self._starts, start)
        if self._starts[place] != start:
            return None
        return self._patterns[place].fullmatch(self._text, start, end)

    def search(self, start: int, end: int) -> re.Match[str] | None:
        """Return the first match between two offsets."""
        starts = self._starts
        place = bisect_left(starts, start)
        while (at := starts[place]) < end:
            if match := self._patterns[place].match(self._text, at, end):
                return match
            place += 1
        return None

    def last(self, start: int, end: int) -> re.Match[str] | None:
        """Return the last match between two offsets, of those that do not overlap."""
        starts = self._starts
        place = bisect_left(starts, start)
        last = None
        while (at := starts[place]) < end:
            if at >= start and (match := self._patterns[place].match(self._text, at, end)):
                last = match
                start = match.end()
            place += 1
        return last

    def within(self, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield the matches between two offsets that do not overlap, in order."""
        place = bisect_left(self._starts, start)
        if self._starts[place] >= end:
            return _NOTHING  # as nearly always: a list has few places in a text
        return self._matches(place, start, end)

    def _matches(self, place: int, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield the matches, from a place among the offsets on."""
        starts = self._starts
        while (at := starts[place]) < end:
            if at >= start and (match := self._patterns[place].match(self._text, at, end)):
                yield match
                start = match.end()
            place += 1


class ScanPositions(MatchPositions):
    """Where a list matches in a language without blanks: it may start at any letter."""

    __slots__ = ("_pattern",)

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        super().__init__(text, (), ())
        self._pattern = pattern

    @property
    def possible(self) -> bool:
        """Whether there may be a match anywhere in the text: it is not looked for."""
        return True

    def any(self, start: int, end: int) -> bool:
        """Whether there is a match between two offsets."""
        return self.search(start, end) is not None

    def lines_with(self, lines: Sequence[Line]) -> Iterator[Line]:
        """Yield the lines in which a match may start: all of them."""
        return iter(lines)

    def match(self, start: int, end: int) -> re.Match[str] | None:
        """Return the match that starts at an offset, and ends before the other."""
        return self._pattern.match(self._text, start, end)

    def fullmatch(self, start: int, end: int) -> re.Match[str] | None:
        """Return the match that fills the text between two offsets."""
        return self._pattern.fullmatch(self._text, start, end)

    def search(self, start: int, end: int) -> re.Match[str] | None:
        """Return the first match between two offsets."""
        return self._pattern.search(self._text, start, end)

    def last(self, start: int, end: int) -> re.Match[str] | None:
        """Return the last match between two offsets, of those that do not overlap."""
        last = None
        for match in self.within(start, end):
            last = match
        return last

    def within(self, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield the matches between two offsets that do not overlap, in order."""
        return self._pattern.finditer(self._text, start, end)


@dataclass(slots=True, eq=False)  # frozen, its many fields would be set three times as slowly
class LexiconMatches:
    """A normalized text with the places of what one language knows; the fields are its lists.

    `labels`, `counted`, `months`, `number_words` and `scales` are named: the lexicon says what the
    `lastgroup` of their matches means.
    """

    text: str
    lexicon: Lexicon
    labels: MatchPositions
    counted: MatchPositions
    months: MatchPositions
    number_words: MatchPositions
    scales: MatchPositions
    about: MatchPositions
    fillers: MatchPositions
    units: MatchPositions
    since: MatchPositions
    daily: MatchPositions
    weekdays: MatchPositions
    none: MatchPositions
    including: MatchPositions
    raised_to: MatchPositions
    more: MatchPositions
    respectively: MatchPositions
    risen_by: MatchPositions
    enemy: MatchPositions
    ukraine: MatchPositions
    other_wars: MatchPositions
    not_the_bulletin: MatchPositions
    concession: MatchPositions
    fronts: MatchPositions
    general_staff: MatchPositions
    night: MatchPositions
    other_speaker: MatchPositions
    bulletin_speaker: MatchPositions
    as_of: MatchPositions
    as_of_after: MatchPositions
    day_before: MatchPositions
    lost: MatchPositions
    not_lost: MatchPositions
    war_day: MatchPositions
    day_alone: MatchPositions
    earlier: MatchPositions
    column_heads: MatchPositions


class Words(NamedTuple):
    """The words of a text in order, and how each is spelled."""

    found: Sequence[re.Match[str]]
    spelled: Sequence[str]

    @classmethod
    def of(cls, found: Sequence[re.Match[str]]) -> "Words":
        """Return some words with their spelling."""
        return cls(found, list(map(_SPELLED, found)))

    def up_to(self, count: int) -> "Words":
        """Return so many words, or all of them where there are no more."""
        return self if len(self.found) <= count else Words(self.found[:count], self.spelled[:count])

    def beginnings(self) -> Counter[str]:
        """Return how often words begin as the index knows it."""
        counts = Counter[str]()
        for word, count in Counter(self.spelled).items():
            counts[beginning_of(word)] += count
        return counts


_SPELLED = itemgetter(0)  # of a match of a word


def words_of(text: str, spans: Iterable[tuple[int, int]]) -> Words:
    """Return the words in parts of a normalized text."""
    return Words.of([word for a, b in spans for word in _WORD.finditer(text, a, b)])


def glued_words(text: str, words: Words, lexicon: Lexicon) -> Words:
    """Return what follows each letter that a language writes onto the front of a word."""
    fronts = (
        word.start()
        for word, spelled in zip(words.found, words.spelled, strict=True)
        if spelled[0] in lexicon.glued
    )
    rests = (_WORD.match(text, front + 1) for front in fronts)
    return Words.of([rest for rest in rests if rest])


def find_matches(text: str, words: Words, lexicon: Lexicon) -> LexiconMatches:
    """Return the places of all lists of a language in a normalized text."""
    index = lexicon.index
    if lexicon.language.spaceless:
        scanned = {name: ScanPositions(text, index.anywhere(name)) for name in index.names}
        return LexiconMatches(text, lexicon, **scanned)
    candidates: list[_Candidates] = [([], []) for _ in index.names]
    _add_candidates(candidates, words, index)
    if lexicon.glued and (glued := glued_words(text, words, lexicon)).found:
        _add_candidates(candidates, glued, index)
        candidates = list(map(_in_order, candidates))
    positions = [MatchPositions(text, *found) for found in candidates]
    return LexiconMatches(text, lexicon, **dict(zip(index.names, positions, strict=True)))


_Candidates: TypeAlias = tuple[list[int], list[re.Pattern[str]]]
"""Where one list may match, and what is tried there."""


def _in_order(candidates: _Candidates) -> _Candidates:
    order = sorted(range(len(candidates[0])), key=candidates[0].__getitem__)
    starts, patterns = candidates
    return [starts[n] for n in order], [patterns[n] for n in order]


def _add_candidates(found: Sequence[_Candidates], words: Words, index: PatternIndex) -> None:
    """Add the patterns that may match at some words to those of their lists.

    At a number that stands alone none of them does, and most numbers of a bulletin do.
    """
    told = list(map(index.__getitem__, words.spelled))
    known = zip(words.found, words.spelled, told, strict=True)
    for word, spelled, candidates in compress(known, told):
        start = word.start()
        if spelled[0] in _DIGITS and ALONE.match(word.string, start):
            continue
        for number, pattern in candidates:
            starts, patterns = found[number]
            starts.append(start)
            patterns.append(pattern)
