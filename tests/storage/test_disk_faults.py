"""A disk that is full, a lake that may not be written: one clear error, nothing half there.

A limit on the size of files stands for a full disk: the system refuses to write on, at a place that
the test chooses, whoever runs it. What may not be written is tried without the rights of root.
"""

import gc
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from flows.cli.main import call
from flows.errors import LakeError
from flows.files import TEMPORARY_PREFIX
from flows.lake.lake import open_lake
from flows.report.exports.export import export
from flows.report.exports.workbook import write_xlsx
from flows.report.site.build import build
from flows.storage.local import LocalStorage
from schemas.tables import LOSSES
from tests.conftest import HANGS
from tests.ledger import NOW, days, document, rebuilt, take_in
from tests.storage.conftest import tables

pytestmark = pytest.mark.slow

FIRST = date(2023, 12, 30)
BEFORE = days(FIRST, 10, 12)
COMING = [
    *days(FIRST, 10, 12, 15, 19)[2:],
    document(FIRST + timedelta(days=4), {}, refused="no figures"),
    document(FIRST, {"tanks": (11, 0)}, published_at=NOW),
]
HELD = document(FIRST, {}, refused="not readable")
NOBODY = 65534
"""The user without rights."""

Step = Callable[[], object]


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def without_rights() -> None:
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def in_child(step: Step, condition: Step) -> tuple[int, str]:
    """Run a step under a condition in a process of its own; its status, and what it said."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(theirs, 2)
        os.close(ours)
        status = 99
        signal.alarm(int(HANGS))  # a child that hangs is ended, and the test fails
        try:
            condition()
            step()
            status = 0
        except Exception as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            status = 1
        finally:
            os._exit(status)
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        text = said.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def command(size: int, *arguments: str | Path) -> tuple[int, str]:
    """Run a command on such a disk; its status, and what it said.

    In a fresh process: what draws pictures has threads, and does not survive a fork.
    """
    program = "import sys; from flows.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS,
        check=False,
        preexec_fn=partial(limited, size),
    )
    return done.returncode, done.stdout


def temporaries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(f"{TEMPORARY_PREFIX}*") if path.is_file()]


@pytest.mark.parametrize("step", ["run", "rebuild"])
def test_a_full_disk_is_one_error_and_the_next_run_repairs_it(tmp_path: Path, step: str) -> None:
    base, peace = tmp_path / "base", tmp_path / "peace"
    take_in(base, BEFORE)
    if step == "rebuild":
        take_in(base, COMING)
        for _, sha256 in sorted(open_lake(base).archive.keys())[::3]:
            for path in (base / "archive" / sha256[:2]).glob(f"{sha256}.*"):
                path.unlink()

    def run(root: Path) -> None:
        take_in(root, COMING) if step == "run" else rebuilt(root)

    shutil.copytree(base, peace)
    run(peace)
    old, new = tables(str(base)), tables(str(peace))
    largest = max(len(content) for content in new.values())
    failed = 0
    for number, size in enumerate([0, 100, 300, *range(1_000, largest + 1_000, 1_500)]):
        root = shutil.copytree(base, tmp_path / str(number))
        status, said = in_child(partial(run, root), partial(limited, size))
        failed += status != 0
        if status:
            assert said.startswith("LakeError: Cannot write "), said
            assert "free space" in said
        for name, content in tables(str(root)).items():
            whole = content in (old.get(name), new.get(name))
            assert whole or "/.pending/" in name, f"{name} at {size}"
        assert not temporaries(root), "what cannot be finished takes no room"
        run(root)
        assert tables(str(root)) == new, size
    assert failed > 3


def test_a_workbook_on_a_full_disk_does_not_complain_once_more_when_it_goes(tmp_path: Path) -> None:
    """What XlsxWriter left open hangs in a circle of error and frames, which is swept some time."""
    rows = pa.table({field.name: ["x"] for field in LOSSES.fields})

    def write() -> None:
        try:
            write_xlsx("losses", LOSSES.fields, [rows], tmp_path / "out.xlsx")
        except OSError as error:
            failed = LakeError("no room")
            failed.__cause__ = error
        kept = [failed]
        kept.append(kept)  # type: ignore[arg-type]

    def write_and_sweep() -> None:
        sys.unraisablehook = lambda _: os.write(2, b"once more\n")
        gc.disable()
        write()
        gc.collect()
        raise LakeError("swept")

    status, said = in_child(write_and_sweep, partial(limited, 10))
    assert (status, said) == (1, "LakeError: swept\n")


FORMATS = ("csv", "jsonl", "xlsx", "parquet", "wide", "community", "sqlite", "duckdb")


def place_of(kind: str, out: Path) -> Path:
    return out if kind == "community" else out / ("out.csv" if kind == "wide" else f"out.{kind}")


@pytest.mark.full  # eleven commands, each with its imports
def test_exports_and_pages_on_a_full_disk(tmp_path: Path) -> None:
    lake, out = tmp_path / "lake", tmp_path / "out"
    take_in(lake, BEFORE)
    commands: dict[str, tuple[str | Path, ...]] = {}
    for kind in FORMATS:
        place = place_of(kind, out / kind)
        export(open_lake(lake), kind, place)
        commands[kind] = ("export", kind, "--force", "--out", place)
    commands["report"] = ("report", "--out", out / "site")
    commands["plot"] = ("plot", "tanks", "--out", out / "tanks.svg")
    commands["archive"] = ("archive", "export", "--out", out / "documents.warc.gz")
    build(open_lake(lake), LocalStorage(out / "site"), {})
    for name in ("tanks.svg", "documents.warc.gz"):
        (out / name).write_bytes(b"of yesterday")
    take_in(lake, COMING)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    for name, arguments in commands.items():
        status, said = command(10, *arguments, "--lake", lake)
        assert status == 1, (name, said)
        assert said.startswith("tallybook: Cannot write "), (name, said)
        assert said.count("\n") == 1, (name, said)
        after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
        assert after == before, name


@pytest.mark.parametrize(
    "arguments",
    [
        ("archive", "verify"),
        ("verify",),
        ("rebuild", "--dry-run"),
        ("show", "--as-of", "2026-11-02"),
        ("backfill", "--archive", "lake/archive"),
        ("parse", "lake/archive/x.html"),
        ("check", "--against", "lake/archive/x.json"),
    ],
)
def test_a_folder_that_may_not_be_listed_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """A rebuild would take all that was published back."""
    take_in(tmp_path / "lake", BEFORE)
    for path in (tmp_path, *tmp_path.rglob("*"), *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | (0o755 if path.is_relative_to(tmp_path) else 0o711))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lake/archive").chmod(0)

    monkeypatch.setenv("TALLYBOOK_LAKE", "lake")

    def called() -> None:
        sys.stderr = os.fdopen(2, "w", closefd=False)  # in the child alone
        assert call([*arguments]) in (1, 2)

    try:
        _, said = in_child(called, without_rights)
    finally:
        (tmp_path / "lake/archive").chmod(0o755)
    assert "lake/archive" in said
    assert "Permission denied" in said
    assert "please report" not in said


@pytest.mark.parametrize("folder", ["", "losses/year=2023", "archive", "quarantine"])
def test_a_lake_that_may_not_be_written_is_one_error(tmp_path: Path, folder: str) -> None:
    root, peace = tmp_path / "lake", tmp_path / "peace"
    for lake in (root, peace):
        take_in(lake, [*BEFORE, HELD])
    take_in(peace, COMING)
    old, new = tables(str(root)), tables(str(peace))
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    for path in tmp_path.parents:
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o711)
    closed = [root / folder, *(p for p in (root / folder).rglob("*") if p.is_dir())]
    for path in closed:
        path.chmod(0o555)
    status, said = in_child(partial(take_in, root, COMING), without_rights)
    for path in closed:
        path.chmod(0o777)
    assert status == 1, said
    assert said.startswith("LakeError: Cannot write "), said
    assert "ermission" in said
    for name, content in tables(str(root)).items():
        assert content in (old.get(name), new.get(name)) or "/.pending/" in name, name
    take_in(root, COMING)
    assert tables(str(root)) == new
