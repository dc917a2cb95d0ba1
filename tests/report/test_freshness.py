"""How fresh a lake is: its age in days of Kyiv, and what is missing of the last month."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.lake.lake import open_lake
from flows.report.freshness import LOOKED_AT, freshness, freshness_words, lake_freshness
from tests.ledger import days, take_in

TODAY = date(2023, 10, 9)
ONE = timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "stale", "words"),
    [
        (0, False, "today's."),
        (1, False, "yesterday's."),
        (2, False, "2 days old."),
        (3, True, "3 days old, older than the 2 that it may be. Of the last 30 days 2 are missing"),
        (1200, True, "1,200 days old, older than the 2 that it may be."),
        (-1, False, "today's."),
    ],
)
def test_the_age_of_the_newest_day(age: int, stale: bool, words: str) -> None:
    found = freshness([TODAY - age * ONE], TODAY, 2)
    assert (found.stale, found.age_days) == (stale, max(age, 0))
    assert words in freshness_words(found)


def test_a_lake_without_a_day_is_stale() -> None:
    found = freshness([], TODAY, 2)
    assert (found.newest, found.age_days, found.stale) == (None, None, True)
    assert freshness_words(found) == "No day is on record."


@given(st.sets(st.integers(0, 90)))
def test_the_missing_days_are_those_of_the_last_month_since_the_first_on_record(
    ages: set[int],
) -> None:
    recorded = {TODAY - age * ONE for age in ages}
    found = freshness(recorded, TODAY, 2)
    first = max(ages, default=0)
    expected = {age for age in range(1, min(first, LOOKED_AT + 1)) if age not in ages}
    assert {(TODAY - day).days for day in found.missing} == expected
    assert list(found.missing) == sorted(found.missing)


def test_of_a_lake_the_last_two_years_are_read(tmp_path: Path) -> None:
    take_in(tmp_path, [*days(date(2021, 12, 30), 1, 2, 3), *days(date(2022, 12, 30), 4, 5, 6)])
    lake = open_lake(tmp_path)
    (tmp_path / "losses/year=2021/part-0.parquet").write_bytes(b"damaged")
    found = lake_freshness(lake, date(2023, 1, 3), 2)
    assert (found.newest, found.age_days) == (date(2023, 1, 1), 2)
    assert found.missing[-1] == date(2023, 1, 2)
