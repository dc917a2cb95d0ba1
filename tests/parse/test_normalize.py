"""Normalized text: plain signs, small letters, and every character in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.parse.text.normalize import normalize, normalize_letters


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("Tanks – 4823 (+2)", "tanks - 4823 (+2)"),
        ("‐‑‒–—―−﹘﹣－", "-" * 10),
        ("’‘ʼ`´′＇", "'" * 7),
        ('«Day» “593” „x‟ "y"', " day   593   x   y "),
        ("1\u00a0082\u202f990\u2009x", "1 082 990 x"),
        ("a\tb\nc\rd\x0be", "a\tb\nc d e"),
        ("٤٨٢٣ ۴۸۲۳", "4823 4823"),
        ("४८२३ ৪৮২৩", "4823 4823"),
        ("４８２３（＋２）Ａｂ", "4823(+2)ab"),
        ("٬،٫؛؟、。", ",,.;?;\n"),
        ("≈5 ≃5", "~5 ~5"),
        ("ıI İ", "ii i"),
        ("Άέήίόύώ Ως", "αεηιουω ωσ"),
        ("أإآٱ ى یة ک ه", "اااا ي يه ك ه"),
        ("ТАНКІВ", "танків"),
        ("ẞ ÄÖÜ", "ß äöü"),
    ],
)
def test_how_a_character_is_normalized(printed: str, normal: str) -> None:
    assert normalize(printed) == normal


def test_letters_alone_leave_a_pattern_what_it_is() -> None:
    assert normalize_letters(r"Tıp\d[.,]– (?:ά|ς)") == r"Tip\d[.,]– (?:α|σ)"


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    normal = normalize(text)
    assert len(normal) == len(text)
    assert normalize(normal) == normal
    for at, character in enumerate(text):
        assert normalize(character) == normal[at]
