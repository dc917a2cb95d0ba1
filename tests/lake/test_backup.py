"""A backup restored into an empty folder is, after a rebuild, the same lake."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from flows.archive import warc_file
from flows.lake import backup
from flows.lake.lake import open_lake
from flows.report.verification.prove import prove
from tests.plain_runs import fill, run_job

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the samples, with a revision and a refused document on record."""
    root, pages = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("pages")
    fill(root, pages)
    assert open_lake(root).revisions()
    return root


def exported(root: Path, out: Path) -> Path:
    lake = open_lake(root)
    warc_file.export(lake.archive, out, backup.files_beside(lake.storage))
    return out


def imported(file: Path, root: Path) -> int:
    lake = open_lake(root, create=True)
    assert warc_file.import_file(lake.archive, file).problems == ()
    return backup.restore(lake, warc_file.lake_files(file))


def kept(root: Path) -> dict[str, bytes]:
    """Return every file but those of locks, and the runs: the rebuild is one more."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and path.suffix != ".lock"
        and path.name not in (".lock", "last_runs.json")
    }


@pytest.mark.parametrize("ending", ["warc", "warc.gz"])
def test_a_restored_backup_is_the_same_lake(made: Path, tmp_path: Path, ending: str) -> None:
    file = exported(made, tmp_path / f"backup.{ending}")
    assert exported(made, tmp_path / f"again.{ending}").read_bytes() == file.read_bytes()
    root = tmp_path / "lake"
    assert imported(file, root) == 3  # the revisions, a run (of the same name), latest.json
    assert prove(open_lake(root), order=()).problems
    run_job("rebuild", root)
    before, after = kept(made), kept(root)
    runs = {name for name in before | after if name.startswith("runs/")}
    assert {n: c for n, c in after.items() if n not in runs} == {
        n: c for n, c in before.items() if n not in runs
    }
    assert prove(open_lake(root), order=("folder",)).problems == ()


def test_what_is_there_stays(made: Path, tmp_path: Path) -> None:
    file = exported(made, tmp_path / "backup.warc")
    root = Path(shutil.copytree(made, tmp_path / "lake"))
    before = kept(root)
    assert imported(file, root) == 0
    assert kept(root) == before
    assert imported(file, root) == 0


def test_a_backup_writes_nothing_but_what_it_is_for(made: Path, tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    names = ("../evil", "losses/year=2023/part-0.parquet", "runs/../../evil.json", "lake.json")
    assert backup.restore(lake, [(name, b"{}") for name in names]) == 0
    assert {path.name for path in tmp_path.rglob("*.json")} == {"lake.json"}


def test_a_damaged_file_of_a_backup_is_not_put_back(made: Path, tmp_path: Path) -> None:
    file = exported(made, tmp_path / "backup.warc")
    content = file.read_bytes()
    place = content.rindex(b'"generation"')
    file.write_bytes(content[:place] + b'"GENERATION"' + content[place + 12 :])
    names = [name for name, _ in warc_file.lake_files(file)]
    assert names
    assert "latest.json" not in names


def test_the_commands_say_what_to_do_next(made: Path, tmp_path: Path, in_process: Any) -> None:
    done = in_process("archive", "export", "--out", "b.warc.gz", "--lake", str(made))
    assert done.returncode == 0
    assert gzip.decompress((tmp_path / "b.warc.gz").read_bytes()).startswith(b"WARC/1.1")
    done = in_process("archive", "import", "b.warc.gz", "--lake", "other")
    assert done.returncode == 0
    assert "tallybook rebuild --lake other" in done.stdout
    assert "files of revisions and runs were put back" in done.stdout
    told = (tmp_path / "other" / "latest.json").read_bytes()
    assert json.loads(told)["generation"] == 2
