"""What the rows beside a row say of it: each question with the day that just says yes, or no."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from flows.reconcile.neighbours import Days
from schemas.records import Cell
from schemas.tables import LossRow
from tests.series import Printed, rows

DAY = date(2023, 10, 9)
NAMES = ("personnel", "tanks", "armored_vehicles", "artillery", "mlrs", "uavs")


def days(*printed: Mapping[str, Printed]) -> tuple[Days, dict[Cell, LossRow]]:
    """Return the rows of days that end the day after the one at stake, a document a day."""
    first = DAY - timedelta(days=len(printed) - 2)
    found = rows(
        {
            (first + timedelta(days=number), category): figure
            for number, day in enumerate(printed)
            for category, figure in day.items()
        }
    )
    found = {cell: replace(row, document_sha256=str(cell[0])) for cell, row in found.items()}
    return Days(found.values()), found


def test_what_the_day_after_starts_from() -> None:
    found, row = days({"tanks": (10, 1), "mlrs": (5, 0)}, {"tanks": (13, 2), "mlrs": (5, None)})
    assert found.meant(row[DAY, "tanks"]) == 11
    assert found.meant(row[DAY, "mlrs"]) is None, "no delta"
    assert found.meant(row[DAY + timedelta(days=1), "tanks"]) is None, "no day after"


def test_the_day_before() -> None:
    found, row = days({"tanks": (10, 1)}, {"tanks": (12, 2), "mlrs": (5, 0)}, {"mlrs": (5, 0)})
    assert found.before(row[DAY, "tanks"]) == row[DAY - timedelta(days=1), "tanks"]
    assert found.before(row[DAY, "mlrs"]) is None


@pytest.mark.parametrize(
    ("tanks", "mlrs", "expected"),
    [
        # Of 100 + 2 and 200 + 3: printed in each other's place, deltas kept or exchanged, too.
        ((203, 2), (102, 3), (203, 102)),
        ((203, 3), (102, 2), (203, 102)),
        ((203, 2), (104, 3), None),
        ((102, 2), (203, 3), None),
        ((102, 9), (102, 3), None),
    ],
)
def test_two_categories_that_exchanged_their_totals(
    tanks: Printed, mlrs: Printed, expected: tuple[int, int] | None
) -> None:
    found, row = days({"tanks": (100, 1), "mlrs": (200, 1)}, {"tanks": tanks, "mlrs": mlrs}, {})
    other = (found.exchanged(row[DAY, "mlrs"]), found.exchanged(row[DAY, "tanks"]))
    assert other == (expected or (None, None))


def test_over_a_gap_only_the_day_after_says_what_was_exchanged() -> None:
    before = {"tanks": (100, 1), "mlrs": (200, 1)}
    exchanged = {"tanks": (203, 2), "mlrs": (102, 3)}
    found, row = days(before, {}, exchanged, {})
    assert {found.exchanged(row[DAY, name]) for name in exchanged} == {None}


def test_a_total_that_was_copied_from_another_category() -> None:
    found, row = days(
        {"tanks": (100, 1), "mlrs": (200, 1)}, {"tanks": (203, 2), "mlrs": (203, 3)}, {}
    )
    assert found.copied(row[DAY, "tanks"])
    assert not found.copied(row[DAY, "mlrs"]), "the tanks are not in order"


def test_a_row_that_is_printed_again() -> None:
    found, row = days(
        {"tanks": (100, 1), "mlrs": (200, 1), "uavs": (7, 1)},
        {"tanks": (100, 1), "mlrs": (200, 2), "uavs": (8, 1)},
        {},
    )
    repeated = {name for name in ("tanks", "mlrs", "uavs") if found.repeats(row[DAY, name])}
    assert repeated == {"tanks"}


@pytest.mark.parametrize(
    ("deltas", "stale"), [((1, 1), True), ((1, 0), False), ((0, 0), False), ((1, None), False)]
)
def test_a_bulletin_that_is_printed_again_has_deltas_that_cannot_be(
    deltas: tuple[int | None, int | None], stale: bool
) -> None:
    day: dict[str, Printed] = {"tanks": (100, deltas[0]), "mlrs": (200, deltas[1])}
    found, row = days(day, day, {})
    assert found.stale(row[DAY, "tanks"]) is stale


def test_of_a_bulletin_that_is_printed_again_nothing_is_new() -> None:
    found, row = days(
        {"tanks": (100, 1), "mlrs": (200, 1)}, {"tanks": (100, 1), "mlrs": (201, 1)}, {}
    )
    assert not found.stale(row[DAY, "tanks"])


@pytest.mark.parametrize(
    ("after", "late"),
    [
        ({"tanks": (102, 2), "mlrs": (203, 3)}, True),
        ({"tanks": (102, 2)}, True),
        ({"tanks": (102, 2), "mlrs": (204, 3)}, False),
        ({}, True),
    ],
)
def test_a_series_is_late_where_the_next_day_goes_on_from_what_is_printed_again(
    after: Mapping[str, Printed], late: bool
) -> None:
    day: dict[str, Printed] = {"tanks": (100, 1), "mlrs": (200, 1)}
    found, row = days(day, day, after)
    assert found.shifted(row[DAY, "tanks"]) is late


def skipped(ahead: int, *, largest: bool = True, falling: bool = False) -> bool:
    """Whether a day is taken for the first in time, with so many categories ahead of their deltas.

    `largest`: that of the largest delta is among them; `falling`: another one falls behind.
    """
    before: dict[str, Printed] = dict.fromkeys(NAMES, (1000, 1))
    added = dict.fromkeys(NAMES, 2) | {"personnel": 500}
    jumping = [name for name in NAMES if largest or name != "personnel"][:ahead]
    today: dict[str, Printed] = {
        name: (1000 + added[name] + (7 if name in jumping else 0), added[name]) for name in NAMES
    }
    if falling:
        today["uavs"] = (1001, 2)
    found, row = days(before, today, {})
    return found.shifted(row[DAY, "tanks"])


def test_a_day_that_skips_a_bulletin_is_ahead_in_several_categories() -> None:
    assert skipped(4)
    assert not skipped(3)


def test_a_correction_does_not_look_like_a_skipped_bulletin() -> None:
    assert not skipped(4, largest=False), "the largest delta adds up"
    assert not skipped(4, falling=True), "something falls behind its delta"


def test_the_predecessors_of_a_category_have_to_be_sound() -> None:
    merged = date(2022, 5, 1)
    eve = merged - timedelta(days=1)
    for wrong, sound in ((0, True), (1, False)):
        printed = {
            (eve - timedelta(days=1), "military_vehicles"): (1700, None),
            (eve - timedelta(days=1), "fuel_tanks"): (76, None),
            (eve, "military_vehicles"): (1701, 1 + wrong),
            (eve, "fuel_tanks"): (76, 0),
            (merged, "vehicles_fuel_tanks"): (1796, 19),
        }
        found = rows(printed)
        answer = Days(found.values()).sound_before(found[merged, "vehicles_fuel_tanks"])
        assert answer is sound
