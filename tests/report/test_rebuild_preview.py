"""`tallybook rebuild --dry-run`: what would change is told, and nothing is written."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.job import Job
from flows.lake.lake import open_lake
from flows.pipeline import preview
from flows.report.rebuild_preview import RebuildPreview, ValueChange, preview_text
from schemas.codes import RevisionCause
from tests.conftest import SAMPLES
from tests.plain_runs import NOW, folder, run_job
from tests.reports import shown
from tests.tampered import part, rewritten

pytestmark = pytest.mark.slow

DAY = date(2023, 10, 9)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    run_job("backfill", tmp_path / "lake", folder(SAMPLES))
    return tmp_path / "lake"


def previewed(root: Path) -> RebuildPreview:
    report = preview(Job("rebuild", "test", NOW), open_lake(root))
    shown(report)
    return report


def files_of(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def tanks(rows: list[dict[str, Any]]) -> dict[str, Any]:
    (row,) = [r for r in rows if (r["report_date"], r["category"]) == (DAY, "tanks")]
    return row


def test_nothing_would_change_where_nothing_did(root: Path) -> None:
    before = files_of(root)
    report = previewed(root)
    assert (report.documents, report.read_otherwise, report.unread) == (14, 0, 0)
    assert len(report.changed) == len(report.added) == len(report.removed) == 0
    assert not report.revisions
    assert preview_text(report).startswith("14 documents read, 0 of them otherwise")
    assert files_of(root) == before


def test_what_another_parser_reads_is_told_and_then_recorded(root: Path) -> None:
    """The lake is as one of a parser that took 4,823 tanks for 4,832."""
    truth = open_lake(root).losses()
    for table in ("losses", "figures"):
        rewritten(root, table, lambda rows: tanks(rows).update(total=4832))
    before = files_of(root)
    report = previewed(root)
    assert ValueChange(DAY, "tanks", "total", "4832", "4823") in report.changed
    assert report.read_otherwise == 1
    assert [(r.field, r.old_value, r.new_value, r.cause) for r in report.revisions] == [
        ("total", 4832, 4823, RevisionCause.PARSER)
    ]
    assert "tanks: total 4832 -> 4823" in preview_text(report).lower()
    assert files_of(root) == before

    generation = json.loads((root / "latest.json").read_text())["generation"]
    run_job("rebuild", root)
    lake = open_lake(root)
    assert lake.losses() == truth
    assert [r.cause for r in lake.revisions()] == [RevisionCause.PARSER]
    assert json.loads((root / "latest.json").read_text())["generation"] == generation + 1
    assert previewed(root).changed == ()


def test_rows_that_would_come_are_told(root: Path) -> None:
    rewritten(root, "losses", lambda rows: rows.remove(tanks(rows)))
    report = previewed(root)
    assert [(row.report_date, row.category) for row in report.added] == [(DAY, "tanks")]
    part(root, "losses").unlink()
    assert len(previewed(root).added) == 190


def test_the_command_prints_it(root: Path, in_process: Any) -> None:
    done = in_process("rebuild", "--dry-run", "--json", "--lake", str(root))
    assert done.returncode == 0
    assert json.loads(done.stdout)["changed"] == []
    assert in_process("rebuild", "--json", "--lake", str(root)).returncode == 2
