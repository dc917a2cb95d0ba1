"""Who speaks for a day, and what stands beside it: tables with the boundaries of each rule."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.reconcile.speakers import (
    LASTING,
    Speakers,
    latest_by_source,
    may_be_rounded,
)
from schemas.records import Candidate, Cell, Recency

DAY = date(2023, 10, 9)


def says(
    day: int,
    total: int | None,
    source: str = "first",
    *,
    delta: int | None = None,
    hour: int = 6,
    about: bool = False,
    sha256: str = "",
) -> Candidate:
    """Return what a source prints so many days after the day at stake, published at that hour."""
    when = datetime(2023, 10, 9, hour, tzinfo=UTC)
    sha256 = sha256 or f"{source}{day}{hour}"
    recency = Recency(when, when, "u", sha256)
    moved = DAY + timedelta(days=day)
    return Candidate(moved, "tanks", total, delta, about, source, sha256, recency)


def speakers(said: Sequence[Candidate]) -> Speakers:
    cells: dict[Cell, list[Candidate]] = {}
    for one in said:
        cells.setdefault((one.report_date, one.category), []).append(one)
    return Speakers(cells)


def speaking(said: Sequence[Candidate]) -> Mapping[str, int | None]:
    """Return the total by source on the day at stake."""
    return {source: one.total for source, one in speakers(said)[DAY, "tanks"].items()}


@pytest.mark.parametrize(
    ("older", "newer", "before", "after", "expected"),
    [
        # Without deltas the size decides: from the day before on, up to the day after.
        ((10, None), (9, None), (10, None), (12, None), 10),
        ((10, None), (13, None), (10, None), (12, None), 10),
        ((12, None), (13, None), (10, None), (12, None), 12),
        ((11, None), (12, None), (10, None), (12, None), 12),
        ((9, None), (13, None), (10, None), (12, None), 13),
        # A printed delta has to start from the day before, and that of the day after from here.
        ((12, 2), (13, 2), (10, None), (15, 3), 12),
        ((12, 2), (13, 3), (10, None), (15, 3), 12),
        ((12, 2), (13, 3), (10, None), (16, 3), 13),
        ((12, 1), (13, 1), (10, None), (15, 3), 13),
    ],
)
def test_an_older_document_speaks_where_both_sides_confirm_it_alone(
    older: tuple[int, int | None],
    newer: tuple[int, int | None],
    before: tuple[int, int | None],
    after: tuple[int, int | None],
    expected: int,
) -> None:
    said = [
        says(-1, before[0], "second", delta=before[1]),
        says(0, older[0], delta=older[1], hour=6),
        says(0, newer[0], delta=newer[1], hour=7),
        says(1, after[0], "second", delta=after[1]),
    ]
    assert speaking(said) == {"first": expected}
    found = speakers(said).overruled((DAY, "tanks"))
    assert [one.figure.total for one in found] == ([] if expected == newer[0] else [newer[0]])


@pytest.mark.parametrize("missing", [-1, 1])
def test_with_one_side_alone_the_newest_speaks(missing: int) -> None:
    said = [says(0, 10, hour=6), says(0, 99, hour=7), says(-missing, 10 - missing, "second")]
    assert speaking(said) == {"first": 99}


def test_of_several_that_are_confirmed_the_newest_speaks() -> None:
    said = [says(-1, 10), says(1, 12), *(says(0, total, hour=total) for total in (10, 11, 13))]
    assert speaking(said) == {"first": 11}


def test_each_source_is_confirmed_by_itself() -> None:
    said = [says(-1, 10), says(1, 12), says(0, 11), says(0, 99, hour=7), says(0, 50, "second")]
    assert speaking(said) == {"first": 11, "second": 50}


def test_a_document_without_a_total_says_nothing() -> None:
    said = [says(-1, 10), says(1, 12), says(0, 11), says(0, None, delta=1, hour=7)]
    assert speaking(said) == {"first": 11}
    assert speaking([says(0, None, delta=1)]) == {}
    assert dict(speakers([])[DAY, "tanks"]) == {}
    assert speakers([]).overruled((DAY, "tanks")) == []


def test_of_documents_that_print_the_same_the_lowest_hash_speaks() -> None:
    said = [says(0, 11, sha256="c"), says(0, 11, hour=7, sha256="b"), says(0, 10, sha256="a")]
    assert latest_by_source(said)["first"].document_sha256 == "b"


@pytest.mark.parametrize(
    ("total", "about", "rounded"),
    [(300, True, True), (300, False, False), (310, True, False), (0, True, False), (1, True, False),
     (100, True, True)],
)  # fmt: skip
def test_what_may_be_rounded(total: int, about: bool, rounded: bool) -> None:
    assert may_be_rounded(says(0, total, about=about)) is rounded


def lasting(first: int, last: int, rise: int = 3) -> list[Candidate]:
    """Return two sources that differ by 5 from one day to another, and agree beyond them."""
    return [
        says(day, 1000 + rise * day + (5 if source == "second" and first <= day <= last else 0),
             source, delta=rise)
        for day in range(first - 2, last + 3)
        for source in ("first", "second")
    ]  # fmt: skip


@pytest.mark.parametrize("ends", [(0, 0), (-3, 4), (0, 2), (-LASTING + 1, LASTING - 1)])
def test_beside_a_difference_stand_the_days_at_its_ends_moved_to_this_one(
    ends: tuple[int, int],
) -> None:
    found = speakers(lasting(*ends))
    cell = DAY, "tanks"
    beside = found.beside(cell, found[cell])
    totals = {one.total for one in beside.before.values()}
    assert totals == {1000 - 3}, "the day before, as if it were that before this one"
    assert {one.total for one in beside.after.values()} == {1000 + 3}
    assert beside.deltas == {3}


@pytest.mark.parametrize(("ends", "side"), [((-LASTING, 0), "before"), ((0, LASTING), "after")])
def test_beyond_what_is_looked_at_nobody_speaks(ends: tuple[int, int], side: str) -> None:
    found = speakers(lasting(*ends))
    cell = DAY, "tanks"
    beside = found.beside(cell, found[cell])
    assert not getattr(beside, side)
    assert getattr(beside, "after" if side == "before" else "before")


def test_a_difference_that_changes_has_ended() -> None:
    said = lasting(0, 2)
    said = [one for one in said if (one.report_date - DAY).days != 1]
    said += [says(1, 1003, delta=3), says(1, 1009, "second", delta=3)]  # by 6, no more by 5
    found = speakers(said)
    beside = found.beside((DAY, "tanks"), found[DAY, "tanks"])
    assert {one.total for one in beside.after.values()} == {1003, 1009}
