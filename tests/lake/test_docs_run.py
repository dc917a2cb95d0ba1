"""Each program that the docs show is run, as a reader would, beside the lake of the samples."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SAMPLES
from tests.plain_runs import folder, run_job

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/reading.md")
_BLOCK = re.compile(r"^```(python|sql)\n(.*?)^```$", re.M | re.S)


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


@pytest.mark.parametrize("number", range(len(snippets())))
def test_what_the_docs_show_runs(place: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    page, kind, text = snippets()[number]
    if kind == "sql":
        monkeypatch.chdir(place)
        assert duckdb.sql(text) is not None
        return
    if "pyspark" in text and not importlib.util.find_spec("pyspark"):
        pytest.skip("PySpark is not installed: pip install pyspark, beside Java 17")
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{page}: {done.stderr}"


def test_pandas_is_never_shown_without_the_line_that_mends_its_dates() -> None:
    shown = [text for _, _, text in snippets() if "pd.read_parquet" in text]
    assert shown
    for text in shown:
        assert 'pd.to_datetime(losses["report_date"])' in text
