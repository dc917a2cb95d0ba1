"""What a person sees of a run in Prefect: names, tags, tasks, states, logs, artifacts."""

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import FailedRun
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Scheduled

from flows.backfill import backfill
from flows.daily import daily
from flows.errors import LakeError
from flows.rebuild import rebuild
from flows.report.run_sentences import run_name
from flows.sources import KINDS
from tests.conftest import SAMPLES, tomorrow, wait_until
from tests.orchestration.test_flows import article, artifacts, last_run, one_day
from tests.orchestration.test_outcomes import Broken
from tests.webserver import Site, page

DAY = date(2023, 10, 10)
REFUSED = "not the bulletin: no list of losses stands in the text"
BULLETIN = (SAMPLES / "2023-10-10-update.txt").read_bytes()


@pytest.fixture(autouse=True)
def api(prefect_api: str) -> Iterator[str]:
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield prefect_api


def flow_run(api: str, lake: Path) -> dict[str, Any]:
    """Return the flow run that was the last on a lake, as the server knows it."""
    found: dict[str, Any] = httpx.get(f"{api}/flow_runs/{last_run(lake)['run_id']}").json()
    return found


def task_runs(api: str, lake: Path, number: int) -> dict[str, tuple[str, str]]:
    """Return name and message of the states of the last run's tasks, when so many are over."""
    wanted = {
        "flow_runs": {"id": {"any_": [last_run(lake)["run_id"]]}},
        "task_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}},
    }
    over: list[dict[str, Any]] = []

    def are_over() -> bool:
        known = httpx.post(f"{api}/task_runs/filter", json=wanted).json()
        over[:] = [run for run in known if run["state"]]  # which is written after the run itself
        return len(over) >= number

    wait_until(are_over, f"{number} task runs")
    return {run["name"]: (run["state"]["name"], run["state"]["message"]) for run in over}


def logs(api: str, lake: Path, level: int = 0) -> list[str]:
    """Return the messages in the log of the last run, the oldest first, when it is complete."""
    run = last_run(lake)["run_id"]
    wanted = {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_ASC", "limit": 200}
    found: list[dict[str, Any]] = []

    def complete() -> bool:
        found[:] = httpx.post(f"{api}/logs/filter", json=wanted).json()
        ends = (log for log in found if log["message"].startswith("Finished in state"))
        return any(log["task_run_id"] is None for log in ends)

    wait_until(complete, "the log")
    return [log["message"] for log in found if log["level"] >= level]


def test_every_stage_is_a_task_named_with_what_it_works_on(
    tmp_path: Path, api: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    article(monkeypatch, tmp_path, site.address + "/{date}", "[]")
    lake = tmp_path / "lake"
    daily(date=DAY, sources=["article"], archive=str(SAMPLES), lake=str(lake))
    told = task_runs(api, lake, 8)
    waiting = told.pop("collect article")
    assert waiting[0] == "NotPublishedYet"
    assert waiting[1].startswith("article: not published yet: ")
    assert told == {
        "collect folder": ("Completed", "folder: 1 document"),
        "read 1": ("Completed", "read: 1 document, 1 bulletin"),
        "validate": ("Completed", "validated: 1 bulletin accepted"),
        "reconcile": ("Completed", "reconciled: 14 figures on 1 day"),
        "audit": ("Completed", "audited: nothing to flag"),
        "publish": ("Completed", "published: 3 partitions written"),
        "report": ("Completed", f"the summary is {next((lake / 'runs').iterdir())}"),
    }


def test_documents_are_read_in_batches(
    tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.pipeline.BATCH", 5)
    backfill(archive=str(SAMPLES), lake=str(tmp_path / "lake"))
    names = set(task_runs(api, tmp_path / "lake", 9))
    assert {name for name in names if "read" in name} == {"read 1-5", "read 6-10", "read 11-14"}


def test_a_source_that_fails_is_a_failed_task_and_one_that_breaks_too(
    tmp_path: Path, api: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.serve("/a", page(b"", status=503))
    article(monkeypatch, tmp_path, url, "[]")
    daily(date=DAY, sources=["article"], archive=str(SAMPLES), lake=str(tmp_path / "lake"))
    told = task_runs(api, tmp_path / "lake", 8)
    assert told["collect article"][0] == "Failed"
    assert told["collect article"][1].startswith(f"article: unreachable: {url}: ")
    assert not [text for text in logs(api, tmp_path / "lake") if "Traceback" in text]


def test_a_mistake_in_a_source_is_in_the_log_with_its_traceback(
    tmp_path: Path, api: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    article(
        monkeypatch, tmp_path, site.serve("/a", page(BULLETIN, content_type="text/plain")), "[]"
    )
    monkeypatch.setitem(KINDS, "article", Broken())
    state = daily(date=DAY, sources=["article"], lake=str(tmp_path / "lake"), return_state=True)
    assert state.is_failed()
    assert str(state.message).startswith("article: unexpected error, 1 document: KeyError: ")
    (traceback,) = (text for text in logs(api, tmp_path / "lake") if "Traceback" in text)
    assert "raise KeyError(" in traceback


def test_runs_are_named_with_their_kind_and_dates_and_tagged(tmp_path: Path, api: str) -> None:
    lake = tmp_path / "lake"
    names = []
    for run in (
        lambda: one_day(lake, SAMPLES),
        lambda: backfill(archive=str(SAMPLES), since=date(2023, 10, 1), until=DAY, lake=str(lake)),
        lambda: rebuild(lake=str(lake)),
    ):
        run()
        found = flow_run(api, lake)
        assert set(found["tags"]) == {"tallybook", last_run(lake)["kind"]}
        names.append(found["name"])
    assert names == [
        "daily 2023-10-10",
        "backfill 2023-10-01..2023-10-10",
        "rebuild",
    ]


@pytest.mark.parametrize(
    ("since", "until", "name"),
    [
        (None, DAY, "backfill ..2023-10-10"),
        (DAY, None, "backfill 2023-10-10.."),
        (None, None, "backfill"),
    ],
)
def test_an_open_range_is_named_as_that(since: date | None, until: date | None, name: str) -> None:
    assert run_name("backfill", since, until) == name


def test_a_run_that_starts_late_is_about_the_day_it_was_scheduled_for(
    tmp_path: Path, api: str
) -> None:
    """At 23:30 in Kyiv it was the 10th; the clock of this machine says something else."""
    due = datetime.fromisoformat("2023-10-10T20:30+00:00")
    parameters = {"archive": str(SAMPLES), "lake": str(tmp_path / "lake")}
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(
            daily, parameters=parameters, state=Scheduled(scheduled_time=due)
        )
    run_flow(daily, flow_run=run, parameters=parameters)
    assert flow_run(api, tmp_path / "lake")["name"] == "daily 2023-10-10"
    left = last_run(tmp_path / "lake")
    assert (left["since"], left["days"]) == ("2023-10-10", ["2023-10-10"])


def test_the_state_of_a_run_says_what_happened(tmp_path: Path, api: str) -> None:
    lake, nothing = tmp_path / "lake", tmp_path / "nothing"
    nothing.mkdir()
    (nothing / "2023-10-10.txt").write_bytes(b"Nothing of that kind happened today.\n" * 9)
    ends = [
        backfill(archive=str(SAMPLES), lake=str(lake), return_state=True),
        one_day(lake, SAMPLES, tomorrow()),
        one_day(lake, nothing),
    ]
    day = tomorrow()
    ahead = f"not published yet: {day} is in the future: today, in Kyiv, is {day - timedelta(1)}"
    assert [(end.type.value, end.name, end.message) for end in ends] == [
        ("COMPLETED", "Completed", "14 days published, 2 figures do not add up"),
        ("COMPLETED", "NotPublishedYet", ahead),
        ("FAILED", "Failed", f"2023-10-10.txt is not published: {REFUSED}"),
    ]
    known = flow_run(api, lake)["state"]
    assert (known["name"], known["message"]) == (ends[-1].name, ends[-1].message)


def test_a_failed_day_fails_its_caller_with_the_reason_alone(tmp_path: Path) -> None:
    """What a worker does with the flow: it asks for its result."""
    (tmp_path / "2023-10-10.txt").write_bytes(b"Nothing of that kind happened today.\n" * 9)
    with pytest.raises(FailedRun, match=r"^2023-10-10.txt is not published: not the bulletin"):
        daily(date=DAY, archive=str(tmp_path), lake=str(tmp_path / "lake"))


def test_what_breaks_a_run_off_is_its_state_and_its_result(
    tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise LakeError("Cannot write x: no space")

    monkeypatch.setattr("flows.lake.parquet.exchange", full)
    lake = tmp_path / "lake"
    ended: State[Any] = one_day(lake, SAMPLES)
    assert (ended.is_failed(), ended.message) == (True, "Cannot write x: no space")
    assert isinstance(ended.result(raise_on_failure=False), LakeError)
    assert task_runs(api, lake, 7)["publish"] == ("Failed", "Cannot write x: no space")
    assert not [text for text in logs(api, lake) if "Traceback" in text]
    assert last_run(lake)["error"] == "LakeError: Cannot write x: no space"


def test_the_log_of_a_run_is_a_story(tmp_path: Path, api: str) -> None:
    lake = tmp_path / "lake"
    backfill(archive=str(SAMPLES), lake=str(lake))
    story = [text for text in logs(api, lake) if not text.startswith("Finished")]
    assert story[1:] == [
        f"backfill: from folder into the lake {lake}",
        "folder: 14 documents",
        "read: 14 documents, 14 bulletins",
        "validated: 14 bulletins accepted, 2 flagged",
        "reconciled: 190 figures on 14 days, 2 do not add up",
        "audited: delta_differs 2, total_falling 1, day_before_missing 6",
        "published: 3 partitions written",
        "14 days published, 2 figures do not add up",
    ]


def test_nothing_is_an_error_where_the_bulletin_is_not_out_yet(tmp_path: Path, api: str) -> None:
    lake = tmp_path / "lake"
    one_day(lake, SAMPLES, tomorrow())
    assert {name for name, _ in task_runs(api, lake, 6).values()} == {
        "Completed",
        "NotPublishedYet",
    }
    assert logs(api, lake, logging.WARNING) == []


def test_a_run_leaves_its_report_what_does_not_add_up_and_where_the_lake_is(
    tmp_path: Path, api: str
) -> None:
    lake = tmp_path / "lake"
    backfill(archive=str(SAMPLES), lake=str(lake))
    run = last_run(lake)
    kinds = {"": "markdown", "-mismatches": "table", "-lake": "markdown"}
    report, table, link = (artifacts(api, f"tallybook-backfill{end}")[0] for end in kinds)
    assert {found["flow_run_id"] for found in (report, table, link)} == {run["run_id"]}
    rows = json.loads(table["data"])
    assert [(row["report_date"], row["category"], row["discrepancy"]) for row in rows] == [
        (row["report_date"], row["category"], row["discrepancy"]) for row in run["mismatches"]
    ]
    assert len(rows) == 2
    assert lake.as_uri() in link["data"]
