"""However a run is divided into stretches, it decides and writes the same."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.lake.lake import open_lake
from flows.publish import stretches
from flows.reconcile.window import CHOSEN, REACH, SIGHT, Stretch
from schemas.codes import RevisionCause
from schemas.records import Document
from tests.ledger import NOW, Published, document, files, rebuilt, row, take_in
from tests.tries import tries

FIRST = date(2022, 4, 1)
"""A month before `vehicles_fuel_tanks` continues two other categories."""

CATEGORIES = ("fuel_tanks", "military_vehicles", "tanks", "vehicles_fuel_tanks")
EVERY_TABLE = ("losses", "figures", "bulletins", "revisions", "quarantine", "latest.json")


@contextmanager
def divided(days: int) -> Iterator[None]:
    """Let stretches have no more than so many days where they can."""
    with (
        mock.patch.object(stretches, "MOST_FIGURES", 1),
        mock.patch.object(stretches, "LEAST_DAYS", days),
    ):
        yield


def several(rng: random.Random) -> list[Document]:
    """Some months of two sources: gaps, misprints, documents of many days, and of a newer parser.

    The days come in clusters, some nearer to each other than a decision reaches and some not.
    """
    days = set()
    day = 0
    while day < 400:
        days |= {day + n for n in range(rng.randint(1, 6))}
        day += rng.choice([8, 20, REACH - 3, REACH, REACH + 5, 90])
    found: list[Document] = []
    totals = dict.fromkeys(CATEGORIES, 100)
    for n in sorted(days):
        printed = {}
        for category in rng.sample(CATEGORIES, rng.randint(1, 4)):
            delta = rng.randint(0, 3)
            totals[category] += delta
            printed[category] = totals[category], rng.choice([delta, delta, None, delta + 1])
        sources = rng.choice([("first",), ("second",), ("first", "second")])
        found += [_document(rng, FIRST + timedelta(days=n), printed, one) for one in sources]
    return found


def _document(
    rng: random.Random, day: date, printed: dict[str, tuple[int, int | None]], source: str
) -> Document:
    more: dict[str, Any] = {}
    if rng.random() < 0.2:
        wrong = {name: (total + rng.choice([-1, 1, 9]), d) for name, (total, d) in printed.items()}
        more["reread"] = {"figures": wrong}
    if rng.random() < 0.1:
        more["blocked"] = "a total below zero"
    if rng.random() < 0.2:
        back = day - timedelta(days=rng.choice([1, 2, REACH, 70, 300]))
        more["also"] = [{"day": back.isoformat(), "figures": printed}]
    published_at = datetime.combine(day, time(rng.randint(5, 9)), UTC)
    return document(day, printed, source, rng.choice([published_at, None]), **more)


def taken_in(root: Path, batches: list[list[Document]]) -> list[Published]:
    """Return what runs of these documents say, then a rebuild by another parser and one more."""
    done = [take_in(root, batch, now=NOW + timedelta(days=n)) for n, batch in enumerate(batches)]
    done.append(rebuilt(root, now=NOW + timedelta(days=20), parser=2))
    done.append(rebuilt(root, now=NOW + timedelta(days=21), parser=2))
    return done


@pytest.mark.slow
@settings(max_examples=tries(6), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 15, 50, 130]))
def test_a_run_in_stretches_writes_and_says_the_same(seed: int, days: int) -> None:
    rng = random.Random(seed)
    documents = several(rng)
    rng.shuffle(documents)
    half = len(documents) // 2
    batches = [documents[:half], documents[half:]]
    with TemporaryDirectory() as folder:
        whole = taken_in(Path(folder, "whole"), batches)
        with divided(days):
            parts = taken_in(Path(folder, "parts"), batches)
        assert files(Path(folder, "parts"), EVERY_TABLE) == files(
            Path(folder, "whole"), EVERY_TABLE
        )
    assert parts == whole


def the_same_in_stretches(root: Path, batches: list[list[Document]]) -> list[Published]:
    """Return what runs of these documents say, which is the same whole and in stretches."""
    whole = taken_in(root / "whole", batches)
    with divided(15):
        parts = taken_in(root / "parts", batches)
    assert files(root / "parts", EVERY_TABLE) == files(root / "whole", EVERY_TABLE)
    assert parts == whole
    return whole


EARLY, LATE = FIRST, FIRST + timedelta(days=300)
"""So far apart that each is in a stretch of its own."""


def with_more(day: date, total: int, *more: tuple[date, int]) -> Document:
    """Return a document that holds several days."""
    also = [{"day": d.isoformat(), "figures": {"tanks": (t, None)}} for d, t in more]
    return document(day, {"tanks": (total, None)}, also=also)


def test_documents_of_many_days_come_in_one_order_in_all_stretches(tmp_path: Path) -> None:
    """The one that begins earlier is the newer one of the late day: its address says so."""
    one = with_more(FIRST + timedelta(days=200), 200, (EARLY, 100), (LATE, 301))
    other = with_more(FIRST + timedelta(days=100), 150, (LATE, 302))
    first = document(
        LATE, {"tanks": (300, None)}, published_at=datetime.combine(EARLY, time(), UTC)
    )
    said = the_same_in_stretches(tmp_path, [[first], [one, other]])
    changes = [(r.old_value, r.new_value) for r in said[1].revisions if r.field == "total"]
    assert changes == [(300, 302), (302, 301)]


def test_a_document_that_is_dated_otherwise_is_reread_in_all_stretches(tmp_path: Path) -> None:
    """What it prints for the day that it moves to is the parser's doing, not a new document's."""
    moved = document(EARLY, {"tanks": (301, 1)}, reread={"day": LATE.isoformat()})
    there = document(LATE, {"tanks": (300, 1)}, published_at=datetime.combine(EARLY, time(), UTC))
    said = the_same_in_stretches(tmp_path, [[moved, there]])
    (change,) = (r for r in said[1].revisions if (r.report_date, r.field) == (LATE, "total"))
    assert (change.new_value, change.cause) == (301, RevisionCause.PARSER)


@pytest.mark.parametrize("distance", [CHOSEN, CHOSEN + 1, SIGHT, SIGHT + 1])
def test_a_day_at_the_edge_of_what_is_seen_stays_as_decided(tmp_path: Path, distance: int) -> None:
    """The day before it, which tells whose total is right, is not always seen."""
    day, far = FIRST, FIRST + timedelta(days=distance)
    series = [
        document(at, {"tanks": figures}, source)
        for source, total in (("first", 109), ("second", 104))
        for at, figures in ((day, (total, 4)), (day - timedelta(days=1), (100, 0)))
    ]
    take_in(tmp_path, series)
    take_in(tmp_path, [document(far, {"tanks": (200, 1)})])
    lake = open_lake(tmp_path)
    assert (row(lake, day).total, row(lake, far).previous_total) == (104, 104)


def test_a_long_series_is_divided_without_a_day_lost() -> None:
    days = {FIRST + timedelta(days=n): 23 * 30 for n in range(1000)}
    found = stretches.stretches(days)
    assert len(found) > 2
    assert (found[0].first, found[-1].end) == (date.min, None)
    assert [one.first for one in found[1:]] == [one.end for one in found[:-1]]
    for day in days:
        (own,) = (one for one in found if one.holds(day))
        near = {other for other in days if abs((other - day).days) <= REACH}
        assert near <= own.at_stake


def test_a_few_years_of_one_source_are_one_stretch() -> None:
    days = {FIRST + timedelta(days=n): 15 for n in range(1900)}
    assert stretches.stretches(days) == [Stretch(frozenset(days))]


def test_what_is_more_than_one_stretch_is_several_of_half_its_size() -> None:
    """So much less is in memory; one for all that fits is quicker."""
    days = {FIRST + timedelta(days=n): 15 for n in range(2000)}
    assert len(stretches.stretches(days)) == 1
    days[FIRST + timedelta(days=2000)] = 15
    found = stretches.stretches(days)
    held = [sum(days[day] for day in days if one.holds(day)) for one in found]
    assert held == [15_000, 15_000, 15]


def test_without_documents_there_is_one_with_no_day() -> None:
    assert stretches.stretches({}) == [Stretch(frozenset())]
