"""What comes before a figure, and whether its delta adds up."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from flows.reconcile.series import Series
from schemas.codes import DeltaStatus
from schemas.records import war_day
from schemas.registry import load_registry
from schemas.tables import LossRow
from tests.series import Printed, rows

REGISTRY = load_registry()
START = date(2023, 12, 29)


def statuses(printed: Iterable[Printed | None], start: date = START) -> list[str | None]:
    """Return the status of each day of one category; None is a day without a record."""
    days = {start + timedelta(days=n): figure for n, figure in enumerate(printed)}
    found = rows({(day, "tanks"): figure for day, figure in days.items() if figure})
    return [found[day, "tanks"].delta_status if figure else None for day, figure in days.items()]


class TestStatus:
    @pytest.mark.parametrize(
        ("printed", "expected"),
        [
            ([(10, 10)], ["first"]),
            ([(10, None), (12, 2)], ["first", "ok"]),
            ([(10, None), (10, 0)], ["first", "ok"]),
            ([(10, None), (10, None)], ["first", "ok_unprinted"]),
            ([(10, None), (12, None)], ["first", "not_printed"]),
            ([(10, None), (12, 3)], ["first", "mismatch"]),
            ([(10, None), (10, 3)], ["first", "mismatch"]),
            ([(10, None), (12, 0)], ["first", "mismatch"]),
            ([(12, None), (10, None)], ["first", "not_printed"]),
            ([(12, None), (10, -2)], ["first", "ok"]),
            ([(10, None), None, (12, 2)], ["first", None, "gap"]),
            ([(10, None), None, None, (10, None)], ["first", None, None, "gap"]),
            ([(10, None), None, (12, 2), (13, 1)], ["first", None, "gap", "ok"]),
        ],
    )
    def test_the_table_of_the_design(
        self, printed: list[Printed | None], expected: list[str | None]
    ) -> None:
        assert statuses(printed) == expected

    def test_every_status_of_the_field_table_occurs(self) -> None:
        printed: list[Printed | None] = [(1, 1), (2, 1), (2, None), (3, None), (4, 3), None, (5, 1)]
        assert set(filter(None, statuses(printed))) == set(DeltaStatus)

    def test_the_columns_of_a_mismatch(self) -> None:
        day = date(2024, 1, 1)
        found = rows({(date(2023, 12, 31), "tanks"): (100, 1), (day, "tanks"): (107, 3)})
        row = found[day, "tanks"]
        assert (row.previous_date, row.previous_total) == (date(2023, 12, 31), 100)
        assert (row.days_missing, row.change, row.discrepancy) == (0, 7, 4)
        assert (row.delta_status, row.war_day) == ("mismatch", war_day(day))
        assert (row.diagnosis, row.suggested_total) == (None, None)

    def test_a_gap_says_what_is_missing_and_claims_no_change(self) -> None:
        day = date(2024, 1, 2)
        row = rows({(date(2023, 12, 30), "tanks"): (100, 1), (day, "tanks"): (107, 7)})[
            day, "tanks"
        ]
        assert (row.previous_date, row.previous_total) == (date(2023, 12, 30), 100)
        assert (row.days_missing, row.change, row.discrepancy) == (2, None, None)

    def test_a_first_record_has_nothing_before_it(self) -> None:
        row = rows({(date(2023, 9, 14), "submarines"): (1, 1)})[date(2023, 9, 14), "submarines"]
        assert row.delta_status == "first"
        assert (row.previous_date, row.previous_total, row.days_missing) == (None, None, None)
        assert (row.change, row.discrepancy) == (None, None)


MERGED = date(2022, 5, 1)
EVE = date(2022, 4, 30)


class TestMerger:
    """The predecessors of vehicles_fuel_tanks: 1701 + 76 -> 1796 on 2022-05-01."""

    def merged(self, *records: tuple[date, str, int]) -> LossRow:
        printed = {(day, category): (total, None) for day, category, total in records}
        return rows(printed | {(MERGED, "vehicles_fuel_tanks"): (1796, 19)})[
            MERGED, "vehicles_fuel_tanks"
        ]

    def test_the_predecessors_are_added_up(self) -> None:
        row = self.merged((EVE, "military_vehicles", 1701), (EVE, "fuel_tanks", 76))
        assert (row.previous_date, row.previous_total, row.change) == (EVE, 1777, 19)
        assert (row.discrepancy, row.delta_status) == (0, "ok")

    def test_the_last_common_day_counts_and_makes_a_gap(self) -> None:
        earlier = EVE - timedelta(days=2)
        row = self.merged(
            (earlier, "military_vehicles", 1695),
            (earlier, "fuel_tanks", 76),
            (EVE - timedelta(days=1), "fuel_tanks", 76),
            (EVE, "military_vehicles", 1701),
        )
        assert (row.previous_date, row.previous_total) == (earlier, 1771)
        assert (row.delta_status, row.days_missing, row.change) == ("gap", 2, None)

    @pytest.mark.parametrize(
        "records",
        [
            [],
            [(EVE, "military_vehicles", 1701)],
            [(EVE, "military_vehicles", 1701), (EVE - timedelta(days=1), "fuel_tanks", 76)],
            [(MERGED, "military_vehicles", 1701), (MERGED, "fuel_tanks", 76)],
        ],
    )
    def test_without_a_common_day_before_it_is_the_first(
        self, records: list[tuple[date, str, int]]
    ) -> None:
        assert self.merged(*records).delta_status == "first"

    def test_the_second_day_leans_on_the_first_alone(self) -> None:
        second = MERGED + timedelta(days=1)
        found = rows(
            {
                (EVE, "military_vehicles"): (1701, None),
                (EVE, "fuel_tanks"): (76, None),
                (MERGED, "vehicles_fuel_tanks"): (1796, 19),
                (second, "vehicles_fuel_tanks"): (1800, 4),
            }
        )
        assert found[second, "vehicles_fuel_tanks"].previous_total == 1796

    def test_a_predecessor_decides_the_first_day_of_its_successor_anew(self) -> None:
        totals = {"vehicles_fuel_tanks": {MERGED: 1, MERGED + timedelta(days=1): 2}}
        found = Series(totals, REGISTRY).affected({(EVE, "fuel_tanks")})
        assert found == {(MERGED, "vehicles_fuel_tanks")}


class TestAffected:
    def test_itself_and_the_next_record_of_its_category(self) -> None:
        totals = {"tanks": {START + timedelta(days=n): n for n in (0, 1, 4, 5)}, "mlrs": {START: 1}}
        found = Series(totals, REGISTRY).affected({(START + timedelta(days=1), "tanks")})
        assert found == {(START + timedelta(days=n), "tanks") for n in (1, 4)}

    def test_a_record_that_is_gone_affects_the_next(self) -> None:
        totals: dict[str, dict[date, int]] = {"tanks": {START: 1}, "vehicles_fuel_tanks": {}}
        series = Series(totals, REGISTRY)
        gone = {(START - timedelta(days=3), "tanks"), (START, "fuel_tanks")}
        assert series.affected(gone) == {(START, "tanks")}
