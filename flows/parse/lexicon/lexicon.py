"""The lexicon of one language: registry labels and language data, ready to be looked up."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from flows.parse.lexicon.index import Starts
from flows.parse.lexicon.patterns import Cue, Words, expand, name_of
from flows.parse.text.normalize import fold_letters
from schemas.languages import Language, load_languages
from schemas.registry import Registry

T = TypeVar("T")


class Head(NamedTuple):
    """The beginning of a line of a list: the offsets of its label in the line, and its meaning."""

    start: int
    end: int
    categories: tuple[str, ...]
    about: bool


@dataclass(frozen=True)
class Lexicon:
    """What one language knows.

    `starts` has all cues by what words begin with, `labels` those that are labels of categories.
    The `lastgroup` of a label's match tells in `categories` the ids that it may stand for (the
    report date decides between them); an exclusion stands for none. `counts` are the nouns that
    say their number themselves, with that number and the ids. `most_a_day` is what no day's losses
    exceed, by category; `heads` remembers what the beginnings of lines mean.
    """

    language: Language
    labels: Starts
    starts: Starts
    categories: Mapping[str | None, tuple[str, ...]]
    counts: Mapping[str | None, tuple[int, tuple[str, ...]]]
    month_numbers: Mapping[str | None, int]
    number_values: Mapping[str | None, int]
    scale_factors: Mapping[str | None, int]
    most_a_day: Mapping[str, int]
    scale: re.Pattern[str]
    ordinal: re.Pattern[str]
    glued: frozenset[str]
    heads: dict[str, Head | None] = field(default_factory=dict)

    def beyond_a_day(self, categories: tuple[str, ...], number: int | None) -> bool:
        """Whether no day's losses can be that many, by the registry."""
        limits = [self.most_a_day[category] for category in categories]
        return number is not None and bool(limits) and number > max(limits)


def _labels(registry: Registry, language: Language) -> dict[str, list[str]]:
    """The categories of each label pattern, none for an exclusion: they first, then the longest."""
    labels: dict[str, list[str]] = {}
    for category in registry.categories:
        for pattern in language.labels.get(category, ()):
            labels.setdefault(pattern, []).append(category)
        for pattern in language.exclusions.get(category, ()):
            labels[pattern] = []
    order = sorted(labels.items(), key=lambda item: (not item[1], len(item[0])), reverse=True)
    return dict(order)


def _counted(registry: Registry, language: Language) -> list[tuple[str, int, tuple[str, ...]]]:
    """The nouns that mean one or two without a number word, with that number and their category."""
    return [
        (pattern, value, (category,))
        for value, table in ((1, language.singles), (2, language.duals))
        for category in registry.categories
        for pattern in table.get(category, ())
    ]


_LISTS = (
    *("about", "fillers", "since", "daily", "including", "raised_to", "more", "enemy", "other"),
    *("claimant", "source", "as_of", "as_of_after", "day_before"),
)


def build_lexicon(registry: Registry, language: Language, units: Iterable[str]) -> Lexicon:
    """Prepare the lexicon of a language. `units` are those of all languages: lists mix them."""
    words = Words.of(language)
    labels, counted = _labels(registry, language), _counted(registry, language)
    months = [(stem, n) for n, stems in enumerate(language.months, 1) for stem in stems]
    scales = _scales(language, words)
    known = Starts(
        {
            "labels": _named(labels, words, ahead=r"(?=[^\W\d])"),
            "counted": _named((pattern for pattern, _, _ in counted), words),
        }
    )
    others = {
        "months": _named((stem for stem, _ in months), words),
        "number_words": _named((word for word, _ in language.numbers), words),
        "scales": scales,
        "units": Cue.one_of(units, words),
        "war_day": _war_day(language, words),
    } | {name: Cue.one_of(getattr(language, name), words) for name in _LISTS}
    return Lexicon(
        language=language,
        labels=known,
        starts=Starts(others, known),
        categories=_by_name(tuple(ids) for ids in labels.values()),
        counts=_by_name((value, ids) for _, value, ids in counted),
        month_numbers=_by_name(n for _, n in months),
        number_values=_by_name(value for _, value in language.numbers),
        scale_factors=_by_name((1_000, 1_000_000, 10_000)),
        most_a_day={c.id: max(c.ceiling[1], 10) for c in registry.categories.values()},
        scale=scales.whole(),
        ordinal=re.compile("|".join(language.ordinal) or "(?!)"),
        glued=frozenset(map(fold_letters, language.glued)),
    )


def _named(patterns: Iterable[str], words: Words, ahead: str = "") -> Cue:
    return Cue(tuple(map(expand, patterns)), words, named=True, ahead=ahead)


def _by_name(values: Iterable[T]) -> dict[str | None, T]:
    """Return the values of a named cue's alternatives by the names of their groups."""
    return {name_of(place): value for place, value in enumerate(values)}


def _scales(language: Language, words: Words) -> Cue:
    """The words for thousand, million and ten thousand; they may be glued to their number."""
    scales = (language.thousand, language.million, language.ten_thousand)
    patterns = (f"(?:{'|'.join(found) or '(?!)'})" for found in scales)
    return _named(patterns, Words("", words.after))


def _war_day(language: Language, words: Words) -> Cue:
    """The war day patterns, their group `n` made unique."""
    patterns = enumerate(map(expand, language.war_day))
    return Cue(tuple(p.replace("(?P<n>", f"(?P<n{i}>") for i, p in patterns), words)


class Lexicons(Mapping[str, Lexicon]):
    """The lexicons of a registry by language code, each prepared when it is first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._languages = load_languages()
        self._units = sorted({unit for lang in self._languages.values() for unit in lang.units})
        self._built: dict[str, Lexicon] = {}
        self._spaceless = [lang.code for lang in self._languages.values() if lang.spaceless]
        self._speakers: dict[str, list[str]] = {}
        for language in self._languages.values():
            for word in language.words:
                self._speakers.setdefault(fold_letters(word), []).append(language.code)

    def __getitem__(self, code: str) -> Lexicon:
        if code not in self._built:
            language = self._languages[code]
            self._built[code] = build_lexicon(self._registry, language, self._units)
        return self._built[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def frequencies(self, text: str, words: Iterable[re.Match[str]], end: int) -> dict[str, int]:
        """Return, by language, how often its frequent words stand in a folded text up to `end`.

        `words` are those of the text, in order; those behind an apostrophe are none.
        """
        score = dict.fromkeys(self._languages, 0)
        for word in words:
            if codes := self._speakers.get(word[0]):
                start = word.start()
                if start >= end:
                    break
                if text[start - 1 : start] == "'":
                    continue
                for code in codes:
                    score[code] += 1
        for code in self._spaceless:
            score[code] = sum(text.count(word, 0, end) for word in self._languages[code].words)
        return score
