"""A lake of version 1: what opening it says, what is read of it, and what a rebuild makes of it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows.errors import LakeError
from flows.lake.lake import open_lake
from schemas.codes import BulletinWarningCode, DailyBasis, DecidedBy, RevisionCause
from schemas.fields import SCHEMA_VERSION
from schemas.records import BulletinWarning
from schemas.tables import TABLES
from tests.lake.version1 import COLUMNS, as_version_1
from tests.ledger import NOW, days, document, files, month, rebuilt, take_in

pytestmark = pytest.mark.slow  # Each test fills a lake or more.

NEW_YEAR = date(2024, 1, 1)
DAY = timedelta(days=1)
EVERYTHING = (*(table.name for table in TABLES), "quarantine")
LABEL = "it prints a label that the registry does not know: T-72 5"


def fill(root: Path) -> None:
    """Three years, two sources, one page of many days, refused and quarantined ones, revisions."""
    take_in(
        root,
        [
            *days(date(2022, 4, 29), 10, 12, 15),
            month(NEW_YEAR - DAY, 20, 22, 25, source="second"),
            document(NEW_YEAR, {}, refused="no figures"),
            document(NEW_YEAR, {"tanks": (3, 1)}, blocked="a total is below zero"),
            document(NEW_YEAR - DAY, {"tanks": (20, None)}, warnings=[LABEL]),
        ],
    )
    swapped = [4819, 4821, 4832, 4825]  # The third comes back, and is a misprint, with the fourth.
    for number, total in enumerate(swapped):
        day = date(2023, 10, 9) + number * DAY
        take_in(root, [document(day, {"mlrs": (total, 2)})], now=NOW + (number + 1) * DAY)
    noon = datetime(2024, 1, 2, 12, tzinfo=UTC)
    again = document(NEW_YEAR + DAY, {"tanks": (26, 3)}, "second", noon)
    take_in(root, [again], now=NOW + 9 * DAY)


@pytest.fixture
def older(tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """A lake of version 1, and the bytes of the same lake as today's version has it."""
    fill(tmp_path)
    today = files(tmp_path, EVERYTHING)
    as_version_1(tmp_path)
    return tmp_path, today


def test_the_older_lake_has_no_column_of_today(older: tuple[Path, dict[str, bytes]]) -> None:
    root, today = older
    paths = sorted(root.rglob("*.parquet"))
    assert {path.relative_to(root).as_posix() for path in paths} < today.keys()
    for path in paths:
        table = path.relative_to(root).parts[0]
        assert tuple(pq.ParquetFile(path).schema_arrow.names) == tuple(COLUMNS[table])
    years = {path.parent.name for path in paths}
    assert years > {"year=2022", "year=2023", "year=2024"}


@pytest.mark.parametrize("create", [True, False])
def test_opening_it_says_what_to_do(older: tuple[Path, dict[str, bytes]], create: bool) -> None:
    root, _ = older
    with pytest.raises(LakeError) as told:
        open_lake(root, create=create)
    assert "schema 1" in str(told.value)
    assert f"`tallybook rebuild --lake {root}`" in str(told.value)


def test_a_rebuild_makes_the_lake_that_today_would_have_made(
    older: tuple[Path, dict[str, bytes]],
) -> None:
    """The revisions too, which are kept: with today's codes they are what today writes."""
    root, today = older
    rebuilt(root, now=NOW + 20 * DAY)
    assert files(root, EVERYTHING) == today
    assert json.loads((root / "lake.json").read_text())["schema_version"] == SCHEMA_VERSION
    causes = [row.cause for row in open_lake(root).revisions()]
    assert RevisionCause.NEIGHBOUR_CHANGED in causes
    assert RevisionCause.NEWER_DOCUMENT in causes
    rebuilt(root, now=NOW + 21 * DAY)
    assert files(root, EVERYTHING) == today


def test_what_it_did_not_keep_is_read_as_neutral_values(
    older: tuple[Path, dict[str, bytes]],
) -> None:
    root, _ = older
    lake = open_lake(root, older=True)
    assert lake.schema_version == 1
    for row in lake.losses():
        assert row.loss_date == row.report_date - DAY
        assert (row.daily, row.daily_basis, row.url) == (None, DailyBasis.NONE, "")
    assert {figure.decided_by for figure in lake.figures()} == {DecidedBy.WORDING}
    bulletins = lake.bulletins()
    assert {(row.reason_code, row.unrecognized) for row in bulletins} == {(None, ())}
    assert [row.warnings for row in bulletins if row.warnings] == [
        (BulletinWarning(BulletinWarningCode.UNCLASSIFIED, LABEL),)
    ]
    assert "days_beside" not in {row.cause for row in lake.revisions()}


def test_a_version_1_lake_without_revisions_and_without_rows(tmp_path: Path) -> None:
    open_lake(tmp_path, create=True)
    as_version_1(tmp_path)
    rebuilt(tmp_path)
    assert open_lake(tmp_path).losses() == []
