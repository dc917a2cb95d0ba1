"""Tiles and delta lines: a label, its number and its delta on lines of their own, in any order."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.parse.bulletin import parse
from schemas.records import Bulletin, Page
from tests.phrasing import languages
from tests.tries import tries

DAY = date(2023, 10, 9)
FIGURES = {
    "tanks": (4823, 2),
    "artillery": (6669, 13),
    "personnel": (281700, 430),
    "aircraft": (315, 1),
    "helicopters": (316, 0),
}
ORDERS = tuple(map("".join, permutations("LTD")))


def tiles(code: str, order: str, without: frozenset[str]) -> list[str]:
    """Return the lines of tiles in an order of label, total, delta; some print no delta."""
    lines: list[str] = []
    for category, (total, delta) in FIGURES.items():
        label = languages()[code].listed(category)
        printed = {"L": label, "T": f"{total:,}".replace(",", " "), "D": f"+{delta}"}
        lines += [printed[part] for part in order if part != "D" or category not in without]
    return lines


def read(code: str, lines: Sequence[str]) -> Bulletin:
    phrases = languages()[code]
    title = phrases.title.format(date=phrases.print_date(DAY))
    return parse(Page("\n".join([title, *lines])), DAY)


@settings(max_examples=tries(60), deadline=None)
@given(
    code=st.sampled_from(sorted(set(languages()) - {"zh"})),
    order=st.sampled_from(ORDERS),
    without=st.frozensets(st.sampled_from(sorted(FIGURES))),
)
def test_no_tile_takes_a_number_of_its_neighbour(
    code: str, order: str, without: frozenset[str]
) -> None:
    """A delta that could be either neighbour's may be missing, with a warning, never wrong."""
    bulletin = read(code, tiles(code, order, without))
    assert bulletin.accepted, bulletin.reason
    assert {f.category: f.total for f in bulletin.figures} == {
        category: total for category, (total, _) in FIGURES.items()
    }
    lost = []
    for figure in bulletin.figures:
        delta = None if figure.category in without else FIGURES[figure.category][1]
        if figure.delta != delta:
            lost.append(figure.category)
            usual = order == "DLT" and figure.delta is not None  # told as doubtful below
            assert usual or figure.delta is None, figure
    assert len(bulletin.warnings) >= len(lost)


@pytest.mark.parametrize("order", ORDERS)
def test_tiles_that_all_print_a_delta_are_read_whole(order: str) -> None:
    found = {
        f.category: (f.total, f.delta) for f in read("en", tiles("en", order, frozenset())).figures
    }
    assert found == FIGURES


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "+2|Tanks 4823|+13|Artillery systems 6669|+430|Personnel 281700",
            "4823+2 6669+13 281700+430",
        ),
        ("Tanks: 4823|+2|Artillery systems: 6669|+13|Personnel: 281700", "4823+2 6669+13 281700"),
        ("+2|4823 tanks|+13|6669 artillery systems|281700 personnel", "4823+2 6669+13 281700"),
        (
            "Tanks: 4823|+2 per day|Artillery systems: 6669|+13 per day|Personnel: 281700",
            "4823+2 6669+13 281700",
        ),
    ],
)
def test_deltas_on_lines_of_their_own(lines: str, expected: str) -> None:
    figures = read("en", lines.split("|")).figures
    assert (
        " ".join(f"{f.total}" + ("" if f.delta is None else f"{f.delta:+}") for f in figures)
        == expected
    )


@pytest.mark.parametrize(
    "lines",
    [
        "+2|Tanks: 4823|+13|Artillery systems: 6669|+430|Personnel: 281700|+1",
        "Tanks|4823|+2|+31|Artillery systems|6669|+13|+130|Personnel|281700|+430|+2900",
    ],
)
def test_deltas_that_may_be_of_either_side_are_not_taken(lines: str) -> None:
    bulletin = read("en", lines.split("|"))
    assert [(f.total, f.delta) for f in bulletin.figures] == [
        (4823, None),
        (6669, None),
        (281700, None),
    ]
    assert len(bulletin.warnings) == 3


@pytest.mark.parametrize(
    "lines",
    [
        "Tanks|Artillery systems|Personnel|4823|6669|281700",
        "4823|6669|281700|Tanks|Artillery systems|Personnel",
        "Tanks|2|4823|Artillery systems|13|6669|Personnel|430|281700",
    ],
)
def test_numbers_apart_from_their_labels_are_nobodys(lines: str) -> None:
    assert not read("en", lines.split("|")).figures


@pytest.mark.parametrize("unknown", ["Warbirds", "Other gear"])
def test_a_tile_whose_label_nobody_knows_moves_no_number(unknown: str) -> None:
    for lines in (
        ["4823", "Tanks", "6669", unknown, "281700", "Personnel", "315", "Aircraft"],
        ["Tanks", "4823", unknown, "6669", "Personnel", "281700", "Aircraft", "315"],
    ):
        found = {f.category: f.total for f in read("en", lines).figures}
        assert found == {"tanks": 4823, "personnel": 281700, "aircraft": 315}
