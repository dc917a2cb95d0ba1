"""Rebuilding from the archive: neither that, nor order, nor batching changes a byte."""

import random
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.lake.lake import open_lake
from schemas.records import Document
from tests import reference
from tests.ledger import (
    NOW,
    days,
    document,
    files,
    published,
    rebuilt,
    row,
    statuses,
    take_in,
    verdicts,
)
from tests.tries import tries

pytestmark = pytest.mark.slow

NEW_YEAR = date(2024, 1, 1)
DAY = timedelta(days=1)


class TestRebuild:
    def test_it_changes_no_byte(self, tmp_path: Path) -> None:
        for one in [*days(NEW_YEAR - 2 * DAY, 10, 12, 15), document(NEW_YEAR, {}, refused="no")]:
            take_in(tmp_path, [one])
        before = files(tmp_path)
        assert rebuilt(tmp_path, now=NOW + DAY).partitions_written == ()
        assert files(tmp_path) == before

    def test_it_restores_what_was_lost(self, tmp_path: Path) -> None:
        take_in(tmp_path, [*days(NEW_YEAR - DAY, 10, 12), document(NEW_YEAR, {}, refused="no")])
        before = files(tmp_path)
        for name in ("losses", "figures", "bulletins", "quarantine"):
            shutil.rmtree(tmp_path / name)
        rebuilt(tmp_path)
        assert files(tmp_path) == before

    def test_what_is_not_in_the_archive_goes(self, tmp_path: Path) -> None:
        gone, stays = days(NEW_YEAR - DAY, 10, 12)
        refused = document(NEW_YEAR, {}, refused="no")
        take_in(tmp_path, [gone, stays, refused])
        for one in (gone, refused):
            for path in (tmp_path / "archive" / one.sha256[:2]).glob(f"{one.sha256}.*"):
                path.unlink()
        rebuilt(tmp_path)
        assert statuses(tmp_path) == ["first"]
        assert [b.document_sha256 for b in open_lake(tmp_path).bulletins()] == [stays.sha256]
        assert not (tmp_path / "quarantine").exists()

    def test_a_row_that_no_document_accounts_for_goes(self, tmp_path: Path) -> None:
        gone, stays = days(NEW_YEAR - DAY, 10, 12)
        take_in(tmp_path, [gone, stays])
        for path in (tmp_path / "archive" / gone.sha256[:2]).glob(f"{gone.sha256}.*"):
            path.unlink()
        for name in ("figures/source=first", "bulletins"):
            shutil.rmtree(tmp_path / name / "year=2023")
        rebuilt(tmp_path)
        assert statuses(tmp_path) == ["first"]
        assert not (tmp_path / "losses" / "year=2023").exists()

    def test_what_another_run_took_in_meanwhile_stays(self, tmp_path: Path) -> None:
        one, two = days(NEW_YEAR - DAY, 10, 12)
        take_in(tmp_path, [one])
        lake = open_lake(tmp_path)
        stored = lake.archive.load_all()
        read_before = [verdict for archived in stored for verdict in verdicts(archived)]
        take_in(tmp_path, [two])
        before = files(tmp_path)
        published(lake, read_before, whole=True)
        assert files(tmp_path) == before


CATEGORIES = {
    NEW_YEAR - 3 * DAY: ("tanks", "uavs"),
    date(2022, 4, 28): ("fuel_tanks", "military_vehicles", "tanks", "vehicles_fuel_tanks"),
}


@st.composite
def archives(draw: st.DrawFn) -> list[Document]:
    """Documents of a few days: gaps, missing totals, two sources, one published again."""
    first = draw(st.sampled_from(sorted(CATEGORIES)))
    printed = st.tuples(st.none() | st.integers(0, 9), st.none() | st.integers(0, 3))
    figures = st.dictionaries(st.sampled_from(CATEGORIES[first]), printed, min_size=1)
    found = []
    for n, source, hour in draw(
        st.sets(
            st.tuples(st.integers(0, 5), st.sampled_from(["first", "second"]), st.integers(0, 2)),
            min_size=1,
            max_size=8,
        )
    ):
        day = first + n * DAY
        published = datetime.combine(day, time(6 + hour), UTC)
        found.append(document(day, draw(figures), source, published, tag=(source, hour)))
    return sorted(found, key=lambda one: one.sha256)


@settings(max_examples=tries(15), deadline=None)
@given(archives(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_and_batching_change_no_byte(
    documents: list[Document], rng: random.Random, runs: int
) -> None:
    with TemporaryDirectory() as folder:
        once, often = Path(folder, "once"), Path(folder, "often")
        take_in(once, documents)
        for n, batch in enumerate(_shuffled(documents, rng, runs)):
            take_in(often, batch, now=NOW + n * DAY)
        assert files(often) == files(once)
        rebuilt(often)
        assert files(often) == files(once)


def _long_series(rng: random.Random) -> list[Document]:
    """Some weeks of two sources, longer than what a run looks around, misprints here and there.

    The misprints are small, so that they fit each other by chance more often than real ones.
    """
    total, found = 100, []
    for n in range(20):
        delta = rng.randint(0, 2)
        total += delta
        for source in ("first", "second"):
            printed = total + rng.choice([0, 0, 0, 1, -1, 2]), rng.choice([delta, None, delta + 1])
            found.append(document(NEW_YEAR + n * DAY, {"tanks": printed}, source))
    return found


@pytest.mark.parametrize("seed", range(tries(4)))
def test_a_run_decides_all_that_its_figures_bear_on(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    documents = _long_series(rng)
    take_in(tmp_path / "once", documents)
    for batch in _shuffled(documents, rng, len(documents)):
        take_in(tmp_path / "often", batch)
    assert files(tmp_path / "often") == files(tmp_path / "once")


def _shuffled(documents: Sequence[Document], rng: random.Random, runs: int) -> list[list[Document]]:
    shuffled = rng.sample(documents, len(documents))
    return [shuffled[n::runs] for n in range(runs)]


def test_the_reference_series_in_one_run_or_in_many(tmp_path: Path) -> None:
    series = reference.load()
    documents = [
        document(day, {c: (figure.total, figure.delta) for c, figure in figures.items()})
        for day, figures in series.items()
        if date(2022, 4, 20) <= day < date(2022, 5, 10) or day.year == 2023
    ]
    take_in(tmp_path / "once", documents)
    for batch in _shuffled(documents, random.Random(7), 5):
        take_in(tmp_path / "often", batch)
    assert files(tmp_path / "often") == files(tmp_path / "once")
    merged = row(open_lake(tmp_path / "once"), date(2022, 5, 1), "vehicles_fuel_tanks")
    assert (merged.previous_total, merged.total, merged.delta_status) == (1777, 1796, "ok")
