"""The entries of schemas/corrections.toml, held against the public copy that they are about."""

from datetime import timedelta
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from flows.report.known_errors import check_corrections
from schemas.corrections import load_corrections
from tests import copies, reference
from tests.ledger import document, take_in

COMMUNITY = [one for one in load_corrections() if one.source == "community"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the community totals of the days that the entries are about."""
    series = reference.load()
    root = tmp_path_factory.mktemp("lake")
    take_in(
        root,
        [
            document(
                day, {name: (one.total, None) for name, one in series[day].items()}, "community"
            )
            for day in sorted({one.report_date for one in COMMUNITY})
        ],
    )
    return root


def test_every_entry_about_the_community_data_applies(root: Path) -> None:
    checked = check_corrections(open_lake(root), COMMUNITY)
    found = [(entry.correction, entry.message) for entry in checked]
    assert found == [(entry, None) for entry in COMMUNITY]


def test_a_corrected_total_fits_between_the_days_beside_it() -> None:
    series = reference.load()
    for one in COMMUNITY:
        if one.correct is not None and one.field == "total":
            days = [one.report_date + timedelta(days=step) for step in (-1, 1)]
            before, after = (series[day][one.category].total for day in days)
            assert before <= one.correct <= after, one


def test_a_corrected_total_is_what_the_official_bulletins_say() -> None:
    """That of the day prints it, or that of the day after starts from it."""
    printed = {(one.report_date, one.category): one for one in copies.official()}
    for one in COMMUNITY:
        if one.correct is not None:
            day = printed.get((one.report_date, one.category))
            after = printed[one.report_date + timedelta(days=1), one.category]
            assert after.total is not None
            assert after.total - (after.delta or 0) == one.correct, one
            assert day is None or day.total == one.correct, one
