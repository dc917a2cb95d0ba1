"""The lexicon of one language: registry labels and language data, ready to be looked up."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import NamedTuple, TypeVar

from flows.parse.lexicon.index import PatternIndex, WordPrefixes
from flows.parse.lexicon.numerals import JoinedNumbers
from flows.parse.lexicon.patterns import Alternatives, WordBounds, expand, name_of
from flows.parse.text.normalize import normalize_letters
from schemas.languages import Language, load_languages
from schemas.registry import Registry

T = TypeVar("T")

_START = methodcaller("start")  # of a match of a word

_LEAST_A_DAY = 10
"""No limit of a day is lower: the registry allows 1 ship a day and no submarine at all."""


class ListHead(NamedTuple):
    """The beginning of a line of a list: the offsets of its label in the line, and its meaning."""

    start: int
    end: int
    categories: tuple[str, ...]
    about: bool


@dataclass(frozen=True)
class Lexicon:
    """What one language knows.

    `index` has all lists by what words begin with, `labels` those that are labels of categories.
    The `lastgroup` of a label's match tells in `categories` the ids that it may stand for (the
    report date decides between them); an exclusion stands for none. `counts` are the nouns that
    say their number themselves, with that number and the ids. `most_a_day` is what no day's losses
    exceed, by category; `first_totals` what no total is below, where that is known. A number word
    of no value is one of `joined_numbers`; `hundred` multiplies the number word before it.
    `number_and` joins the words of a number. `day_ordinal` is the ending of a day's number. `plus`
    stands for the sign of a delta. `rare` has the lists that few texts ask for; `earlier_ending` is
    what a number begins with whose ending says that another has taken its place; `columns` what the
    head of a table's column says by its kind. `day_joint` ends the words between a day and its
    month, `clock` follows a time of day. `heads` remembers what the beginnings of lines mean,
    `own_labels` at which words a label of the language itself may begin.
    """

    language: Language
    labels: PatternIndex
    index: PatternIndex
    categories: Mapping[str | None, tuple[str, ...]]
    counts: Mapping[str | None, tuple[int, tuple[str, ...]]]
    month_numbers: Mapping[str | None, int]
    number_values: Mapping[str | None, int | None]
    scale_factors: Mapping[str | None, int]
    most_a_day: Mapping[str, int]
    first_totals: Mapping[str, int]
    joined_numbers: JoinedNumbers | None
    hundred: re.Pattern[str]
    number_and: re.Pattern[str]
    plus: re.Pattern[str]
    rare: PatternIndex
    earlier_ending: re.Pattern[str] | None
    columns: Mapping[str, re.Pattern[str]]
    weekdays: tuple[re.Pattern[str], ...]
    scale: re.Pattern[str]
    ordinal: re.Pattern[str]
    day_ordinal: re.Pattern[str]
    day_joint: re.Pattern[str]
    clock: re.Pattern[str]
    glued: frozenset[str]
    own_labels: WordPrefixes
    heads: dict[str, ListHead | None] = field(default_factory=dict)

    def beyond_a_day(self, categories: tuple[str, ...], number: int | None) -> bool:
        """Whether no day's losses can be that many, by the registry."""
        limits = [self.most_a_day[category] for category in categories]
        return number is not None and bool(limits) and number > max(limits)

    def below_any_total(self, categories: tuple[str, ...], number: int | None) -> bool:
        """Whether no total is that small, by the registry."""
        if number is None or len(categories) != 1:
            return False
        first_total = self.first_totals.get(categories[0])
        return first_total is not None and number < first_total


@dataclass(frozen=True, slots=True)
class SharedWords:
    """What holds for texts in every language: lists mix units, and a page mixes languages."""

    units: tuple[str, ...]
    official: Mapping[str, tuple[str, ...]]
    day_joint: re.Pattern[str]
    clock: re.Pattern[str]

    @classmethod
    def of(cls, languages: Iterable[Language]) -> "SharedWords":
        """Gather them from all languages."""
        known = list(languages)
        joints = _any_of(joint for language in known for joint in language.day_joint)
        clocks = _any_of(word for language in known for word in language.clock)
        return cls(
            units=tuple(sorted({unit for language in known for unit in language.units})),
            official={
                category: tuple(patterns)
                for language in known
                for category, patterns in language.official.items()
            },
            day_joint=re.compile(rf"[ \t]+(?:{joints}[ \t]+)?\Z|\.[ \t]*\Z"),
            clock=re.compile(rf" ?{clocks}\b"),
        )


def _any_of(patterns: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(set(patterns), key=len, reverse=True)) or '(?!)'})"


def _labels(
    registry: Registry, language: Language, official: Mapping[str, tuple[str, ...]]
) -> dict[str, list[str]]:
    """The categories of each label pattern, none for an exclusion: they first, then the longest.

    Lists in any language keep `official` labels of the English bulletin.
    """
    labels: dict[str, list[str]] = {}
    kept = {} if language.official or language.spaceless else official
    for category in registry.categories:
        for pattern in (*language.labels.get(category, ()), *kept.get(category, ())):
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
    *(
        "about",
        "fillers",
        "since",
        "daily",
        "weekdays",
        "none",
        "including",
        "raised_to",
        "more",
        "respectively",
        "risen_by",
        "enemy",
        "ukraine",
        "other_wars",
    ),
    *("concession", "fronts", "general_staff", "night", "other_speaker", "bulletin_speaker"),
    *("as_of", "as_of_after", "day_before", "lost", "not_lost"),
)
"""The lists of a language file whose matches mean all the same."""

_RARE = ("fewer", "rises", "shot_down")
"""Lists that are asked for in few texts: they are searched there, and looked up in no other."""


def build_lexicon(registry: Registry, language: Language, shared: SharedWords) -> Lexicon:
    """Prepare the lexicon of a language."""
    bounds = WordBounds.of(language)
    labels, counted = _labels(registry, language, shared.official), _counted(registry, language)
    months = [(stem, n) for n, stems in enumerate(language.months, 1) for stem in stems]
    scales = _scales(language, bounds)
    of_labels = PatternIndex(
        {
            "labels": _named(labels, bounds, ahead=r"(?=[^\W\d])"),
            "counted": _named((pattern for pattern, _, _ in counted), bounds),
        }
    )
    after_only, hundreds = WordBounds("", bounds.after), range(len(language.hundred))
    joined = JoinedNumbers.of(language)
    numbers: list[tuple[str, int | None]] = [*language.numbers]
    numbers.sort(key=lambda number: -len(number[0]))
    numbers += [(joined.pattern, None)] if joined else []
    others = {
        "months": _named((stem for stem, _ in months), bounds),
        "number_words": _named((word for word, _ in numbers), bounds),
        "scales": scales,
        "units": Alternatives.longest_first(shared.units, bounds),
        "war_day": _numbered(map(_grouped, language.war_day), bounds),
        "day_alone": _numbered(language.day_alone, bounds),
        "not_the_bulletin": Alternatives.longest_first(
            (*language.not_the_bulletin, *language.concession), bounds
        ),
        "earlier": _earlier(language, bounds),
        "column_heads": Alternatives.longest_first(
            (word for words in language.columns.values() for word in words), bounds
        ),
    } | {name: Alternatives.longest_first(getattr(language, name), bounds) for name in _LISTS}
    categories = registry.categories.values()
    ordinal = "|".join(language.ordinal) or "(?!)"
    return Lexicon(
        language=language,
        labels=of_labels,
        index=PatternIndex(others, of_labels),
        categories=_by_name(tuple(ids) for ids in labels.values()),
        counts=_by_name((value, ids) for _, value, ids in counted),
        month_numbers=_by_name(n for _, n in months),
        number_values=_by_name(value for _, value in numbers),
        joined_numbers=joined,
        scale_factors=_by_name((1_000, 1_000_000, 10_000)),
        most_a_day={c.id: max(c.ceiling[1], _LEAST_A_DAY) for c in categories},
        first_totals={c.id: c.first_total for c in categories if c.first_total is not None},
        hundred=Alternatives.longest_first(language.hundred, after_only).at_word(hundreds),
        number_and=Alternatives.longest_first(language.number_and, after_only).anywhere(),
        plus=Alternatives.longest_first(language.plus, after_only).anywhere(),
        rare=PatternIndex(
            {name: Alternatives.longest_first(getattr(language, name), bounds) for name in _RARE}
        ),
        earlier_ending=_earlier_ending(language),
        columns={
            kind: Alternatives.longest_first(words, bounds).anywhere()
            for kind, words in language.columns.items()
        },
        weekdays=tuple(re.compile(expand(day)) for day in language.weekdays),
        scale=scales.anywhere(),
        ordinal=re.compile(ordinal),
        day_ordinal=re.compile(rf"(?<=\d)(?:{ordinal})\Z"),
        day_joint=shared.day_joint,
        clock=shared.clock,
        glued=frozenset(map(normalize_letters, language.glued)),
        own_labels=WordPrefixes(
            expand(pattern)
            for table in (language.labels, language.exclusions, language.singles, language.duals)
            for patterns in table.values()
            for pattern in patterns
        ),
    )


def _named(patterns: Iterable[str], bounds: WordBounds, ahead: str = "") -> Alternatives:
    return Alternatives(tuple(map(expand, patterns)), bounds, named=True, ahead=ahead)


def _by_name(values: Iterable[T]) -> dict[str | None, T]:
    """Return the values of named alternatives by the names of their groups."""
    return {name_of(number): value for number, value in enumerate(values)}


def _scales(language: Language, bounds: WordBounds) -> Alternatives:
    """The words for thousand, million and ten thousand; they may be glued to their number."""
    scales = (language.thousand, language.million, language.ten_thousand)
    patterns = (f"(?:{'|'.join(words) or '(?!)'})" for words in scales)
    return _named(patterns, WordBounds("", bounds.after))


_PRINTED = r"\d(?:[\d.,' ]{0,14}\d)?"
_UNIT = r"(?:[ \t]+[^\W\d]{1,12}\.?)?"
"""A number in digits, and a unit or a scale word behind it."""

_ABOUT_NEXT = r"(?:[^\W\d]{1,10}[ \t]+)?~?\d"
"""A word such as "nearly" before the number that follows."""


def _earlier(language: Language, bounds: WordBounds) -> Alternatives:
    """The patterns of what leads to a number that another one behind it has taken the place of.

    A match ends where that number starts: "from " before "281,270 to 281,700".
    """
    leads = (
        rf"{expand(before)}[ \t]*(?={_PRINTED}{_UNIT}{expand(between)}{_ABOUT_NEXT})"
        for before, between in language.from_to
        if before
    )
    return Alternatives(tuple(leads), WordBounds(bounds.before, ""))


def _earlier_ending(language: Language) -> re.Pattern[str] | None:
    """The pattern at such a number where its ending says it, as in "281.270'ten 281.700'e"."""
    endings = [expand(between) for before, between in language.from_to if not before]
    if not endings:
        return None
    return re.compile(rf"(?<![\w.,])(?={_PRINTED}(?:{'|'.join(endings)}){_ABOUT_NEXT})")


_DAY_NUMBER = re.compile(r"\(\?P<n>\\d\{\d,4\}\)(?!\(\?!(?!\[[., ]+\]\?\\d\)))")
"""The number of a war day, no lookahead behind it but for "no more digits": by any other a language
says what may follow."""


def _grouped(pattern: str) -> str:
    """Return a pattern of war days that takes a grouped number whole: "the 1,263rd day"."""
    return _DAY_NUMBER.sub(lambda n: rf"(?P<n>\d[.,' ]\d{{3}}(?!\d)|{n[0][6:]}", pattern)


def _numbered(patterns: Iterable[str], bounds: WordBounds) -> Alternatives:
    """Patterns such as those of the war day, their group `n` made unique."""
    expanded = enumerate(map(expand, patterns))
    return Alternatives(tuple(p.replace("(?P<n>", f"(?P<n{i}>") for i, p in expanded), bounds)


class Lexicons(Mapping[str, Lexicon]):
    """The lexicons of a registry by language code, each prepared when it is first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._languages = load_languages()
        self._shared = SharedWords.of(self._languages.values())
        self._built: dict[str, Lexicon] = {}
        self._spaceless = [lang.code for lang in self._languages.values() if lang.spaceless]
        self._codes_by_word: dict[str, list[str]] = {}
        for language in self._languages.values():
            for word in language.words:
                self._codes_by_word.setdefault(normalize_letters(word), []).append(language.code)

    def __getitem__(self, code: str) -> Lexicon:
        if code not in self._built:
            language = self._languages[code]
            self._built[code] = build_lexicon(self._registry, language, self._shared)
        return self._built[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def frequencies(
        self, text: str, found: Sequence[re.Match[str]], spelled: Sequence[str], end: int
    ) -> dict[str, int]:
        """Return, by language, how often its frequent words stand in a normalized text up to `end`.

        The words are those up to there, and how each is spelled; behind an apostrophe none is one.
        """
        score = dict.fromkeys(self._languages, 0)
        known = self._codes_by_word
        counts = Counter(spelled)
        apostrophe = text.find("'", 0, end)
        while apostrophe >= 0:
            place = bisect_left(found, apostrophe + 1, key=_START)
            if place < len(found) and found[place].start() == apostrophe + 1:
                counts[spelled[place]] -= 1
            apostrophe = text.find("'", apostrophe + 1, end)
        for printed in counts.keys() & known.keys():
            for code in known[printed]:
                score[code] += counts[printed]
        for code in self._spaceless:
            score[code] = sum(text.count(word, 0, end) for word in self._languages[code].words)
        return score
