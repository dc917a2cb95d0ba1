"""`tallybook verify`: a whole lake passes, and each kind of damage is found, named and mended."""

import json
import random
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.errors import LakeError
from flows.files import as_json, seal_holds, sealed
from flows.lake import alerts
from flows.lake.alerts import Alert, KeptAlert
from flows.lake.lake import open_lake
from flows.report.site.build import renew
from flows.report.verification.prove import Proof, proof_text, prove
from schemas.codes import AlertCause, Damage, Remedy
from tests.conftest import SAMPLES
from tests.ledger import NOW
from tests.plain_runs import fill, folder, run_job
from tests.reports import shown
from tests.tampered import part, rewritten
from tests.tries import tries

pytestmark = pytest.mark.slow

ORDER = ("folder",)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the samples, with a revision, a refused document and two years on record."""
    root, pages = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("pages")
    fill(root, pages)
    lake = open_lake(root)
    renew(lake, {})
    told = Alert(AlertCause.MISMATCH, date(2023, 10, 3), ("Tanks do not add up.",))
    alerts.write(lake.storage, [KeptAlert(told, "a-run", NOW)])
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "lake"))


def proved(root: Path, **options: Any) -> Proof:
    proof = prove(open_lake(root), order=ORDER, **options)
    shown(proof)
    assert proof.exit_status == bool(proof.problems)
    return proof


def found(root: Path) -> set[tuple[str, Damage, Remedy]]:
    return {(one.path, one.code, one.remedy) for one in proved(root).problems}


def test_a_whole_lake_passes(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    proof = proved(root, whole=True)
    assert proof.problems == ()
    assert proof.documents == proof.documents_read == 16
    assert proof.rows > 400
    assert "The lake is whole (generation 2)" in proof_text(proof)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_lake_before_its_first_document_passes(tmp_path: Path) -> None:
    run_job("backfill", tmp_path / "lake", folder(SAMPLES), since=date(2024, 1, 1))
    assert proved(tmp_path / "lake").problems == ()


def hashed_files(root: Path) -> Iterator[Path]:
    """The files whose every byte matters, one of each kind of those of archive and site."""
    kinds = set()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        kind = name.partition("/")[0], path.suffix
        skipped = kind in kinds and kind[0] in ("archive", "report")
        if path.is_file() and path.stat().st_size and not name.startswith(("archive/.", ".")):
            kinds.add(kind)
            if not skipped:
                yield path


def flips(content: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield the content with a bit changed: near an end, and by chance between."""
    size = len(content)
    ends = chance.sample((0, size - 2, size - 75), min(3, tries(2) - 1))
    for place in (*ends, *(chance.randrange(size) for _ in range(tries(2) - 1))):
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(7)
        yield bytes(changed)


def test_a_flipped_byte_anywhere_is_found(root: Path) -> None:
    chance, missed = random.Random(13), []
    for path in hashed_files(root):
        whole = path.read_bytes()
        for content in flips(whole, chance):
            path.write_bytes(content)
            name = path.relative_to(root).as_posix()
            try:
                problems = proved(root).problems
            except LakeError as error:
                if name != "lake.json":
                    missed.append((name, str(error).encode()))
                continue
            if not any(one.path in (name, name.rpartition("/")[0]) for one in problems):
                missed.append((name, content))
        path.write_bytes(whole)
    assert not missed, [name for name, _ in missed]
    assert proved(root).problems == ()


@pytest.mark.parametrize("size", [1, 64, 400, 3000])
def test_any_changed_byte_breaks_a_seal(size: int) -> None:
    content = sealed(as_json({"name": "a" * size, "number": 5, "more": [1, {"b": None}]}))
    assert seal_holds(content)
    assert json.loads(content)["number"] == 5
    for place in range(len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        assert not seal_holds(bytes(changed)), content[place - 9 : place + 9]


@pytest.mark.parametrize("table", ["losses", "figures", "bulletins"])
def test_a_missing_or_cut_table_is_named_and_rebuilt(root: Path, table: str) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*.parquet")}
    path = part(root, table)
    name = path.relative_to(root).as_posix()
    path.write_bytes(before[path][:-30])
    assert (name, Damage.DAMAGED, Remedy.REBUILD) in found(root)
    shutil.rmtree(path.parent)
    assert (name, Damage.MISSING, Remedy.REBUILD) in found(root)
    run_job("rebuild", root)
    assert {path: path.read_bytes() for path in root.rglob("*.parquet")} == before
    assert proved(root).problems == ()


def test_revisions_come_from_a_backup_alone(root: Path) -> None:
    path = part(root, "revisions")
    shutil.rmtree(path.parent)
    missing = (path.relative_to(root).as_posix(), Damage.MISSING, Remedy.BACKUP)
    assert missing in found(root)


def test_lost_revisions_are_missed_until_they_are_restored_or_a_rebuild_goes_without(
    root: Path, tmp_path: Path
) -> None:
    path = part(root, "revisions")
    name, whole = path.relative_to(root).as_posix(), path.read_bytes()
    missing = (name, Damage.MISSING, Remedy.BACKUP)
    shutil.rmtree(root / "revisions")
    text = (SAMPLES / "2023-10-09-day-593.html").read_text()
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "2023-10-09-again.html").write_text(f"{text}<!-- once more -->")
    assert open_lake(root).revisions() == []
    for again in range(2):
        assert run_job("backfill", root, folder(tmp_path / "pages")).exit_status == 0
        assert missing in found(root), f"the run {again} does not hide it"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(whole)
    run_job("backfill", root, folder(tmp_path / "pages"))
    assert proved(root).problems == ()
    path.unlink()
    run_job("rebuild", root)
    assert proved(root).problems == ()


def test_damage_beside_the_pages_of_revisions_is_mended_by_a_rebuild(root: Path) -> None:
    path = part(root, "revisions")
    whole = path.read_bytes()
    place = whole.rindex(b"parquet-cpp-arrow")  # who wrote it: no row is touched
    path.write_bytes(whole[:place] + b"P" + whole[place + 1 :])
    assert (path.relative_to(root).as_posix(), Damage.DAMAGED, Remedy.BACKUP) in found(root)
    run_job("rebuild", root)
    assert path.read_bytes() == whole
    assert proved(root).problems == ()


def test_what_was_put_into_the_archive_is_to_be_moved(root: Path) -> None:
    (root / "archive" / "backup.warc.gz").write_bytes(b"mine")
    assert found(root) == {("archive/backup.warc.gz", Damage.FOREIGN, Remedy.MOVE)}


def test_a_lost_or_damaged_record_is_named_and_mended_by_the_same_document(root: Path) -> None:
    record = next(
        p for p in sorted(root.glob("archive/??/*.json")) if "2023-10-09-day-593" in p.read_text()
    )
    name = record.relative_to(root).as_posix()
    content = name.replace(".folder.json", ".gz")
    record.unlink()
    assert (content, Damage.ARCHIVE, Remedy.TAKE_IN_AGAIN) in found(root)
    run_job("backfill", root, folder(SAMPLES))
    assert proved(root).problems == ()
    (root / content).write_bytes(b"")
    assert (content, Damage.ARCHIVE, Remedy.TAKE_IN_AGAIN) in found(root)
    run_job("backfill", root, folder(SAMPLES))
    assert proved(root).problems == ()


def test_a_document_that_is_lost_is_named_in_every_table(root: Path) -> None:
    for path in root.glob("archive/0c/*"):
        path.unlink()
    codes = {(one.path.partition("/")[0], one.code) for one in proved(root).problems}
    assert codes >= {
        (table, Damage.UNKNOWN_DOCUMENT) for table in ("losses", "figures", "bulletins")
    }


@pytest.mark.parametrize(
    "name",
    [
        "losses/year=2023/part-0 (copy).parquet",
        "losses/notes.txt",
        "notes.txt",
        "quarantine/readme.txt",
        "runs/readme.txt",
        "seen/aa/b.json",
    ],
)
def test_a_foreign_file_is_named(root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("mine")
    assert found(root) == {(name, Damage.FOREIGN, Remedy.MOVE)}


def test_a_partition_that_nothing_published_is_named(root: Path) -> None:
    path = root / "losses" / "year=2021" / "part-0.parquet"
    path.parent.mkdir()
    shutil.copy(part(root, "losses"), path)
    codes = {(one.path, one.code) for one in proved(root).problems}
    assert ("losses/year=2021/part-0.parquet", Damage.NOT_LISTED) in codes
    assert ("losses/year=2021/part-0.parquet", Damage.WRONG_PARTITION) in codes


def test_losses_that_the_figures_do_not_lead_to_are_named(root: Path) -> None:
    rewritten(root, "losses", lambda rows: rows[7].update(daily=999))
    (problem,) = proved(root).problems
    assert problem.code is Damage.LOSSES_DIFFER
    assert problem.text.endswith("daily.")
    run_job("rebuild", root)
    assert proved(root).problems == ()


def test_figures_that_the_document_does_not_print_are_named(root: Path) -> None:
    rewritten(root, "figures", lambda rows: rows[7].update(label="tanks!"))
    assert {one.code for one in proved(root).problems} == {Damage.FIGURES_DIFFER}
    run_job("rebuild", root)
    assert proved(root).problems == ()


def test_a_row_twice_is_named(root: Path) -> None:
    rewritten(root, "bulletins", lambda rows: rows.append(rows[0]))
    codes = {one.code for one in proved(root).problems}
    assert codes == {Damage.REPEATED_KEY, Damage.NOT_LISTED}, "the rows do not add up"


def test_the_text_names_the_remedy_with_the_lake(root: Path) -> None:
    part(root, "losses").unlink()
    text = proof_text(proved(root))
    assert f"`tallybook rebuild --lake {root}`" in text
    assert "Problems: " in text


def test_the_command_exits_1_for_a_problem(root: Path, in_process: Any) -> None:
    assert in_process("verify", "--lake", str(root)).returncode == 0
    (root / "notes.txt").write_text("mine")
    done = in_process("verify", "--all", "--json", "--lake", str(root))
    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"][0]["path"] == "notes.txt"
