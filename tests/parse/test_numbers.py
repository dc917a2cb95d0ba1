"""Numbers in digits: what is one, where it ends, what it is worth, and what is no count."""

import pytest

from flows.parse.items.numbers import Number, number_words, numbers, read_number
from flows.parse.lexicon.lexicon import Lexicons
from flows.parse.lexicon.matches import LexiconMatches, find_matches, words_of
from flows.parse.text.normalize import normalize
from schemas.codes import BulletinWarningCode
from schemas.registry import load_registry

LEXICONS = Lexicons(load_registry())
DAMAGED = BulletinWarningCode.NUMBER_DAMAGED
FRACTION = BulletinWarningCode.NOT_A_WHOLE_NUMBER
EXTRA = BulletinWarningCode.SCALE_WORD_EXTRA


def looked_at(code: str, text: str) -> LexiconMatches:
    normal = normalize(text)
    return find_matches(normal, words_of(normal, [(0, len(normal))]), LEXICONS[code])


def found(code: str, text: str) -> list[Number]:
    matches = looked_at(code, text)
    return list(numbers(matches, 0, len(matches.text)))


@pytest.mark.parametrize(
    ("code", "printed", "value", "rounded"),
    [
        ("en", "7", 7, False),
        ("en", "4823", 4823, False),
        ("en", "4,823", 4823, False),
        ("en", "4 823", 4823, False),
        ("en", "4.823", 4823, False),
        ("en", "4'823", 4823, False),
        ("en", "1,263,470", 1_263_470, False),
        ("en", "282 thousand", 282_000, True),
        ("en", "282.6 thousand", 282_600, True),
        ("en", "1.12 million", 1_120_000, True),
        ("en", "8 thousand 815", 8815, False),
        ("en", "1 million 182 thousand 610", 1_182_610, False),
        ("en", "1 million 182 thousand", 1_182_000, True),
        ("en", "8-thousand", 8000, True),
        ("uk", "282,6 тис", 282_600, True),
        ("de", "1,1 Millionen", 1_100_000, True),
        ("tr", "4823'ü", 4823, False),
        ("hu", "1 082 990-et", 1_082_990, False),
        ("es", "12 mil 345", 12_345, False),
        ("ar", "٤٨٢٣", 4823, False),
        ("ar", "1 مليون و182 ألف و610", 1_182_610, False),
        ("ar", "282 ألف و5", 282_005, False),
        ("zh", "４８２３", 4823, False),
    ],
)
def test_a_number_is_read_whole(code: str, printed: str, value: int, rounded: bool) -> None:
    """Where it ends, too: what follows is not looked at twice."""
    for before, after in (("", ""), ("lost ", " tanks"), ("(", ")"), ("- ", ";")):
        (number,) = found(code, f"{before}{printed}{after}")
        assert (number.value, number.rounded, number.problem) == (value, rounded, None)
        assert (number.start, number.end) == (len(before), len(before) + len(printed))


@pytest.mark.parametrize(
    ("printed", "code", "remark"),
    [
        ("4.5", FRACTION, "'4.5' is no whole number"),
        ("4,82", FRACTION, "'4,82' is no whole number"),
        ("4,8230", DAMAGED, "'4,8230' is damaged"),
        ("4,823.100.5", DAMAGED, "'4,823.100.5' is damaged"),
        (",000", DAMAGED, "',000' is damaged"),
        ("4,823 thousand", EXTRA, "'4,823 thousand': the word for thousand is one too many"),
        ("1000 thousand", EXTRA, "'1000 thousand': the word for thousand is one too many"),
        ("12345678901234567", DAMAGED, "'1234567890123456'... is too long"),
    ],
)
def test_a_number_that_cannot_be_read_says_why(
    printed: str, code: BulletinWarningCode, remark: str
) -> None:
    (number,) = found("en", f"lost {printed} soldiers")
    assert number.problem
    assert (number.problem.code, number.problem.text) == (code, remark)
    assert number.value is None or code is EXTRA


def test_sixteen_digits_are_a_number_still() -> None:
    assert [number.value for number in found("en", "1234567890123456")] == [1234567890123456]


@pytest.mark.parametrize(
    "text",
    [
        *("131/136", "12:30", "2022-23", "30%", "30 %", "$5", "€5", "5$", "5°", "№5", "#5"),
        *("M777", "a_5", "5_b", "9/10/2023"),
    ],
)
def test_what_is_printed_as_no_count_is_none(text: str) -> None:
    assert found("en", f"then {text} of them") == []


@pytest.mark.parametrize(
    ("code", "text", "values"),
    [
        ("en", "tanks 7, guns 8", [7, 8]),
        ("en", "7/ 8", [7, 8]),
        ("en", "5-inch 3", [3]),
        ("en", "lost -5", [5]),
        ("en", "lost. 5", [5]),
        ("en", "100\n200", [100, 200]),
        ("en", "1 000 2 000", [1000, 2000]),
        ("en", "4,823 12", [4823, 12]),
        ("zh", "坦克4823辆", [4823]),
        ("ar", "و5 دبابات", [5]),
        ("ar", "قو5 دبابات", []),
        ("hu", "a hazai 50-es években", []),
    ],
)
def test_the_numbers_of_a_text(code: str, text: str, values: list[int]) -> None:
    assert [number.value for number in found(code, text)] == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 thousand 1200", 5000),
        ("5 thousand 4 thousand", 5000),
        ("5 million 4 million", 5_000_000),
        ("5 thousand 999", 5999),
        ("5 thousand 1000", 5000),
    ],
)
def test_what_follows_a_scale_word_is_smaller(text: str, value: int) -> None:
    assert found("en", text)[0].value == value


def test_a_limit_cuts_a_number_off() -> None:
    matches = looked_at("en", "lost 4823 thousand")
    assert read_number(matches, 5, 7) == Number(5, 7, 48)
    assert read_number(matches, 5, 9) == Number(5, 9, 4823)
    assert read_number(matches, 0) is None


@pytest.mark.parametrize(
    ("code", "text", "values"),
    [
        ("tr", "bin 62 asker", [1062]),
        ("tr", "5 bin 62 asker", []),
        ("tr", "bin asker", []),
        ("es", "mil 62 soldados", [1062]),
    ],
)
def test_a_bare_word_for_thousand(code: str, text: str, values: list[int]) -> None:
    matches = looked_at(code, text)
    assert [one.value for one in number_words(matches, 0, len(matches.text))] == values


@pytest.mark.parametrize(
    ("text", "value", "rounded"),
    [
        ("seven tanks", 7, False),
        ("two hundred tanks", 200, True),
        ("two hundred and five tanks", 205, False),
        ("seven thousand tanks", 7000, True),
        ("seven thousand 5 tanks", 7005, False),
    ],
)
def test_a_number_word_that_may_be_rounded(text: str, value: int, rounded: bool) -> None:
    matches = looked_at("en", text)
    (number,) = number_words(matches, 0, len(matches.text))
    assert (number.value, number.rounded) == (value, rounded)
