"""One run: the order of its stages, what they do once or side by side, and whatever happens."""

import gc
import json
import logging
import shutil
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import wraps
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pyarrow as pa
import pytest

from flows import collect, pipeline
from flows.errors import LakeError, RuleNotEvaluated
from flows.extract import text as extraction
from flows.lake.lake import Lake, open_lake
from flows.parse import bulletin as parsing
from flows.parse import reader
from flows.pipeline import Stages
from flows.publish import publish, stretches
from flows.reconcile.decide import Decision, reconcile
from flows.reconcile.window import Window
from flows.settings import SourceConfig
from flows.sources import KINDS
from flows.sources.base import Fetch, Found
from schemas.codes import Outcome, RuleName
from schemas.records import Archived, Document
from tests.conftest import HANGS, SAMPLES
from tests.plain_runs import folder, run_job

pytestmark = pytest.mark.slow

DAY = date(2023, 10, 10)
SAMPLE_DAYS = [DAY - timedelta(days=n) for n in range(14)]
NO_NUMBER: Any = "many"
BULLETIN = (SAMPLES / "2023-10-10-update.txt").read_bytes()


def last_run(root: Path) -> dict[str, Any]:
    """Return the newest summary in a lake."""
    summary: dict[str, Any] = json.loads(max((root / "runs").iterdir()).read_text())
    return summary


STORY = ("flows.collect", "flows.pipeline")
STAGES = ("collect", "read", "validate", "reconcile", "audit", "publish", "report")


def recorded(name: str, root: Path, calls: list[tuple[str, bool]]) -> Callable[..., Any]:
    """Return a stage that notes that it was called, and whether the lake was locked then."""
    stage = getattr(Stages, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        calls.append((name, is_locked(open_lake(root))))
        return stage(*args, **kwargs)

    return call


def is_locked(lake: Lake) -> bool:
    """Whether somebody else holds the lock of a lake."""
    try:
        with lake.lock(timeout=0):
            return False
    except LakeError:
        return True


def test_the_stages_come_in_order_and_what_decides_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, bool]] = []
    for name in STAGES:
        monkeypatch.setattr(Stages, name, staticmethod(recorded(name, tmp_path, calls)))
    run_job("backfill", tmp_path, folder(SAMPLES))
    assert calls == [
        ("collect", False),
        ("read", False),
        ("validate", False),
        ("reconcile", True),
        ("audit", True),
        ("publish", True),
        ("report", False),
    ]


def counted(
    function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> "Counter[tuple[object, ...]]":
    """Count the calls of a function by its first argument, wherever it is imported."""
    calls: Counter[tuple[object, ...]] = Counter()

    @wraps(function)
    def counting(first: Any, *args: Any, **kwargs: Any) -> Any:
        calls[first] += 1
        return function(first, *args, **kwargs)

    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, counting)
    return calls


@pytest.mark.parametrize("day", [DAY, None])
def test_a_document_is_extracted_and_parsed_once_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: date | None
) -> None:
    """The source asks for the dates of every document, and the run reads what it gives."""
    extracted = counted(extraction.contents, monkeypatch)
    parsed = counted(parsing.parse, monkeypatch)
    summary = run_job("backfill", tmp_path, folder(SAMPLES), since=day, until=day)
    assert len(summary.days) == (1 if day else 14)
    assert set(extracted.values()) == {1}
    assert len(extracted) >= len(summary.days)
    assert set(parsed.values()) == {1}


class Meeting:
    """A source kind that gives its document only when all the others were asked, too."""

    def __init__(self, sources: int) -> None:
        self._asked = threading.Barrier(sources, timeout=HANGS)

    def find(
        self,
        config: SourceConfig,
        since: date | None,
        until: date | None,
        fetch: Fetch,
        reader: object = None,
    ) -> Iterator[Found]:
        self._asked.wait()
        yield Document(config.name, f"{config.name}.txt", BULLETIN, "text/plain")

    def expected(self, config: SourceConfig, since: date | None, until: date) -> int | None:
        return None

    def state(self, config: SourceConfig) -> str:
        return "ready"


def test_sources_are_asked_side_by_side_and_told_of_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["one", "two", "three", "four", "five"]
    monkeypatch.setitem(KINDS, "meeting", Meeting(len(names)))
    summary = run_job("daily", tmp_path, *(SourceConfig(n, "meeting") for n in names))
    assert [(s.source, s.outcome) for s in summary.sources] == [(n, Outcome.OK) for n in names]
    assert {row.sources_agreeing for row in open_lake(tmp_path).losses()} == {len(names)}


class Interrupted(Meeting):
    """A source kind that waits until nobody wants it any more, while somebody presses Ctrl-C."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def find(self, *_: object) -> Iterator[Found]:
        main = threading.main_thread().ident
        assert main
        signal.pthread_kill(main, signal.SIGINT)
        self.over.wait()
        yield from ()


def test_an_interruption_does_not_wait_for_a_source_and_leaves_a_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Interrupted()
    monkeypatch.setitem(KINDS, "interrupted", source)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_job("daily", tmp_path, SourceConfig("slow", "interrupted"))
    finally:
        source.over.set()
    assert last_run(tmp_path)["error"].startswith("KeyboardInterrupt")


def stopping(error: BaseException) -> Callable[..., NoReturn]:
    def stop(*_: Any, **__: Any) -> NoReturn:
        raise error

    return stop


@pytest.mark.parametrize("stage", STAGES[:-1])
@pytest.mark.parametrize(
    "error", [SystemExit(143), KeyboardInterrupt(), ValueError("a mistake"), LakeError("no room")]
)
def test_the_summary_is_written_whatever_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, error: BaseException
) -> None:
    monkeypatch.setattr(Stages, stage, staticmethod(stopping(error)))
    with pytest.raises(type(error)) as raised:
        run_job("backfill", tmp_path, folder(SAMPLES))
    assert raised.value is error
    left = last_run(tmp_path)
    assert left["error"] == f"{type(error).__name__}: {error}"
    assert (left["state"], left["days"]) == ("failed", [])
    assert [source["documents"] for source in left["sources"]] == (
        [14] if stage != "collect" else []
    )
    assert not open_lake(tmp_path).losses()


def test_what_was_not_published_is_taken_up_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stages, "publish", staticmethod(stopping(SystemExit())))
    with pytest.raises(SystemExit):
        run_job("backfill", tmp_path, folder(SAMPLES))
    monkeypatch.undo()
    assert len(run_job("daily", tmp_path).days) == 14


def test_the_log_tells_the_story_of_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "flows")
    run_job("backfill", tmp_path, folder(SAMPLES), since=date(2023, 10, 1), until=DAY)
    story = [record.getMessage() for record in caplog.records if record.name in STORY]
    assert story == [
        f"backfill 2023-10-01..2023-10-10: from folder into the lake {tmp_path}",
        "folder: 10 documents",
        "read: 10 documents, 10 bulletins",
        "validated: 10 bulletins accepted, 1 flagged",
        "reconciled: 137 figures on 10 days, 2 do not add up",
        "audited: delta_differs 2, total_falling 1, day_before_missing 3",
        "published: 3 partitions written",
        "10 days published, 2 figures do not add up",
    ]
    assert {record.levelname for record in caplog.records} == {"INFO"}


def damaged(*days: date) -> Callable[..., Decision]:
    """Return a stage that decides rows of these days of which a rule can make nothing.

    Great Expectations can compare no text with a number: the rule fails, whatever it says.
    """

    def decide(*args: Any, **kwargs: Any) -> Decision:
        decision = reconcile(*args, **kwargs)
        rows = [
            replace(row, total=NO_NUMBER, previous_total=1) if row.report_date in days else row
            for row in decision.touched
        ]
        return replace(decision, touched=rows)

    return decide


def test_a_day_that_cannot_be_audited_is_quarantined_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Stages, "reconcile", staticmethod(damaged(DAY)))
        summary = run_job("backfill", tmp_path, folder(SAMPLES))
    assert summary.exit_status == 1
    (verdict,) = (verdict for verdict in summary.documents.telling if verdict.blocked)
    assert verdict.reason_code is RuleName.AUDIT_FAILED
    (held,) = summary.quarantined
    assert (held.url, RuleName.TOTAL_FALLING in held.reason) == ("2023-10-10-update.txt", True)
    lake = open_lake(tmp_path)
    assert {row.report_date for row in lake.losses()} == set(SAMPLE_DAYS) - {DAY}
    run_job("backfill", tmp_path / "without", folder(documents(tmp_path / "13", without=DAY)))
    assert lake.losses() == open_lake(tmp_path / "without").losses()
    run_job("rebuild", tmp_path, order=("folder",))
    assert {row.report_date for row in lake.losses()} == set(SAMPLE_DAYS)


def test_where_no_day_can_be_audited_nothing_is_published_and_all_is_pending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = SAMPLE_DAYS[:3]
    with monkeypatch.context() as patch:
        patch.setattr(Stages, "reconcile", staticmethod(damaged(*days)))
        with pytest.raises(RuleNotEvaluated) as raised:
            run_job("backfill", tmp_path, folder(SAMPLES), since=min(days))
    said = str(raised.value)
    assert f"the rule total_falling on {min(days)} to {max(days)} (" in said
    assert "nothing is published. The log has the traceback; the next run takes" in said
    lake = open_lake(tmp_path)
    assert (lake.losses(), lake.bulletins(), lake.quarantined()) == ([], [], [])
    assert len(lake.archive.pending()) == len(days)
    assert "total_falling" in last_run(tmp_path)["error"]
    assert len(run_job("daily", tmp_path).days) == len(days)


def test_a_run_whose_only_day_cannot_be_audited_leaves_it_pending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where rows of other days are decided again with it, and can be."""
    root = tmp_path / "lake"
    day = DAY - timedelta(days=1)
    run_job("backfill", root, folder(documents(tmp_path / "13", without=day)))
    before = open_lake(root).losses()
    monkeypatch.setattr(Stages, "reconcile", staticmethod(damaged(day)))
    with pytest.raises(RuleNotEvaluated, match=rf"total_falling on {day} \("):
        run_job("daily", root, folder(SAMPLES), since=day, until=day)
    assert open_lake(root).losses() == before
    assert len(open_lake(root).archive.pending()) == 1


def test_a_malformed_row_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(*args: Any, **kwargs: Any) -> Decision:
        decision = reconcile(*args, **kwargs)
        rows = [
            replace(row, category="zeppelins") if row.report_date == DAY else row
            for row in decision.touched
        ]
        return replace(decision, touched=rows)

    monkeypatch.setattr(Stages, "reconcile", staticmethod(decide))
    summary = run_job("backfill", tmp_path, folder(SAMPLES))
    (verdict,) = (verdict for verdict in summary.documents.telling if verdict.blocked)
    assert verdict.reason_code is RuleName.CATEGORY_UNKNOWN
    assert "zeppelins" in summary.quarantined[0].reason
    assert summary.exit_status == 1
    assert {row.report_date for row in open_lake(tmp_path).losses()} == set(SAMPLE_DAYS) - {DAY}


def documents(folder: Path, *, without: date) -> Path:
    """Copy the sample documents but that of one day."""
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns(f"{without}*"))
    return folder


def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run have no more in memory than a few documents and days at a time."""
    for module, name in (
        (pipeline, "BATCH"),
        (collect, "BATCH"),
        (collect, "HELD_BYTES"),
        (pipeline, "READ_AT_ONCE"),
        (reader, "MOST_REMEMBERED"),
        (stretches, "MOST_FIGURES"),
        (stretches, "LEAST_DAYS"),
        (publish, "_HELD_AT_ONCE"),
    ):
        monkeypatch.setattr(module, name, 3)


def left_by(root: Path, *wanted: str) -> dict[str, bytes]:
    """Return the bytes of what a run has written, but for what tells when it ran."""
    names = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock")
    found = {path.relative_to(root).as_posix(): path for path in names}
    return {name: path.read_bytes() for name, path in found.items() if name.startswith(wanted)}


LEFT = ("losses/", "figures/", "bulletins/", "revisions/", "quarantine/", "latest.json")


def test_a_run_in_small_parts_leaves_and_tells_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Path(shutil.copytree(SAMPLES, tmp_path / "pages"))
    (pages / "2023-10-10-again.txt").write_bytes(BULLETIN)
    for n in range(5):
        (pages / f"2023-10-1{n}-other.txt").write_text(f"It rains for {n} days. " * 40)
    left, told = [], []
    for name in ("usual", "parts"):
        root = tmp_path / name
        if name == "parts":
            in_small_parts(monkeypatch)
        with monkeypatch.context() as patch:
            patch.setattr(Stages, "reconcile", staticmethod(damaged(DAY)))
            run_job("backfill", root, folder(pages))
        left.append([left_by(root, *LEFT)])
        told.append([last_run(root)])
        run_job("rebuild", root, order=("folder",))
        left[-1].append(left_by(root, *LEFT))
        told[-1].append(last_run(root))
    assert left[0] == left[1]
    for usual, parts in zip(*told, strict=True):
        for name in ("started_at", "finished_at", "lake", "checksum"):
            del usual[name], parts[name]
        assert parts == usual


def test_what_all_sources_give_together_is_kept_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond it the archive has it; a source more is not as much memory more."""
    monkeypatch.setattr(collect, "HELD_BYTES", 40_000)
    kept: list[Archived] = []

    def collected(*args: Any) -> Any:
        found = collect.collect(*args)
        kept.extend(one for one in found.documents if isinstance(one, Archived))
        return found

    monkeypatch.setattr(Stages, "collect", staticmethod(collected))
    summary = run_job("backfill", tmp_path, folder(SAMPLES, "one"), folder(SAMPLES, "two"))
    assert {archived.document.source for archived in kept} == {"one", "two"}
    assert sum(2_000 + len(archived.document.content) for archived in kept) <= 40_000
    assert [source.documents for source in summary.sources] == [14, 14]


def alive(kind: type, tells: Callable[[Any], bool] = lambda _: True) -> int:
    """Return how many objects of a type are in memory."""
    gc.collect()
    return sum(type(one) is kind and bool(tells(one)) for one in gc.get_objects())


def test_what_a_stage_is_done_with_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the pages none when days are decided, of those that are decided only what is read."""
    pages, windows, decisions = alive(Document, attrgetter("content")), alive(Window), []

    def decide(*args: Any, **kwargs: Any) -> Decision:
        assert alive(Document, attrgetter("content")) == pages
        assert alive(Window) == windows + 1
        decisions.append(alive(Decision))
        return reconcile(*args, **kwargs)

    monkeypatch.setattr(Stages, "reconcile", staticmethod(decide))
    run_job("backfill", tmp_path / "usual", folder(SAMPLES, "one"), folder(SAMPLES, "two"))
    monkeypatch.setattr(stretches, "MOST_FIGURES", 3)
    monkeypatch.setattr(stretches, "LEAST_DAYS", 3)
    run_job("backfill", tmp_path / "parts", folder(SAMPLES))
    assert len(decisions) > 4
    assert {found - decisions[0] for found in decisions[3:]} == {0}


def test_a_run_leaves_what_its_tables_took_to_the_system(tmp_path: Path) -> None:
    """Arrow's own pool would keep it, several times what is ever in use."""
    run_job("backfill", tmp_path, folder(SAMPLES))
    assert pa.default_memory_pool().backend_name == "system"


def test_a_stretch_that_cannot_be_audited_is_quarantined_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is decided together does not fail together with what is decided after it."""
    in_small_parts(monkeypatch)
    first = sorted(SAMPLE_DAYS)[:5]
    monkeypatch.setattr(Stages, "reconcile", staticmethod(damaged(*first)))
    summary = run_job("backfill", tmp_path, folder(SAMPLES))
    assert (summary.exit_status, len(summary.quarantined)) == (1, len(first))
    assert {row.report_date for row in open_lake(tmp_path).losses()} == {*SAMPLE_DAYS} - {*first}


def test_a_document_that_lies_twice_in_a_folder_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "BATCH", 1)
    pages = Path(shutil.copytree(SAMPLES, tmp_path / "pages"))
    (pages / "2023-10-10-again.txt").write_bytes(BULLETIN)
    summary = run_job("backfill", tmp_path / "lake", folder(pages))
    assert summary.documents.read == summary.sources[0].documents == len(SAMPLE_DAYS)
    figures = open_lake(tmp_path / "lake").figures()
    assert len(figures) == len(set(figures))
