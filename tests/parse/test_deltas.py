"""What follows a figure: its delta, a total beside a delta, or nothing of it."""

from datetime import date

import pytest

from flows.parse.bulletin import parse
from flows.parse.items.deltas import Delta, read_delta
from flows.parse.items.line import Masks
from flows.parse.lexicon.lexicon import Lexicons
from flows.parse.lexicon.matches import find_matches, words_of
from flows.parse.text.normalize import normalize
from schemas.codes import BulletinWarningCode
from schemas.records import Page
from schemas.registry import load_registry

LEXICONS = Lexicons(load_registry())


def delta(behind: str, code: str = "en") -> Delta | None:
    """Return the delta of what stands behind a figure."""
    text = normalize(f"tanks - 4823{behind}")
    matches = find_matches(text, words_of(text, [(0, len(text))]), LEXICONS[code])
    return read_delta(matches, len("tanks - 4823"), len(text))


@pytest.mark.parametrize(
    ("code", "behind", "value"),
    [
        ("en", " (+2)", 2),
        ("en", "(+0)", 0),
        ("en", " (-2)", -2),
        ("en", " [+2]", 2),
        ("en", " ( + 2 )", 2),
        ("en", " (+1,082)", 1082),
        ("en", " units (+2)", 2),
        ("en", " (+2 units)", 2),
        ("en", " +2", 2),
        ("en", " / +2", 2),
        ("en", ", +2", 2),
        ("en", " (+2", 2),
        ("en", " (+ 16 pcs, (see below)", 16),
        ("en", " (2 more than yesterday)", 2),
        ("en", " (including 2)", 2),
        ("en", " (8 in the last 24 hours)", 8),
        ("en", " (in the last 24 hours 8)", 8),
        ("en", " (eight in the last 24 hours)", 8),
        ("en", " (none in the last 24 hours)", 0),
        ("uk", " (+2 за добу)", 2),
        ("uk", " (за добу 2)", 2),
        ("de", " (+2 in den letzten 24 Stunden)", 2),
    ],
)
def test_a_delta_is_read(code: str, behind: str, value: int) -> None:
    found = delta(behind, code)
    assert found
    assert (found.value, found.is_total) == (value, False)


@pytest.mark.parametrize("behind", [" (+)", " (-)", " (+ )", " (+ some 5)", " (+4.5)"])
def test_one_that_is_empty_or_damaged_has_no_value(behind: str) -> None:
    found = delta(behind)
    assert found
    assert found.value is None


@pytest.mark.parametrize(
    "behind",
    [
        "",
        " -2",
        " (2)",
        " (in total)",
        " (T-72 and others)",
        " (in the last 24 hours)",
        " (none)",
        " guns +2",
        "; 5",
    ],
)
def test_what_is_no_delta_is_none(behind: str) -> None:
    assert delta(behind) is None


@pytest.mark.parametrize(
    ("behind", "about"),
    [(" (4823 since the invasion)", False), (" (about 4823 since the invasion)", True),
     (" (4.8 thousand since the invasion)", True)],
)  # fmt: skip
def test_a_total_beside_a_delta(behind: str, about: bool) -> None:
    found = delta(behind)
    assert found
    assert (found.is_total, found.approximate) == (True, about)
    assert found.value in (4823, 4800)


@pytest.mark.parametrize(
    ("start", "end", "touched", "inside"),
    [
        (0, 5, False, None),
        (0, 6, True, None),
        (5, 6, True, None),
        (0, 9, True, (5, 9)),
        (5, 9, True, (5, 9)),
        (6, 9, True, None),
        (8, 9, True, None),
        (9, 12, False, None),
        (9, 13, True, None),
        (10, 20, True, (12, 15)),
        (0, 20, True, (5, 9)),
        (15, 20, False, None),
    ],
)
def test_what_a_mask_covers(
    start: int, end: int, touched: bool, inside: tuple[int, int] | None
) -> None:
    """Spans are half open; where one ends and another begins nothing is covered twice."""
    masks = Masks([(12, 15), (5, 9)])
    assert masks.touch(start, end) is touched
    assert masks.first_inside(start, end) == inside


def test_a_long_mask_reaches_over_a_short_one() -> None:
    masks = Masks([(0, 20), (3, 5)])
    assert masks.touch(10, 11)
    assert not masks.touch(20, 21)
    assert Masks([]).first_inside(0, 9) is None


LEFT_OVER = BulletinWarningCode.NUMBER_LEFT_OVER


@pytest.mark.parametrize(
    "behind", ["(2)", "[2]", "/ 2", "; 2", "(new: 2)", "(more than 2)", "up 2"]
)
def test_what_may_be_a_delta_and_is_not_read_is_told(behind: str) -> None:
    text = "General Staff of Ukraine, 09.10.2023. Losses of Russia\n" + "\n".join(
        f"{label} - {total} {behind}"
        for label, total in (("Tanks", 4823), ("Artillery systems", 6669), ("Aircraft", 315))
    )
    bulletin = parse(Page(text), date(2023, 10, 9))
    assert [(f.total, f.delta) for f in bulletin.figures] == [
        (4823, None),
        (6669, None),
        (315, None),
    ]
    assert [w.code for w in bulletin.warnings] == [LEFT_OVER] * 3


@pytest.mark.parametrize("behind", ["(T-72)", "(in 2022)", "(Grad)", "(as of 9 October)"])
def test_what_is_no_number_beside_a_figure_is_not_told(behind: str) -> None:
    text = (
        "As of October 9, 2023, the General Staff says that Russia has lost 6,669 artillery "
        f"systems (+13), 315 aircraft (+0) and 4,823 tanks {behind}."
    )
    assert not parse(Page(text), date(2023, 10, 9)).warnings


@pytest.mark.parametrize(
    ("code", "behind", "value"),
    [
        ("en", "(plus 13)", 13),
        ("de", "(plus 13)", 13),
        ("fr", "(plus 13)", 13),
        ("fr", "(plus de 13)", None),
        ("es", "(más 13)", 13),
        ("it", "(più 13)", 13),
        ("uk", "(плюс 13)", 13),
        ("tr", "(artı 13)", 13),
        ("en", "(plus 13 in a week)", None),
        ("en", "(plus 57 T-90s)", None),
        ("de", "(+31 pro Woche)", None),
        ("fr", "(+31 par mois)", None),
        ("uk", "(+31 на тиждень)", None),
        ("pl", "(+31 tygodniowo)", None),
        ("zh", "(本周+31)", None),
        ("en", "(two fewer than the day before)", None),
    ],
)
def test_a_sign_in_words_and_another_period(code: str, behind: str, value: int | None) -> None:
    found = delta(f" {behind}", code)
    assert (found.value if found else None) == value
