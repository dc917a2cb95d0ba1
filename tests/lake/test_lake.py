"""Opening a lake, reading it, and what cannot be opened."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partialmethod
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows import files
from flows.errors import LakeError, UsageError
from flows.lake import parquet
from flows.lake.lake import Lake, open_lake
from flows.storage.local import TEMPORARY
from schemas.fields import SCHEMA_VERSION
from schemas.tables import LOSSES
from tests.ledger import days, document, rebuilt, take_in
from tests.ledger import files as files_of

LAST_DAY = date(2023, 12, 31)

DAMAGED_MARKS = (
    None, b"", b"{", b"[]", b"{}", b'{"schema_version": "1"}', b'{"schema_version": true}',
    b"\xff\x00", b"[" * 100_000,
)  # fmt: skip
"""What may be left of lake.json; None: nothing."""


class TestOpening:
    def test_a_new_lake_says_what_it_is(self, tmp_path: Path) -> None:
        lake = open_lake(tmp_path / "deep" / "lake", create=True)
        assert json.loads((lake.root / "lake.json").read_text()) == {
            "format": "tallybook lake",
            "schema_version": SCHEMA_VERSION,
        }
        assert open_lake(lake.root).root == lake.root

    def test_a_file_uri_is_a_path(self, tmp_path: Path) -> None:
        uri = (tmp_path / "a lake").as_uri()
        assert open_lake(uri, create=True).root == tmp_path / "a lake"

    @pytest.mark.parametrize("uri", ["ftp://host/lake", "http://x", "file://host/lake", "file://"])
    def test_other_places_are_not_supported(self, uri: str) -> None:
        with pytest.raises(UsageError, match="cannot be a lake"):
            open_lake(uri)

    def test_an_empty_name_is_no_lake(self) -> None:
        with pytest.raises(UsageError, match="needs a path"):
            open_lake("")

    def test_a_missing_lake_says_how_to_make_one(self, tmp_path: Path) -> None:
        for missing in (tmp_path / "nothing", tmp_path):
            with pytest.raises(LakeError, match="tallybook backfill"):
                open_lake(missing)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("create", [True, False])
    def test_a_folder_with_other_files_is_left_alone(self, tmp_path: Path, create: bool) -> None:
        (tmp_path / "thesis.doc").write_text("mine")
        with pytest.raises(LakeError, match="is no lake"):
            open_lake(tmp_path, create=create)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]

    def test_a_crash_while_it_was_made_does_no_harm(self, tmp_path: Path) -> None:
        (tmp_path / f"{files.TEMPORARY_PREFIX}lake.json").write_text("{")
        assert open_lake(tmp_path, create=True).losses() == []

    def test_a_place_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        for place in (tmp_path / "file", tmp_path / "file" / "lake"):
            with pytest.raises(LakeError, match=r"file.*"):
                open_lake(place, create=True)

    def test_a_newer_schema_is_refused(self, tmp_path: Path) -> None:
        lake = open_lake(tmp_path, create=True)
        (lake.root / "lake.json").write_text(json.dumps({"schema_version": SCHEMA_VERSION + 1}))
        with pytest.raises(LakeError, match="newer Tallybook"):
            open_lake(tmp_path, create=True)

    @pytest.mark.parametrize("create", [True, False])
    @pytest.mark.parametrize("content", DAMAGED_MARKS[1:])
    def test_a_damaged_mark_of_nothing_is_named(
        self, tmp_path: Path, content: bytes, create: bool
    ) -> None:
        (tmp_path / "lake.json").write_bytes(content)
        for older in (True, False):
            with pytest.raises(LakeError, match=r"lake\.json is no mark .* Remove it"):
                open_lake(tmp_path, create=create, older=older)

    @pytest.mark.parametrize("content", DAMAGED_MARKS)
    def test_a_lost_or_damaged_mark_is_named_and_rebuilt(
        self, tmp_path: Path, content: bytes | None
    ) -> None:
        take_in(tmp_path, days(LAST_DAY, 1, 2))
        mark = tmp_path / "lake.json"
        whole, tables = mark.read_bytes(), files_of(tmp_path)
        mark.unlink() if content is None else mark.write_bytes(content)
        for create in (True, False):
            with pytest.raises(LakeError, match=r"lake\.json, .* `tallybook rebuild --lake /"):
                open_lake(tmp_path, create=create)
        assert mark.exists() == (content is not None), "nothing is written before a rebuild"
        rebuilt(tmp_path)
        assert mark.read_bytes() == whole
        assert files_of(tmp_path) == tables

    @pytest.mark.parametrize("named_by", ["latest.json", "losses"])
    def test_a_newer_lake_whose_mark_is_lost_is_left_alone(
        self, tmp_path: Path, named_by: str
    ) -> None:
        take_in(tmp_path, days(LAST_DAY, 1, 2))
        (tmp_path / "lake.json").unlink()
        (tmp_path / "latest.json").write_text(
            json.dumps({"schema_version": SCHEMA_VERSION + (named_by == "latest.json")})
        )
        if named_by == "losses":
            path = next((tmp_path / "losses").rglob("*.parquet"))
            metadata = {"tallybook.schema_version": str(SCHEMA_VERSION + 1)}
            pq.write_table(pq.read_table(path).replace_schema_metadata(metadata), path)
        with pytest.raises(LakeError, match="newer Tallybook"):
            open_lake(tmp_path, older=True)


class TestReading:
    def test_since_and_until_are_inclusive_and_cross_partitions(self, tmp_path: Path) -> None:
        take_in(tmp_path, days(LAST_DAY - timedelta(days=1), 1, 2, 3, 4))
        lake = open_lake(tmp_path)
        new_year = LAST_DAY + timedelta(days=1)
        for found in (
            [row.report_date for row in lake.losses(LAST_DAY, new_year)],
            [row.report_date for row in lake.figures(LAST_DAY, new_year)],
            [row.report_date for row in lake.bulletins(LAST_DAY, new_year)],
        ):
            assert found == [LAST_DAY, new_year]
        assert [row.total for row in lake.losses(since=new_year)] == [3, 4]
        assert [row.total for row in lake.losses(until=LAST_DAY)] == [1, 2]
        assert len(lake.losses()) == 4

    def test_documents_without_a_date_are_read_if_no_date_is_asked(self, tmp_path: Path) -> None:
        take_in(tmp_path, [document(LAST_DAY, {}, refused="no")])
        assert len(open_lake(tmp_path).bulletins()) == 1
        assert open_lake(tmp_path).bulletins(until=date(2030, 1, 1)) == []

    def test_an_empty_lake_has_no_rows(self, tmp_path: Path) -> None:
        lake = open_lake(tmp_path, create=True)
        assert (lake.losses(), lake.figures(), lake.bulletins()) == ([], [], [])
        assert (lake.revisions(), lake.quarantined(), lake.runs()) == ([], [], [])

    def test_a_damaged_file_is_named_with_the_remedy(self, tmp_path: Path) -> None:
        take_in(tmp_path, days(LAST_DAY, 1))
        path = tmp_path / parquet.partition_folder(LOSSES, ("2023",)) / "part-0.parquet"
        other = next((tmp_path / "bulletins").rglob("*.parquet"))
        for damage in (b"", path.read_bytes()[:-20], other.read_bytes()):
            path.write_bytes(damage)
            with pytest.raises(LakeError, match=r"losses/year=2023.*tallybook rebuild"):
                open_lake(tmp_path).losses()


RUN = {"kind": "daily", "state": "completed", "exit_status": 0}


class TestRuns:
    def test_summaries_come_back_newest_first(self, tmp_path: Path) -> None:
        lake = open_lake(tmp_path, create=True)
        start = datetime(2026, 11, 1, 8, 15, 2, tzinfo=UTC)
        for n in (2, 0, 1):
            started = (start + timedelta(days=n)).isoformat()
            lake.write_run(
                {**RUN, "started_at": started, "run_id": f"id {n}", "n": n, "text": "добу"}
            )
        assert [run["n"] for run in lake.runs()] == [2, 1, 0]
        assert [run["n"] for run in lake.runs(1)] == [2]
        assert lake.runs()[0]["text"] == "добу"

    def test_the_name_tells_when_in_utc(self, tmp_path: Path) -> None:
        lake = open_lake(tmp_path, create=True)
        started = datetime.fromisoformat("2026-11-01T10:15:02+02:00")
        path = Path(lake.write_run({**RUN, "started_at": started, "run_id": "../a/b"}))
        assert path.relative_to(tmp_path).as_posix() == "runs/20261101T081502Z--a-b.json"
        assert json.loads(path.read_text())["started_at"] == "2026-11-01T10:15:02+02:00"


HOLD = """
import sys
from flows.lake.lake import Lake, open_lake
from flows.storage.local import TEMPORARY
with open_lake(sys.argv[1]).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Lake]:
    """A lake whose lock another process holds."""
    lake = open_lake(tmp_path, create=True)
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        yield lake
        other.communicate()


def test_the_lock_keeps_other_processes_out(held: Lake) -> None:
    with pytest.raises(LakeError, match="Another run"), held.lock(timeout=0.05):
        pass


def test_nothing_is_published_without_the_lock(held: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lake, "lock", partialmethod(Lake.lock, timeout=0.05))
    with pytest.raises(LakeError, match="Another run"):
        take_in(held.root, days(LAST_DAY, 1))
    assert (held.losses(), held.bulletins()) == ([], [])
    assert len(held.archive.pending()) == 1, "it is in the archive, and the next run publishes it"


def test_the_lock_is_reentrant(tmp_path: Path) -> None:
    lake = open_lake(tmp_path, create=True)
    with lake.lock(timeout=5), lake.lock(timeout=5):
        pass


def test_leftovers_of_a_crash_are_swept_under_the_lock(tmp_path: Path) -> None:
    lake = open_lake(tmp_path, create=True)
    leftover = tmp_path / TEMPORARY / f"{files.TEMPORARY_PREFIX}half"
    leftover.parent.mkdir()
    leftover.write_bytes(b"PAR1")
    with lake.lock():
        assert not leftover.exists()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_reading_a_table_starts_no_thread_that_may_outlive_the_interpreter(tmp_path: Path) -> None:
    take_in(tmp_path / "lake", days(LAST_DAY, 1, 2))
    program = (
        "import os, sys; from flows.lake import parquet; from flows.lake.lake import open_lake;"
        "from schemas.tables import LOSSES; lake = open_lake(sys.argv[1]);"
        "threads = lambda: len(os.listdir('/proc/self/task')); before = threads();"
        "rows = list(parquet.records(lake.storage, LOSSES)); print(len(rows), threads() - before)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "lake")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows, started = map(int, said.split())
    assert rows
    assert started == 0
