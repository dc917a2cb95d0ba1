"""A run that is killed at any moment, or that meets another one, does the lake no harm."""

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from schemas.records import Archived, Verdict
from schemas.tables import RevisionRow
from tests import crash
from tests.ledger import NOW, days, files, published, statuses, take_in, verdicts

pytestmark = pytest.mark.slow

FIRST = date(2023, 12, 20)


MORE = ("many days in one document", "newer parser", "rebuild of a lake of version 1")
"""What is killed in make test-full alone: these three take as long as the four others."""


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(name, marks=[pytest.mark.full] if name in MORE else [])
        for name in sorted(crash.SCENARIOS)
    ],
)
def test_a_killed_run_is_healed_by_the_next(tmp_path: Path, scenario: str) -> None:
    subprocess.run([sys.executable, "-m", "tests.crash", scenario, str(tmp_path)], check=True)
    expected, told = files(tmp_path / "undisturbed"), _told(tmp_path / "undisturbed")
    started_again = sorted(tmp_path.glob("*-same"))
    assert len(started_again) > 2, "a run changes at least this many things"
    for root in started_again:
        assert files(root) == expected, root.name
        assert _told(root) == told, root.name
    for root in sorted(tmp_path.glob("*-next")):
        assert not open_lake(root).archive.pending(), root.name
        assert files(root) == files(_written_afresh(root, tmp_path / f"{root.name}-afresh"))


def _told(root: Path) -> set[RevisionRow]:
    """The revisions but for when they were seen: a run that is started again sees them later."""
    found = open_lake(root).revisions()
    assert len(found) == len({replace(row, seen_at=NOW) for row in found}), "told twice"
    return {replace(row, seen_at=NOW) for row in found}


def _written_afresh(root: Path, fresh: Path) -> Path:
    """A lake with the same documents, each read by the parser that `root` has it from."""
    stored = open_lake(root).archive.load_all()
    found = [verdict for archived in stored for verdict in _as_published(root, archived)]
    lake = open_lake(fresh, create=True)
    (root / "archive").mkdir(exist_ok=True)
    shutil.copytree(root / "archive", fresh / "archive", dirs_exist_ok=True)
    published(lake, found)
    return fresh


def _as_published(root: Path, archived: Archived) -> list[Verdict]:
    on_record = {(b.status, b.report_date, b.url) for b in open_lake(root).bulletins()}
    return next(
        found
        for found in (verdicts(archived, parser) for parser in (1, 2))
        if all(
            (v.status, v.reading.bulletin.report_date, archived.document.url) in on_record
            for v in found
        )
    )


PUBLISH = """
import sys
from datetime import date, timedelta
from pathlib import Path
from tests.ledger import days, take_in
documents = days(date(2023, 12, 20), *range(100, 124))
sys.stdin.readline()
for document in documents[int(sys.argv[2]) :: 2]:
    take_in(Path(sys.argv[1]), [document])
"""


def test_two_runs_at_once_do_not_corrupt_the_lake(tmp_path: Path) -> None:
    documents = days(FIRST, *range(100, 124))
    take_in(tmp_path / "alone", documents)
    root = tmp_path / "together"
    runs = [
        subprocess.Popen([sys.executable, "-c", PUBLISH, str(root), str(n)], stdin=subprocess.PIPE)
        for n in range(2)
    ]
    for run in runs:
        assert run.stdin
        run.stdin.write(b"go\n")
        run.stdin.flush()
    while any(run.poll() is None for run in runs):
        if (root / "lake.json").exists():  # A reader needs no lock and sees whole partitions.
            assert "mismatch" not in statuses(root)
    assert [run.wait() for run in runs] == [0, 0]
    assert files(root) == files(tmp_path / "alone")


def test_what_a_crash_left_in_the_archive_is_pending_until_it_is_published(tmp_path: Path) -> None:
    one, two = days(FIRST, 10, 12)
    take_in(tmp_path, [one])
    lake = open_lake(tmp_path)
    lake.archive.store([two], NOW)
    assert lake.archive.pending() == [("first", two.sha256)]
    take_in(tmp_path, [], now=NOW + timedelta(days=1))
    assert lake.archive.pending() == []
    assert statuses(tmp_path) == ["first", "ok"]
