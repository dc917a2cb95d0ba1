"""What is kept of the last runs: it says what the files of all runs say, and is there or made."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.files import json_text
from flows.lake.lake import Lake, open_lake
from flows.lake.runs import NO_RUNS, LastRuns
from schemas.codes import SUCCEEDED, Outcome, RunState
from tests.crash import KILLED, in_process
from tests.tries import tries

START = datetime(2026, 11, 1, 8, 15, tzinfo=UTC)
KEPT = "last_runs.json"


def summary(number: int, **outcomes: str) -> dict[str, Any]:
    """Return the summary of the run that began so many minutes after the first, by source."""
    began = START + timedelta(minutes=number)
    return {
        "run_id": f"run-{number}",
        "kind": "daily",
        "state": "completed",
        "exit_status": 0,
        "error": None,
        "started_at": began.isoformat(),
        "finished_at": (began + timedelta(seconds=30)).isoformat(),
        "sources": [{"source": name, "outcome": outcome} for name, outcome in outcomes.items()],
    }


def ended(number: int) -> datetime:
    return datetime.fromisoformat(summary(number)["finished_at"])


def from_files(root: Path) -> LastRuns:
    """Return what the files of the runs say, whatever is kept of them."""
    kept = root / KEPT
    content = kept.read_bytes()
    kept.unlink()
    found = open_lake(root).last_runs()
    kept.write_bytes(content)
    return found


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return open_lake(tmp_path, create=True)


def test_before_the_first_run_nothing_is_known(lake: Lake) -> None:
    assert lake.last_runs() == NO_RUNS


def test_the_last_run_and_how_each_source_did_last(lake: Lake) -> None:
    lake.write_run(summary(0, portal="ok", feed="unchanged"))
    lake.write_run(summary(1, portal="unreachable", feed="ok"))
    lake.write_run(summary(2, portal="not_published_yet"))
    known = lake.last_runs()
    assert known.last
    kept = json.loads(json_text(known.last))
    assert kept == {key: value for key, value in summary(2).items() if key != "sources"}
    asked = {name: (run.outcome, run.finished_at) for name, run in known.asked.items()}
    assert asked == {
        "portal": (Outcome.NOT_PUBLISHED_YET, ended(2)),
        "feed": (Outcome.OK, ended(1)),
    }
    succeeded = {name: run.finished_at for name, run in known.succeeded.items()}
    assert succeeded == {"portal": ended(0), "feed": ended(1)}
    assert known == from_files(lake.root)


OUTCOMES = st.dictionaries(st.sampled_from(["portal", "feed", "folder"]), st.sampled_from(Outcome))


@settings(max_examples=tries(15), deadline=None)
@given(st.dictionaries(st.integers(0, 5), OUTCOMES, min_size=1), st.randoms())
def test_runs_may_end_in_any_order(runs: Mapping[int, Mapping[str, str]], random: Any) -> None:
    """A run that began before another may end after it; the one that began last is the last."""
    with TemporaryDirectory() as folder:
        lake = open_lake(folder, create=True)
        numbers = list(runs)
        random.shuffle(numbers)
        for number in numbers:
            lake.write_run(summary(number, **runs[number]))
        known = lake.last_runs()
        assert known == from_files(lake.root)
        assert known.last
        assert known.last.run_id == f"run-{max(runs)}"
        for name in ("portal", "feed", "folder"):
            asked = [number for number in sorted(runs) if name in runs[number]]
            good = [number for number in asked if runs[number][name] in SUCCEEDED]
            last = known.asked.get(name)
            assert (last and last.finished_at) == (ended(asked[-1]) if asked else None)
            success = known.succeeded.get(name)
            assert (success and success.finished_at) == (ended(good[-1]) if good else None)


WRITE = """
import sys
import tests.conftest  # what pytest loads before a module of tests
from flows.lake.lake import open_lake
from tests.lake.test_runs import summary
lake = open_lake(sys.argv[1])
name, first = sys.argv[2:]
sys.stdin.readline()
for number in range(int(first), 40, 2):
    lake.write_run(summary(number, shared="failed", **{name: "ok"}))
"""


@pytest.mark.slow
def test_runs_that_end_at_the_same_time_are_all_known(lake: Lake) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(lake.root), name, first], stdin=subprocess.PIPE
        )
        for name, first in (("one", "0"), ("other", "1"))
    ]
    for run in runs:
        assert run.stdin
        run.stdin.write(b"go\n")
        run.stdin.flush()
    assert [run.wait() for run in runs] == [0, 0]
    known = lake.last_runs()
    assert known == from_files(lake.root)
    assert {name: run.finished_at for name, run in known.succeeded.items()} == {
        "one": ended(38),
        "other": ended(39),
    }


def test_a_killed_run_leaves_what_the_next_one_goes_on_with(tmp_path: Path) -> None:
    for point in range(20):
        root = tmp_path / str(point)
        lake = open_lake(root, create=True)
        lake.write_run(summary(0, portal="ok"))
        code = in_process(partial(lake.write_run, summary(1, portal="refused")), point)
        known = lake.last_runs()
        assert known.asked["portal"].outcome in (Outcome.OK, Outcome.REFUSED)
        if any(run["run_id"] == "run-1" for run in lake.runs()):
            assert known.asked["portal"].outcome == Outcome.REFUSED, "the file is never ahead"
        lake.write_run(summary(2, feed="ok"))
        known = lake.last_runs()
        assert known.last
        assert known.last.run_id == "run-2"
        assert known.succeeded["portal"].finished_at == ended(0)
        if code != KILLED:
            assert point > 1, "a run makes at least two changes"
            return
    pytest.fail("the run was killed each time")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"last": null, "last_file": "", "asked": [], "succeeded": {}}',
        b'{"last": null, "last_file": "", "asked": {"a": {"file": "f"}}, "succeeded": {}}',
        b'{"last": null, "last_file": "", "asked": {"a": {"file": "f", "outcome": "?", '
        b'"finished_at": null}}, "succeeded": {}}',
    ],
)
def test_what_is_damaged_is_made_anew_from_the_files(lake: Lake, content: bytes) -> None:
    lake.write_run(summary(0, portal="ok"))
    lake.write_run(summary(1, portal="failed"))
    expected = lake.last_runs()
    (lake.root / KEPT).write_bytes(content)
    assert lake.last_runs() == expected
    assert (lake.root / KEPT).read_bytes() == content, "who only reads writes nothing"
    lake.write_run(summary(2, feed="ok"))
    known = lake.last_runs()
    assert known.asked["portal"] == expected.asked["portal"]
    assert json.loads((lake.root / KEPT).read_bytes())["asked"].keys() == {"portal", "feed"}


def test_where_it_cannot_be_written_the_summary_is_there_all_the_same(lake: Lake) -> None:
    (lake.root / KEPT / "folder").mkdir(parents=True)
    path = Path(lake.write_run(summary(0, portal="ok")))
    assert json.loads(path.read_bytes())["run_id"] == "run-0"
    assert lake.last_runs().asked["portal"].outcome == Outcome.OK


def test_the_files_of_earlier_runs_are_not_read(lake: Lake) -> None:
    for number in range(3):
        lake.write_run(summary(number, portal="ok"))
    expected = lake.last_runs()
    for path in (lake.root / "runs").iterdir():
        path.write_text("{")
    assert lake.last_runs() == expected


def test_summaries_that_name_outcomes_in_words_are_read(lake: Lake) -> None:
    older = summary(
        0,
        portal="not the page we know",
        feed="wrong day",
        folder="too large",
        minfin="not published yet",
        telegram="ok",
    )
    runs = lake.root / "runs"
    runs.mkdir()
    text = json.dumps(older | {"state": "not published yet"})
    (runs / "20261101T081500Z-older.json").write_text(text)
    (runs / "20261101T081400Z-damaged.json").write_text("{")
    known = lake.last_runs()
    assert {name: run.outcome for name, run in known.asked.items()} == {
        "portal": Outcome.NOT_THE_PAGE,
        "feed": Outcome.WRONG_DAY,
        "folder": Outcome.TOO_LARGE,
        "minfin": Outcome.NOT_PUBLISHED_YET,
        "telegram": Outcome.OK,
    }
    assert known.succeeded.keys() == {"telegram"}
    assert known.last
    assert known.last.state == RunState.NOT_PUBLISHED_YET
