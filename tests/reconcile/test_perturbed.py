"""Whatever is perturbed in a series that adds up is flagged, and nothing else is."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Cell
from schemas.tables import LossRow
from tests import reference
from tests.series import Printed, rows

START = date(2023, 12, 29)
"""Random series start here, so that they cross from 31 December to 1 January."""

MERGED = date(2022, 5, 1)
REVISED = date(2023, 10, 3)
CATEGORIES = ("aircraft", "personnel", "tanks")


@st.composite
def consistent(draw: st.DrawFn, unprinted: bool = False) -> dict[Cell, Printed]:
    """A series that adds up; with `unprinted`, some of its deltas are left out."""
    days = draw(st.integers(2, 8))
    printed: dict[Cell, Printed] = {}
    for category in CATEGORIES:
        total = draw(st.integers(0, 10**6))
        for n in range(days):
            delta = draw(st.integers(-3, 50))
            total += delta
            hidden = unprinted and draw(st.booleans())
            printed[START + timedelta(days=n), category] = total, None if hidden else delta
    return printed


def mismatches(found: Mapping[Cell, LossRow]) -> set[Cell]:
    return {cell for cell, row in found.items() if row.delta_status == "mismatch"}


@given(consistent(unprinted=True))
def test_a_consistent_series_passes(printed: dict[Cell, Printed]) -> None:
    for cell, row in rows(printed).items():
        if cell[0] == START:
            assert row.delta_status == "first"
        elif printed[cell][1] is None:
            assert row.delta_status == ("not_printed" if row.change else "ok_unprinted")
        else:
            assert row.delta_status == "ok"


@given(consistent(), st.data(), st.integers(-99, 99).filter(bool))
def test_a_perturbed_total_is_flagged_on_its_day_and_the_next(
    printed: dict[Cell, Printed], data: st.DataObject, error: int
) -> None:
    day, category = cell = data.draw(st.sampled_from(sorted(printed)))
    total, delta = printed[cell]
    found = rows(printed | {cell: (total + error, delta)})
    after = day + timedelta(days=1), category
    expected = {cell, after} & printed.keys() - {(START, category)}
    assert mismatches(found) == expected
    assert {found[c].discrepancy for c in expected} <= {error, -error}


@given(consistent(), st.data(), st.integers(-99, 99).filter(bool))
def test_a_perturbed_delta_is_flagged_on_its_day_alone(
    printed: dict[Cell, Printed], data: st.DataObject, error: int
) -> None:
    cell = data.draw(st.sampled_from([c for c in sorted(printed) if c[0] > START]))
    total, delta = printed[cell]
    assert delta is not None
    found = rows(printed | {cell: (total, delta + error)})
    assert mismatches(found) == {cell}
    assert found[cell].discrepancy == -error


@given(consistent(unprinted=True), st.data())
def test_a_lost_record_makes_the_next_a_gap_and_changes_nothing_else(
    printed: dict[Cell, Printed], data: st.DataObject
) -> None:
    whole = rows(printed)
    day, category = cell = data.draw(st.sampled_from([c for c in sorted(printed) if c[0] > START]))
    after = day + timedelta(days=1), category
    found = rows({c: figure for c, figure in printed.items() if c != cell})
    assert {c for c in found if found[c] != whole[c]} == {after} & printed.keys()
    if after in found:
        assert (found[after].delta_status, found[after].days_missing) == ("gap", 1)


@pytest.mark.slow
def test_the_reference_series_flags_its_corrections_and_nothing_else() -> None:
    series = reference.load()
    printed = {
        (day, category): (figure.total, figure.delta)
        for day, figures in series.items()
        for category, figure in figures.items()
    }
    found = rows(printed)
    revised = mismatches(found)
    assert {c: found[day, c].discrepancy for day, c in revised if day == REVISED} == {
        "aircraft": -1,
        "tanks": 5,
        "uavs": -1,
    }
    assert found[MERGED, "vehicles_fuel_tanks"].delta_status == "ok"
    assert len({day for day, _ in revised}) == 28
