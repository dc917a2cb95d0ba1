"""Lines and sentences: where a full stop ends one."""

import pytest

from flows.parse.text.lines import lines_of
from schemas.languages import load_languages

ABBREVIATIONS = sorted({a for lang in load_languages().values() for a in lang.abbreviations})


def sentences(text: str) -> list[str]:
    return [
        text[start:end].strip()
        for line in lines_of(text, text.lower(), [(0, len(text))])
        for start, end in line.sentences
    ]


@pytest.mark.parametrize("word", ABBREVIATIONS)
def test_a_full_stop_behind_an_abbreviation_ends_no_sentence(word: str) -> None:
    for printed in (word, word.title()):
        text = f"Lost were 297 {printed}. Tanks and guns."
        assert sentences(text) == [text], "an abbreviation has at most six letters"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lost were 297 tanks. Guns, too.", ["Lost were 297 tanks.", "Guns, too."]),
        ("Am 24. Februar begann es.", ["Am 24. Februar begann es."]),
        ("It has 297. Guns, too.", ["It has 297.", "Guns, too."]),
        ("It began.Guns, too.\nEnd", ["It began.", "Guns, too.", "End"]),
        ("See v. 4.B and more.", ["See v. 4.B and more."]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected
