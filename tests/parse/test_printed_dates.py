"""Every date and war day that a text prints, whatever it is a date of."""

from datetime import date

import pytest

from flows.parse.dates.printed import PrintedDate, printed_dates, war_day_spans
from flows.parse.lexicon.lexicon import Lexicons
from flows.parse.lexicon.matches import LexiconMatches, find_matches, words_of
from flows.parse.text.lines import Line, lines_of
from flows.parse.text.normalize import normalize
from schemas.registry import load_registry

LEXICONS = Lexicons(load_registry())


def looked_at(code: str, text: str) -> tuple[LexiconMatches, tuple[Line, ...]]:
    normal = normalize(text)
    spans = [(0, len(normal))]
    matches = find_matches(normal, words_of(normal, spans), LEXICONS[code])
    return matches, lines_of(text, normal, spans)


def read(code: str, text: str) -> list[tuple[str, tuple[int | None, int, int]]]:
    """Return each date as printed, and its year, month and day."""
    return [
        (text[one.start : one.end], (one.year, one.month, one.day))
        for one in printed_dates(*looked_at(code, text))
    ]


@pytest.mark.parametrize(
    ("code", "text", "printed", "expected"),
    [
        ("en", "on 2023-10-09 it", "2023-10-09", (2023, 10, 9)),
        ("en", "on 2023/10/09 it", "2023/10/09", (2023, 10, 9)),
        ("hu", "2023. 10. 09 reggel", "2023. 10. 09", (2023, 10, 9)),
        ("uk", "станом на 09.10.23 рік", "09.10.23", (2023, 10, 9)),
        ("uk", "станом на 09.10.2023,", "09.10.2023", (2023, 10, 9)),
        ("uk", "станом на 09.10, ранок", "09.10", (None, 10, 9)),
        ("cs", "k 9. 10. 2023 ztratil", "9. 10. 2023", (2023, 10, 9)),
        ("cs", "k 9. 10. ztratil", "9. 10.", (None, 10, 9)),
        ("zh", "截至2023年10月9日，", "2023年10月9日", (2023, 10, 9)),
        ("zh", "截至10月9日，", "10月9日", (None, 10, 9)),
        ("en", "as of 9 October 2023 the", "9 October 2023", (2023, 10, 9)),
        ("en", "as of the 9th of October, it", "9th of October", (None, 10, 9)),
        ("en", "as of October 9th, 2023: it", "October 9th, 2023", (2023, 10, 9)),
        ("en", "as of Oct. 9, it", "Oct. 9", (None, 10, 9)),
        ("en", "2023 October 9, morning", "2023 October 9", (2023, 10, 9)),
        ("uk", "станом на 22 листопада 2023", "22 листопада 2023", (2023, 11, 22)),
        ("hu", "2023. október 9-én reggel", "2023. október 9-én", (2023, 10, 9)),
        ("lt", "2023 m. spalio 9 d. rytą", "2023 m. spalio 9", (2023, 10, 9)),
        ("pl", "na dzień 1 stycznia 2024", "1 stycznia 2024", (2024, 1, 1)),
        ("en", "on 31 October 2023", "31 October 2023", (2023, 10, 31)),
    ],
)
def test_a_date_is_read(
    code: str, text: str, printed: str, expected: tuple[int | None, int, int]
) -> None:
    assert read(code, text) == [(printed, expected)]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "tanks - 4.823.100"),
        ("en", "in 1/13 of them"),
        ("en", "no. 32.12 and 31.13"),
        ("en", "12.10 million people"),
        ("en", "range 5-9.10-12"),
        ("en", "32 October"),
        ("en", "0 October"),
        ("en", "1,009 October evenings"),
        ("en", "October was cold"),
        ("en", "4.823,5 and 1.5.3.2"),
        ("de", "am 45. Oktober"),
    ],
)
def test_what_looks_like_a_date_is_none(code: str, text: str) -> None:
    assert read(code, text) == []


@pytest.mark.parametrize(
    ("text", "ambiguous"),
    [
        ("10/09/2023", True),
        ("10/13/2023", False),
        ("13/10/2023", False),
        ("10.09.2023", False),
        ("2023-10-09", False),
        ("10/10/2023", False),
    ],
)
def test_a_day_and_a_month_that_may_be_exchanged_are_told(text: str, ambiguous: bool) -> None:
    (found,) = printed_dates(*looked_at("en", text))
    assert found.is_ambiguous is ambiguous
    assert found.in_year(2023) is not None


def test_several_dates_come_in_their_order() -> None:
    text = "From 24.02.22 to 9 October 2023, on 2023-10-08\nand October 7"
    assert [found for _, found in read("en", text)] == [
        (2022, 2, 24),
        (2023, 10, 9),
        (2023, 10, 8),
        (None, 10, 7),
    ]


def test_a_day_that_the_calendar_does_not_have_is_none_in_that_year() -> None:
    leap = PrintedDate(0, 5, None, 2, 29)
    assert (leap.in_year(2023), leap.in_year(2024)) == (None, date(2024, 2, 29))
    assert PrintedDate(0, 5, None, 12, 31).in_year(9998) == date(9998, 12, 31)
    assert PrintedDate(0, 5, None, 12, 31).in_year(9999) is None, "no day comes after it"
    assert PrintedDate(0, 5, None, 10, 9).swapped() == PrintedDate(0, 5, None, 9, 10)


@pytest.mark.parametrize(
    ("code", "text", "number"),
    [
        ("en", "Day 593 of the war", 593),
        ("en", "on October 9 2023, the 593rd day of the war", 593),
        ("en", "the 1263rd day of the war", 1263),
        ("en", "the 1,263rd day of the war", 1263),
        ("en", "Day 1,263 of the war", 1263),
        ("en", "Day 1263: losses", 1263),
        ("uk", "593-тя доба війни", 593),
        ("uk", "1 263-тя доба війни", 1263),
        ("ru", "1 263-й день войны", 1263),
        ("de", "Kriegstag 1.263", 1263),
        ("de", "1.263. Kriegstag", 1263),
        ("fr", "1 263e jour de la guerre", 1263),
        ("es", "día 1.263 de la guerra", 1263),
        ("pt", "dia 1.263 da guerra", 1263),
        ("pl", "1 263. dzień wojny", 1263),
        ("cs", "1 263. den války", 1263),
        ("tr", "savaşın 1.263'üncü günü", 1263),
        ("zh", "第1,263天", 1263),
        ("it", "giorno 1.263 della guerra", 1263),
        ("it", "Guerra in Ucraina, giorno 1.263: le perdite", 1263),
        ("ro", "ziua 1.263 de război", 1263),
        ("ro", "În ziua 1 263 a invaziei", 1263),
        ("fr", "jour 1 263 de la guerre", 1263),
        ("fr", "Jour 1.263", 1263),
        ("es", "guerra en Ucrania, día 1.263", 1263),
        ("pt", "guerra na Ucrânia, dia 1.263", 1263),
        ("el", "ημέρα 1.263 του πολέμου", 1263),
        ("ka", "დღე 1,263", 1263),
    ],
)
def test_a_war_day_is_read(code: str, text: str, number: int) -> None:
    assert [found[2] for found in war_day_spans(*looked_at(code, text))] == [number]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "day 0 of the war"),
        ("en", "day 20001 of the war"),
        ("en", "a day of war"),
        ("en", "That day 1,263 soldiers fell"),
        ("it", "quel giorno 1.263 soldati sono caduti"),
        ("it", "giorno 12.263"),
        ("ro", "ziua 1.263 soldați"),
        ("fr", "ce jour 1 263 soldats sont tombés"),
    ],
)
def test_what_counts_no_day_of_the_war_is_none(code: str, text: str) -> None:
    assert war_day_spans(*looked_at(code, text)) == []
