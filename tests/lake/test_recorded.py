"""From where on a daily run asks: missing days, and those that may have been corrected."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.lake.recorded import LOOK_BACK, catch_up

DAY = date(2023, 10, 9)
ONE = timedelta(days=1)


def ago(*days: int) -> set[date]:
    return {DAY - n * ONE for n in days}


@pytest.mark.parametrize(
    ("recorded", "since", "behind"),
    [
        ((), 0, None),
        ((1,), 0, None),
        ((0, 1, 2), 0, None),
        ((8,), 7, None),
        ((3, 1), 2, None),
        ((14, 13), 12, None),
        ((15,), 14, None),
        ((16,), 14, (15, 15)),
        ((400, 20), 14, (399, 15)),
        ((400, *range(20)), 0, (399, 20)),
    ],
)
def test_missing_days_are_taken_up_and_those_too_far_back_are_named(
    recorded: tuple[int, ...], since: int, behind: tuple[int, int] | None
) -> None:
    found = catch_up(ago(*recorded), DAY, 14)
    assert found.since == DAY - since * ONE
    assert found.behind == (behind and tuple(DAY - n * ONE for n in behind))


def test_the_last_days_are_asked_for_again_but_none_before_the_first_on_record() -> None:
    for recorded, since in (((), 0), ((1,), 1), ((2, 1), 2), (range(1, 99), 3), ((9, 1), 8)):
        assert catch_up(ago(*recorded), DAY, 14, look_back=True).since == DAY - since * ONE


def test_it_can_be_switched_off() -> None:
    found = catch_up(ago(5), DAY, 0)
    assert (found.since, found.behind) == (DAY, (DAY - 4 * ONE, DAY - ONE))


@given(st.sets(st.integers(-3, 60)), st.integers(0, 30), st.booleans())
def test_every_missing_day_is_asked_for_or_named(
    recorded: set[int], days: int, look_back: bool
) -> None:
    dates = ago(*recorded)
    found = catch_up(dates, DAY, days, look_back=look_back)
    assert DAY - max(days, LOOK_BACK) * ONE <= found.since <= DAY
    first, last = found.behind or (DAY, DAY)
    for n in range(1, (DAY - min(dates, default=DAY)).days):
        day = DAY - n * ONE
        assert day in dates or found.since <= day or first <= day <= last
