"""The pattern index: which patterns of a language can match at a word, told by its first letters.

What it gains: 62 real articles of one portal (2,400 characters of text each) are parsed in 4.2 ms
each; with one combined pattern a list, searched where it is asked for, in 6.3 ms (1.5 times as
long); with all places of such patterns looked up once, in 6.7 ms (1.6 times). For short lists (400
characters) it is 1.2 to 1.3 times. Smallest CPU times of 15 interleaved repeats over the extracted
texts, Python 3.11. The first text of a language takes some 20 ms longer with it, for the prefixes
have to be worked out.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from flows.parse.lexicon.patterns import Alternatives
from flows.parse.lexicon.prefixes import LONGEST, LONGEST_NUMBER, prefixes

Candidates = tuple[tuple[int, re.Pattern[str]], ...]
"""What can stand at a word: the number of each list in their order, and its pattern there."""

_MOST_WORDS = 100_000
"""So many words are remembered, and beginnings; the names in a large archive have no end."""

_LONGEST_WORD = 30
"""Letters of a word that is remembered: "Flugabwehrraketensysteme" has 24."""

_BEGINNING = re.compile(rf"[0-9]{{1,{LONGEST_NUMBER}}}|[^\W0-9]{{1,{LONGEST}}}")


def beginning_of(word: str) -> str:
    """Return the first letters, or digits, of a word, by which the index tells what may match."""
    return _BEGINNING.match(word)[0]  # type: ignore[index]  # one of both begins any word


class PatternIndex(dict[str, Candidates]):
    """Tells of a word, by its first letters or digits, which lists of patterns may match there.

    What was told of a word is remembered, and of its beginning: numbers have no end. A pattern is
    compiled when a word first asks for it. `beside` is the index of further lists, in whose order
    these follow.
    """

    def __init__(
        self, lists: Mapping[str, Alternatives], beside: "PatternIndex | None" = None
    ) -> None:
        super().__init__()
        self.names: tuple[str, ...] = (*(beside.names if beside is not None else ()), *lists)
        self._beside = beside
        self._lists = lists
        self._by_beginning: dict[str, Candidates] = {}
        self._by_prefix: dict[str, list[tuple[str, int]]] | None = None
        self._patterns: dict[tuple[str, tuple[int, ...]], re.Pattern[str]] = {}

    def __missing__(self, word: str) -> Candidates:
        beginning = beginning_of(word)
        candidates = self._by_beginning.get(beginning)
        if candidates is None:
            if len(self._by_beginning) > _MOST_WORDS:
                self._by_beginning.clear()
            candidates = self._candidates(beginning)
            if self._beside is not None:
                candidates = self._beside[beginning] + candidates
            self._by_beginning[beginning] = candidates
        if word == beginning or (len(word) <= _LONGEST_WORD and word.isalpha()):
            if len(self) > _MOST_WORDS:
                self.clear()
            self[word] = candidates
        return candidates

    def _candidates(self, beginning: str) -> Candidates:
        numbers: dict[str, set[int]] = {}
        ended = beginning if len(beginning) == LONGEST else f"{beginning} "
        table = self._table()
        for length in range(len(ended) + 1):
            for name, number in table.get(ended[:length], ()):
                numbers.setdefault(name, set()).add(number)
        return tuple(
            (self.names.index(name), self._pattern(name, chosen))
            for name, chosen in numbers.items()
        )

    def _table(self) -> dict[str, list[tuple[str, int]]]:
        if self._by_prefix is None:
            self._by_prefix = {}
            for name, alternatives in self._lists.items():
                for number, pattern in enumerate(alternatives.patterns):
                    for prefix in prefixes(pattern):
                        self._by_prefix.setdefault(prefix, []).append((name, number))
        return self._by_prefix

    def _pattern(self, name: str, numbers: Iterable[int]) -> re.Pattern[str]:
        key = name, tuple(sorted(numbers))
        if key not in self._patterns:
            self._patterns[key] = self._lists[name].at_word(key[1])
        return self._patterns[key]

    def anywhere(self, name: str) -> re.Pattern[str]:
        """Return the pattern that finds any of a list's patterns in a text."""
        if self._beside is not None and name in self._beside.names:
            return self._beside.anywhere(name)
        key = name, ()
        if key not in self._patterns:
            self._patterns[key] = self._lists[name].anywhere()
        return self._patterns[key]


class WordPrefixes(dict[str, bool]):
    """Tells by the beginning of a word whether any of some patterns may match there.

    What was told is remembered; nothing is compiled.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        super().__init__()
        self._patterns: Iterable[str] = tuple(patterns)

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        return frozenset().union(*map(prefixes, self._patterns))

    @cached_property
    def letters(self) -> re.Pattern[str]:
        """What finds the letters with which any of the patterns can begin."""
        first = {prefix[:1] for prefix in self._prefixes}
        return re.compile("" if "" in first else f"[{re.escape(''.join(sorted(first)))}]")

    def __missing__(self, beginning: str) -> bool:
        if len(self) > _MOST_WORDS:
            self.clear()
        ended = beginning if len(beginning) == LONGEST else f"{beginning} "
        told = any(ended[:length] in self._prefixes for length in range(len(ended) + 1))
        self[beginning] = told
        return told
