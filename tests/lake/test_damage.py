"""Damage is told apart: from what may not be opened, and from what was not made here."""

import json
import os
import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.archive.verify import verify
from flows.errors import DamagedTable, LakeError
from flows.lake import parquet
from flows.lake.lake import open_lake
from flows.report.check import check_report
from flows.report.lake_text import status_text
from flows.storage.local import LocalStorage
from schemas.tables import BULLETINS, FIGURES, LOSSES, REVISIONS
from tests.conftest import SAMPLES
from tests.plain_runs import folder, run_job
from tests.reports import status_of

pytestmark = pytest.mark.slow

REBUILT = (LOSSES, FIGURES, BULLETINS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the samples, with a revision on record."""
    root = tmp_path_factory.mktemp("made")
    pages = tmp_path_factory.mktemp("pages")
    text = (SAMPLES / "2023-10-10-update.txt").read_text()
    (pages / "2023-10-10-first.txt").write_text(
        text.replace("4 829", "4 828").replace("4,829", "4,828")
    )
    run_job("backfill", root, folder(pages))
    run_job("backfill", root, folder(SAMPLES))
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "lake"))


def files_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*.parquet"))}


def part(root: Path, name: str) -> Path:
    return next((root / name).rglob("part-0.parquet"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def noise(path: Path) -> None:
    path.write_bytes(b"nothing that any reader knows")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    content[start + column.total_compressed_size - 2] ^= 4  # in a page: it has a checksum
    path.write_bytes(content)


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"report_date": ["2023-10-09"], "total": [5]}), path)


DAMAGES: list[Callable[[Path], None]] = [cut, noise, flipped, foreign]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_named_with_what_mends_it(
    root: Path, damage: Callable[[Path], None]
) -> None:
    for table in REBUILT:
        damage(part(root, table.name))
        with pytest.raises(DamagedTable, match="`tallybook rebuild` writes it anew"):
            list(parquet.records(LocalStorage(root), table))


@pytest.mark.parametrize(
    ("damage", "tables"),
    [
        (cut, ["losses"]),
        (noise, ["figures"]),
        (flipped, ["bulletins"]),
        (foreign, ["losses"]),
        (foreign, ["losses", "figures", "bulletins"]),
    ],
)
def test_rebuild_runs_over_damaged_tables(
    root: Path, tables: list[str], damage: Callable[[Path], None]
) -> None:
    before = files_of(root)
    for table in tables:
        damage(part(root, table))
    summary = run_job("rebuild", root)
    assert summary.exit_status == 0
    after = files_of(root)
    assert {name for name in before if before[name] != after.get(name)} <= {
        name for name in before if name.startswith("revisions")
    }


@pytest.mark.parametrize("damage", DAMAGES)
def test_revisions_are_to_be_restored_and_are_never_removed(
    root: Path, damage: Callable[[Path], None]
) -> None:
    path = part(root, "revisions")
    damage(path)
    damaged = path.read_bytes()
    lake = open_lake(root)
    for ask in (lake.revisions, lambda: check_report(lake, None, None, order=())):
        with pytest.raises(DamagedTable, match="restore it from a backup") as raised:
            ask()
        assert "emove" not in str(raised.value)
        assert "rebuild`" not in str(raised.value)
    with pytest.raises(LakeError, match="restore it from a backup"):
        run_job("rebuild", root)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("name", ["losses", "figures", "bulletins", "revisions"])
def test_what_may_not_be_opened_is_no_damage(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = part(root, name)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(pq, "ParquetFile", refused)
    table = next(t for t in (*REBUILT, REVISIONS) if t.name == name)
    with pytest.raises(LakeError, match="may be whole") as raised:
        list(parquet.records(LocalStorage(root), table))
    assert not isinstance(raised.value, DamagedTable)
    assert "emove" not in str(raised.value)
    assert path.exists()


def test_flipped_bits_are_never_read_as_other_figures(root: Path) -> None:
    chance = random.Random(1)
    for table in REBUILT:
        path = part(root, table.name)
        whole, rows = path.read_bytes(), list(parquet.records(LocalStorage(root), table))
        for _ in range(60):
            content = bytearray(whole)
            content[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            path.write_bytes(content)
            try:
                assert list(parquet.records(LocalStorage(root), table)) == rows
            except DamagedTable:
                continue
        path.write_bytes(whole)


def test_copies_and_other_files_are_named_and_passed_over(root: Path) -> None:
    rows = open_lake(root).losses()
    year = root / "losses" / "year=2023"
    shutil.copytree(year, root / "losses" / "year=2022 (copy)")
    shutil.copytree(year, root / "losses" / "backup")
    shutil.copy(year / "part-0.parquet", year / "extra.parquet")
    (root / "figures" / "notes.txt").write_text("mine")
    lake = open_lake(root)
    assert lake.losses() == rows
    assert status_of(lake).strays == (
        "losses/backup/part-0.parquet",
        "losses/year=2022 (copy)/part-0.parquet",
        "losses/year=2023/extra.parquet",
        "figures/notes.txt",
    )
    run_job("rebuild", root)
    assert len(status_of(lake).strays) == 4


def test_a_rebuild_removes_nothing_that_was_not_made_here(root: Path) -> None:
    mine = root / "quarantine" / "my.notes"
    mine.mkdir(parents=True)
    (mine / "reason.json").write_text("not a reason")
    odd = root / "quarantine" / f"{'0' * 64}.folder"
    odd.mkdir()
    (odd / "reason.json").write_text("{}")
    (odd / "mine.txt").write_text("mine")
    status = status_of(open_lake(root))
    assert [held.sha256 for held in status.quarantined] == ["0" * 64]
    assert "is damaged" in status.quarantined[0].reason
    run_job("rebuild", root)
    assert (mine / "reason.json").read_text() == "not a reason"
    assert [path.name for path in odd.iterdir()] == ["mine.txt"]
    assert not status_of(open_lake(root)).quarantined


def test_damaged_summaries_are_passed_over(root: Path) -> None:
    lake, whole = open_lake(root), len(open_lake(root).runs())
    for name, text in (("2", "{"), ("3", "[]"), ("4", "[" * 100_000), ("5", "\xff")):
        (root / "runs" / f"2{name}230101T000000Z-x.json").write_text(text, "latin-1")
    (root / "last_runs.json").write_text("{")
    assert len(lake.runs()) == whole
    assert len(lake.runs(1)) == 1
    assert lake.last_runs().last is not None
    run_job("backfill", root, folder(SAMPLES))
    assert len(lake.runs()) >= whole


def test_status_names_what_is_damaged_or_strange_beside_the_tables(root: Path) -> None:
    assert status_of(open_lake(root)).odd_files == ()
    texts = {"21": "{", "22": "[]", "23": "[" * 100_000, "24": "\xff", "25": "{}", "26": ""}
    places = {f"runs/{n}230101T000000Z-x.json": text for n, text in texts.items()}
    places |= {f"seen/ab/{'ab' * 32}.json": '{"source": 5}', f"seen/cd/{'cd' * 32}.json": "{"}
    places |= {
        "runs/my notes\x1b[2J.txt": "mine",
        "seen/x": "",
        "quarantine/notes.md": "",
        f"quarantine/{'0' * 64}.folder/document.txt": "left",
        f"quarantine/{'1' * 64}.folder/mine.txt": "mine",
    }
    for name, text in places.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "latin-1")
    (root / "runs" / "27230101T000000Z-x.json").mkdir()
    (root / "runs" / ".tallybook-0-left.json").write_text("being written")
    report = status_of(open_lake(root))
    assert [odd.path for odd in report.odd_files] == sorted(places)
    problems = {odd.path: odd.problem for odd in report.odd_files}
    assert "is damaged" in problems["runs/23230101T000000Z-x.json"]
    assert "not made by Tallybook" in problems["quarantine/notes.md"]
    assert "writes it anew" in problems[f"seen/cd/{'cd' * 32}.json"]
    text = status_text(report)
    assert "\x1b" not in text
    assert all(name.partition("\x1b")[0].rpartition("/")[2] in text for name in places)
    run_job("rebuild", root)
    ours = f"quarantine/{'0' * 64}.folder/document.txt"
    assert [name for name in places if not (root / name).exists()] == [ours]


def test_temporary_files_are_swept(root: Path) -> None:
    places = [root / "runs", root / "seen" / "ab", root]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / ".tallybook-0-left.json").write_text("left by a crash")
    run_job("backfill", root, folder(SAMPLES))
    left = {path.parent for path in root.rglob(".tallybook-*")}
    assert left <= {root / "seen" / "ab"}  # swept when a page of the network is remembered


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_verify_tells_what_may_not_be_opened(root: Path) -> None:
    document = next((root / "archive").rglob("*.gz"))
    document.chmod(0)
    result = verify(open_lake(root).archive)
    assert [problem.problem for problem in result.problems] == [
        "cannot be opened: Permission denied; it may be whole"
    ]


def test_verify_names_a_folder_in_the_place_of_a_record(root: Path) -> None:
    record = next((root / "archive").rglob("*.json"))
    record.unlink()
    record.mkdir()
    result = verify(open_lake(root).archive)
    assert any("a folder where a file should be" in p.problem for p in result.problems)
    json.dumps([p.problem for p in result.problems])
    assert date(2023, 10, 9) in {row.report_date for row in open_lake(root).losses()}
