"""Starts: which patterns of a language can match at a word, told by its first letters."""

import re
from collections.abc import Iterable, Mapping

from flows.parse.lexicon.patterns import Cue
from flows.parse.lexicon.prefixes import LONGEST, openings

Hits = tuple[tuple[int, re.Pattern[str]], ...]
"""The cues that can stand at a word: the place of each in their order, and its pattern there."""

_MOST_WORDS = 100_000


class Starts(dict[str, Hits]):
    """Tells by the first letters or digits of a word which cues may stand there.

    What was told of a word is remembered; a pattern is compiled when a word first asks for it.
    `beside` are the starts of further cues, in whose order these follow.
    """

    def __init__(self, cues: Mapping[str, Cue], beside: "Starts | None" = None) -> None:
        super().__init__()
        self.names: tuple[str, ...] = (*(beside.names if beside is not None else ()), *cues)
        self._first = len(self.names) - len(cues)
        self._beside = beside
        self._cues = cues
        self._openings: dict[str, list[tuple[str, int]]] | None = None
        self._patterns: dict[tuple[str, tuple[int, ...]], re.Pattern[str]] = {}

    def __missing__(self, key: str) -> Hits:
        if len(self) > _MOST_WORDS:
            self.clear()
        hits = self._hits(key)
        self[key] = hits if self._beside is None else self._beside[key] + hits
        return self[key]

    def _hits(self, key: str) -> Hits:
        places: dict[str, set[int]] = {}
        word = key if len(key) == LONGEST else f"{key} "
        table = self._table()
        for length in range(len(word) + 1):
            for name, place in table.get(word[:length], ()):
                places.setdefault(name, set()).add(place)
        return tuple(
            (self.names.index(name), self._pattern(name, found)) for name, found in places.items()
        )

    def _table(self) -> dict[str, list[tuple[str, int]]]:
        if self._openings is None:
            self._openings = {}
            for name, cue in self._cues.items():
                for place, pattern in enumerate(cue.alternatives):
                    for opening in openings(pattern):
                        self._openings.setdefault(opening, []).append((name, place))
        return self._openings

    def _pattern(self, name: str, places: Iterable[int]) -> re.Pattern[str]:
        key = name, tuple(sorted(places))
        if key not in self._patterns:
            self._patterns[key] = self._cues[name].at_word(key[1])
        return self._patterns[key]

    def whole(self, name: str) -> re.Pattern[str]:
        """Return the pattern that finds a cue anywhere in a text."""
        if self._beside is not None and name in self._beside.names:
            return self._beside.whole(name)
        key = name, ()
        if key not in self._patterns:
            self._patterns[key] = self._cues[name].whole()
        return self._patterns[key]
