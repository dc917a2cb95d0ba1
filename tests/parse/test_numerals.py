"""Numbers in words are read as wholes: half of one would be a wrong number."""

import pytest

from flows.parse.items.numbers import number_words
from flows.parse.lexicon.lexicon import Lexicons
from flows.parse.lexicon.matches import find_matches, words_of
from flows.parse.text.normalize import normalize
from schemas.registry import load_registry

_LEXICONS = Lexicons(load_registry())


def _values(code: str, text: str) -> list[int | None]:
    normal = normalize(text)
    matches = find_matches(normal, words_of(normal, ((0, len(normal)),)), _LEXICONS[code])
    return [number.value for number in number_words(matches, 0, len(normal))]


@pytest.mark.parametrize(
    ("code", "text", "values"),
    [
        ("cs", "sto sedmdesát pět vrtulníků", [175]),
        ("cs", "dvě stovky stíhaček", [200]),
        ("cs", "jednatřicet tisíc", [31_000]),
        ("sk", "dvestopäťdesiatpäť", [255]),
        ("pl", "sto siedemdziesiąt pięć", [175]),
        ("de", "dreihundertfünfundvierzig", [345]),
        ("nl", "honderdvijfentwintig", [125]),
        ("en", "one hundred and seventy-five", [175]),
        ("en", "a hundred tanks and five guns", [100, 5]),
        ("fr", "cent soixante-quinze", [175]),
        ("fr", "quatre-vingt-dix-sept", [97]),
        ("it", "centosettantacinque", [175]),
        ("es", "ciento setenta y cinco", [175]),
        ("ro", "o sută șaptezeci și cinci", [175]),
        ("ru", "сто семьдесят пять", [175]),
        ("uk", "двісті сорок два", [242]),
        ("tr", "yüz yetmiş beş", [175]),
        ("tr", "on üç", [13]),
        ("id", "seratus tujuh puluh lima", [175]),
        ("vi", "một trăm bảy mươi lăm", [175]),
        ("fi", "satakolme", [103]),
        ("hu", "százhetvenöt", [175]),
        ("fa", "صد و هفتاد و پنج", [175]),
        ("ar", "مئة وخمسة وسبعون", [175]),
    ],
)
def test_a_number_in_words_is_one_number(code: str, text: str, values: list[int]) -> None:
    assert _values(code, text) == values


@pytest.mark.parametrize("text", ["five and six tanks", "two tanks, three guns"])
def test_words_that_are_no_number_together_stay_apart(text: str) -> None:
    assert len(_values("en", text)) == 2
