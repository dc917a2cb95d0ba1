"""The short ways of the reader: what is passed over or remembered changes no result."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.parse.bulletin import read
from flows.parse.items import find, list_line
from flows.parse.lexicon.lexicon import Lexicons
from flows.parse.lexicon.matches import ALONE, find_matches, words_of
from flows.parse.lexicon.prefixes import prefixes
from flows.parse.text.normalize import normalize
from schemas.languages import load_languages
from schemas.records import Document
from schemas.registry import load_registry
from tests import examples
from tests.phrasing import load

LEXICONS = Lexicons(load_registry())
_DIGITS = set("0123456789")
PATHS = [path for path in examples.paths() if path.suffix == ".txt"]


def _texts(code: str) -> list[str]:
    """What a language's phrases print, and the examples in it."""
    phrases = load(code)
    said = [phrases.title, phrases.lead, phrases.other, *phrases.distractors]
    numbered = [f"5 {name} (+2), {name} - 24 000; {name}5" for name in phrases.labels.values()]
    found = [path.read_text("utf-8") for path in PATHS if path.parent.name == code]
    return [normalize("\n".join([*said, *numbered])), *map(normalize, found)]


def _word_ends(text: str) -> list[int]:
    """The offsets at which no word is cut: where its digits begin is an end, too."""
    return [at for at in range(1, len(text)) if not text[at - 1 : at + 1].isalpha()]


@pytest.mark.slow
@pytest.mark.parametrize("code", sorted(load_languages()))
def test_no_match_is_missed_where_only_the_words_that_may_start_one_are_tried(code: str) -> None:
    lexicon = LEXICONS[code]
    for text in _texts(code):
        matches = find_matches(text, words_of(text, [(0, len(text))]), lexicon)
        cuts = random.Random(code).choices(_word_ends(text), k=40)
        for name in lexicon.index.names:
            plain, positions = lexicon.index.anywhere(name), getattr(matches, name)
            for start, end in zip([0, *cuts[:20]], [len(text), *cuts[20:]], strict=True):
                expected = [found.span() for found in plain.finditer(text, start, end)]
                found = [found.span() for found in positions.within(start, end)]
                if name != "scales":  # they are looked for at words alone; a number has its own
                    assert found == expected, (name, start, end)
                first, last = positions.search(start, end), positions.last(start, end)
                assert [m.span() for m in (first, last) if m] == [*found[:1], *found[-1:]]


def _numbered(code: str) -> list[str]:
    """The patterns of a language that may begin with a number, or with anything."""
    lists = (*LEXICONS[code].index._lists.values(), *LEXICONS[code].labels._lists.values())
    every = {pattern for alternatives in lists for pattern in alternatives.patterns}
    return sorted(p for p in every if any(b[:1] in _DIGITS or not b for b in prefixes(p)))


@pytest.mark.parametrize("code", sorted(set(load_languages()) - {"zh"}))
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_pattern_matches_at_a_number_that_stands_alone(code: str, data: st.DataObject) -> None:
    for pattern in _numbered(code):
        printed = data.draw(st.from_regex(pattern, fullmatch=True), pattern)
        if printed[:1] in _DIGITS:
            assert not ALONE.match(printed)


@pytest.fixture(scope="module")
def usual() -> list[object]:
    """What is read the usual way."""
    return _outcomes()


def _outcomes() -> list[object]:
    return [read(Document("folder", path.name, path.read_bytes(), "text/plain")) for path in PATHS]


@pytest.mark.slow
def test_lines_that_are_passed_over_hold_nothing(
    usual: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "may_be_listed", lambda reader: True)
    assert _outcomes() == usual


@pytest.mark.slow
def test_plain_lines_read_at_once_are_read_as_any_other(
    usual: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "plain_item", lambda line, matches, spelled: None)
    assert _outcomes() == usual


@pytest.mark.slow
def test_the_beginnings_of_lines_are_forgotten_when_there_are_too_many(
    usual: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_line, "_MOST_HEADS", 2)
    assert _outcomes() == usual


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"tanks?", {"tank ", "tanks "}),
        (r"(?:old[ \t]+|new[ \t]+)?tank(?![ \t]+car)", {"old ", "new ", "tank "}),
        (r"armou?red\w*", {"armored", "armoure"}),
        (r"(?<=,[ ])[vz][ \t]*tom", {"v ", "z ", "vtom ", "ztom "}),
        (r"\d{1,4}[ \t]+days", set("0123456789")),
        (r"24[ \t]+h", {"24 "}),
        (r"ka52", {"ka"}),
        (r"[^\W\d]+x", {""}),
        (r"(?i)tank", {""}),
        (r"tank)", {""}),
    ],
)
def test_the_prefixes_of_a_pattern(pattern: str, expected: set[str]) -> None:
    assert prefixes(pattern) == expected
