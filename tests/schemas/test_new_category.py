"""A category that Tallybook does not know yet: printed for days, kept, and brought back.

An earlier Tallybook is made of a copy of the packages without ground_robots, and run as it is.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.lake.lake import Lake, open_lake
from schemas.tables import LossRow
from tests import reference, render
from tests.conftest import HANGS
from tests.plain_runs import run_job

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NEW = "ground_robots"
DAYS = (date(2026, 5, 3), date(2026, 5, 4), date(2026, 5, 5))
FORMS: tuple[render.Form, ...] = ("official", "list", "wide_table")
NOW = datetime(2026, 5, 6, 9, tzinfo=UTC)

BACKFILL = """
import sys
from datetime import UTC, datetime
from flows.lake.lake import open_lake
from flows.job import Job
from flows.pipeline import run
from flows.report.run_markdown import markdown
from flows.settings import SourceConfig
lake, documents = sys.argv[1:]
source = SourceConfig("folder", "folder", path=documents)
job = Job("backfill", "earlier", datetime(2026, 5, 5, 9, tzinfo=UTC), ("folder",), (source,))
print(markdown(run(job, open_lake(lake, create=True), None)))
"""


@dataclass(frozen=True)
class Earlier:
    """What the earlier Tallybook left: a lake, its losses, the run's summary and report."""

    lake: Lake
    rows: list[LossRow]
    summary: Mapping[str, Any]
    report: str


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Earlier:
    series, folder = reference.load(), tmp_path_factory.mktemp("earlier")
    _without_the_category(folder)
    documents = folder / "documents"
    documents.mkdir()
    for day, form in zip(DAYS, FORMS, strict=True):
        text = render.render(form, day, series[day], render.Style())
        (documents / f"{day}.txt").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", BACKFILL, str(folder / "lake"), str(documents)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        check=True,
        timeout=HANGS,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    lake = open_lake(folder / "lake")
    (summary,) = (folder / "lake" / "runs").rglob("*.json")
    said = json.loads(summary.read_text("utf-8"))
    return Earlier(lake, lake.losses(), said, done.stdout)


def _without_the_category(folder: Path) -> None:
    """Copy the packages; drop the category's registry entry, its labels and its keys."""
    for package in ("flows", "schemas"):
        shutil.copytree(ROOT / package, folder / package)
    registry = folder / "schemas" / "categories.toml"
    text, dropped = re.subn(rf"\[{NEW}\]\n(?:.+\n)+\n?", "", registry.read_text("utf-8"))
    assert dropped == 1
    registry.write_text(text, "utf-8")
    for path in (*folder.glob("schemas/languages/*.toml"), *folder.glob("flows/**/*.toml")):
        text = re.sub(rf'^(?:{NEW} = .*|.* = "{NEW}")\n', "", path.read_text("utf-8"), flags=re.M)
        path.write_text(text, "utf-8")


def _printed(day: date) -> tuple[int, int | None]:
    figure = reference.load()[day][NEW]
    return figure.total, figure.delta


class TestUnknown:
    def test_the_bulletins_are_published_without_it(self, earlier: Earlier) -> None:
        categories = {row.category for row in earlier.rows}
        assert categories == set(reference.load()[DAYS[0]]) - {NEW}
        assert len(earlier.rows) == len(categories) * len(DAYS)

    def test_the_documents_are_kept(self, earlier: Earlier) -> None:
        assert len(list(earlier.lake.archive.keys())) == len(DAYS)

    def test_the_warnings_of_each_bulletin_hold_the_label_and_its_numbers(
        self, earlier: Earlier
    ) -> None:
        for bulletin in earlier.lake.bulletins():
            (item,) = bulletin.unrecognized
            assert "robot" in item.label.lower() or "роботот" in item.label
            assert bulletin.report_date
            assert (item.total, item.delta) == _printed(bulletin.report_date)

    def test_the_summary_names_it(self, earlier: Earlier) -> None:
        sentences = [" ".join(warning["sentences"]) for warning in earlier.summary["warnings"]]
        for day, sentence in zip(DAYS, sentences, strict=True):
            total, delta = _printed(day)
            assert f" {total}" + ("" if delta is None else f" ({delta:+})") in sentence

    def test_the_report_alerts_to_it(self, earlier: Earlier) -> None:
        """What alarms stands in bold, on the line of its day."""
        for day in DAYS:
            (line,) = (line for line in earlier.report.splitlines() if f"| {day} |" in line)
            bold = re.findall(r"\*\*(.+?)\*\*", line)
            assert [text for text in bold if str(_printed(day)[0]) in text], line


@pytest.fixture(scope="module")
def rebuilt(earlier: Earlier) -> Lake:
    """The same archive, read by the Tallybook of today."""
    run_job("rebuild", earlier.lake.root, now=NOW, order=("folder",))
    return earlier.lake


class TestKnown:
    def test_its_history_is_there_with_correct_deltas(self, rebuilt: Lake) -> None:
        rows = [row for row in rebuilt.losses() if row.category == NEW]
        assert [(row.report_date, (row.total, row.delta)) for row in rows] == [
            (day, _printed(day)) for day in DAYS
        ]
        assert [row.delta_status for row in rows] == ["first", "ok", "ok"]
        assert [row.change for row in rows][1:] == [row.delta for row in rows][1:]

    def test_nothing_else_is_changed(self, earlier: Earlier, rebuilt: Lake) -> None:
        assert [row for row in rebuilt.losses() if row.category != NEW] == earlier.rows

    def test_no_label_is_unknown_any_more(self, rebuilt: Lake) -> None:
        assert not [item for one in rebuilt.bulletins() for item in one.unrecognized]
