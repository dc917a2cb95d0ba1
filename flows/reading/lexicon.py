"""The lexicon of one language: registry labels and language data as compiled patterns."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flows.reading.fold import fold_letters
from schemas.languages import Language, load_languages
from schemas.registry import Registry

NO_MATCH = re.compile(r"(?!)")
"""The pattern of an empty list: it matches nowhere."""


@dataclass(frozen=True)
class Lexicon:
    """The compiled patterns of one language.

    `labels` has one group a pattern; `categories` gives, by group number, the ids that the label
    may stand for (the report date decides between them); an exclusion stands for none. `counted`
    are nouns that say their number themselves, `counts` that number and the ids by group number.
    `most_a_day` is what no day's losses exceed, by category.
    """

    language: Language
    labels: re.Pattern[str]
    categories: tuple[tuple[str, ...], ...]
    counted: re.Pattern[str]
    counts: tuple[tuple[int, tuple[str, ...]], ...]
    most_a_day: Mapping[str, int]
    months: re.Pattern[str]
    month_numbers: tuple[int, ...]
    number_words: re.Pattern[str]
    number_values: tuple[int, ...]
    scale: re.Pattern[str]
    scale_factors: tuple[int, ...]
    glued: frozenset[str]
    ordinal: re.Pattern[str]
    about: re.Pattern[str]
    filler: re.Pattern[str]
    unit: re.Pattern[str]
    since: re.Pattern[str]
    daily: re.Pattern[str]
    including: re.Pattern[str]
    raised_to: re.Pattern[str]
    more: re.Pattern[str]
    enemy: re.Pattern[str]
    other: re.Pattern[str]
    as_of: re.Pattern[str]
    as_of_after: re.Pattern[str]
    day_before: re.Pattern[str]
    war_day: re.Pattern[str]


_WORD = re.compile(r"(?<!['\w])[^\W\d]+")
_SHORTHAND = re.compile(r"\[[^\]]*\]| \?| |~")
_MEANINGS = {" ": r"[ \t]+", " ?": r"[ \t]*", "~": r"\w*"}


def expand(pattern: str) -> str:
    """Turn a pattern of the data files into a regular expression: ` ` and `~` get their meaning.

    Inside square brackets they stand for themselves. Letters are folded as those of the text are.
    """
    letters = fold_letters(pattern)
    return _SHORTHAND.sub(lambda found: _MEANINGS.get(found[0], found[0]), letters)


@dataclass(frozen=True, slots=True)
class Words:
    """How patterns become whole words in a language: what may stand before and after them."""

    before: str
    after: str

    @classmethod
    def of(cls, language: Language) -> "Words":
        """Return the bounds of a language's words: none where no blanks part them."""
        if language.spaceless:
            return cls("", "")
        letters = map(fold_letters, language.glued)
        glued = "".join(rf"|(?<=(?<!\w){re.escape(letter)})" for letter in letters)
        return cls(rf"(?:(?<!\w){glued})(?=\w)", r"(?!\w)")

    def one_of(self, patterns: Iterable[str]) -> re.Pattern[str]:
        """Return one pattern that matches any of `patterns`, the longest written first."""
        ordered = sorted(patterns, key=len, reverse=True)
        if not ordered:
            return NO_MATCH
        return re.compile(rf"{self.before}(?:{'|'.join(map(expand, ordered))}){self.after}")

    def grouped(self, patterns: Iterable[str]) -> re.Pattern[str]:
        """Like `one_of`, in the order given; `lastindex` of a match tells its pattern, from 1.

        The group that tells it is empty and stands last: an alternative that starts with a letter
        is passed over at once where the text has another.
        """
        groups = "|".join(f"{expand(p)}{self.after}()" for p in patterns)
        return re.compile(rf"{self.before}(?:{groups})") if groups else NO_MATCH


def _labels(registry: Registry, language: Language) -> dict[str, list[str]]:
    """The categories of each label pattern, none for an exclusion; the longest pattern first."""
    labels: dict[str, list[str]] = {}
    for category in registry.categories:
        for pattern in language.labels.get(category, ()):
            labels.setdefault(pattern, []).append(category)
        for pattern in language.exclusions.get(category, ()):
            labels[pattern] = []
    return dict(sorted(labels.items(), key=lambda item: len(item[0]), reverse=True))


def _counted(registry: Registry, language: Language) -> list[tuple[str, int, tuple[str, ...]]]:
    """The nouns that mean one or two without a number word, with that number and their category."""
    return [
        (pattern, value, (category,))
        for value, table in ((1, language.singles), (2, language.duals))
        for category in registry.categories
        for pattern in table.get(category, ())
    ]


def build_lexicon(registry: Registry, language: Language, units: Iterable[str]) -> Lexicon:
    """Compile the lexicon of a language. `units` are those of all languages: lists mix them."""
    labels = _labels(registry, language)
    counted = _counted(registry, language)
    months = [(stem, n) for n, stems in enumerate(language.months, 1) for stem in stems]
    words = Words.of(language)
    scales = (language.thousand, language.million, language.ten_thousand)
    return Lexicon(
        language=language,
        labels=Words(rf"{words.before}(?=[^\W\d])", words.after).grouped(labels),
        categories=((), *(tuple(ids) for ids in labels.values())),
        counted=words.grouped(pattern for pattern, _, _ in counted),
        counts=((0, ()), *((value, ids) for _, value, ids in counted)),
        most_a_day={c.id: max(c.ceiling[1], 10) for c in registry.categories.values()},
        months=words.grouped(stem for stem, _ in months),
        month_numbers=(0, *(n for _, n in months)),
        number_words=words.grouped(word for word, _ in language.numbers),
        number_values=(0, *(value for _, value in language.numbers)),
        scale=Words("", words.after).grouped(
            f"(?:{'|'.join(found) or '(?!)'})" for found in scales
        ),
        scale_factors=(0, 1_000, 1_000_000, 10_000),
        glued=frozenset(map(fold_letters, language.glued)),
        ordinal=re.compile("|".join(language.ordinal) or "(?!)"),
        about=words.one_of(language.about),
        filler=words.one_of(language.fillers),
        unit=words.one_of(units),
        since=words.one_of(language.since),
        daily=words.one_of(language.daily),
        including=words.one_of(language.including),
        raised_to=words.one_of(language.raised_to),
        more=words.one_of(language.more),
        enemy=words.one_of(language.enemy),
        other=words.one_of(language.other),
        as_of=words.one_of(language.as_of),
        as_of_after=words.one_of(language.as_of_after),
        day_before=words.one_of(language.day_before),
        war_day=_war_day(language, words),
    )


def _war_day(language: Language, words: Words) -> re.Pattern[str]:
    """The war day patterns as one, their group `n` made unique."""
    patterns = [
        f"{words.before}(?:{expand(p).replace('(?P<n>', f'(?P<n{i}>')}){words.after}"
        for i, p in enumerate(language.war_day)
    ]
    return re.compile("|".join(patterns)) if patterns else NO_MATCH


class Lexicons(Mapping[str, Lexicon]):
    """The lexicons of a registry by language code, each compiled when it is first asked for."""

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

    def frequencies(self, text: str) -> dict[str, int]:
        """Return, by language, how often its frequent words stand in a folded text."""
        score = dict.fromkeys(self._languages, 0)
        for word in _WORD.findall(text):
            for code in self._speakers.get(word, ()):
                score[code] += 1
        for code in self._spaceless:
            score[code] = sum(text.count(word) for word in self._languages[code].words)
        return score
