"""Each program that the docs show is run, as a reader would, beside the lake of the samples."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from _pytest.mark import ParameterSet

from tests.conftest import SAMPLES
from tests.plain_runs import folder, run_job

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/how-to/read-the-tables.md")
READERS = ROOT / ".readers"
_BLOCK = re.compile(r"^```(python|sql|js)\n(.*?)^```$", re.M | re.S)


def snippets() -> list[tuple[str, str, str]]:
    """Return page, language and text of each program."""
    return [
        (page, kind, text)
        for page in PAGES
        for kind, text in _BLOCK.findall((ROOT / page).read_text("utf-8"))
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the lake where the docs have it."""
    root = tmp_path_factory.mktemp("docs")
    run_job("backfill", root / "data" / "lake", folder(SAMPLES))
    return root


def needs_readers(kind: str, text: str) -> bool:
    return kind == "js" or "pyspark" in text


def marked() -> list[ParameterSet]:
    """Return the programs as cases; those that want what `make readers` installs are `full`."""
    return [
        pytest.param(
            *snippet,
            id=f"{snippet[1]}-{number}",
            marks=[pytest.mark.full] if needs_readers(*snippet[1:]) else [],
        )
        for number, snippet in enumerate(snippets())
    ]


@pytest.mark.parametrize(("page", "kind", "text"), marked())
def test_what_the_docs_show_runs(
    place: Path, page: str, kind: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "sql":
        monkeypatch.chdir(place)
        assert duckdb.sql(text) is not None
        return
    done = subprocess.run(
        command(place, kind, text), cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{page}: {done.stderr}"


def command(place: Path, kind: str, text: str) -> Sequence[str | Path]:
    """Return what runs a program; skips the test where it is not there."""
    if not needs_readers(kind, text):
        return [sys.executable, "-c", text]
    needed = READERS / ("node_modules" if kind == "js" else "spark/bin/python")
    runs = shutil.which("node" if kind == "js" else "java")
    if not needed.exists() or not runs:
        pytest.skip("node or Java, or what `make readers` installs, is not there")
    if kind != "js":
        return [needed, "-c", text]
    script = place / f"{hashlib.sha256(text.encode()).hexdigest()}.mjs"
    script.write_text(text, "utf-8")
    packages = place / "node_modules"  # they are looked for beside it
    if not packages.exists():
        packages.symlink_to(needed)
    return [runs, script]


def test_pandas_is_never_shown_without_the_line_that_mends_its_dates() -> None:
    shown = [text for _, _, text in snippets() if "pd.read_parquet" in text]
    assert shown
    for text in shown:
        assert 'pd.to_datetime(losses["report_date"])' in text
