"""The flows on a real Prefect server: how runs end and what they leave, retries, schedule."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prefect.blocks.system import Secret
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import SecretStr

from flows import daily as daily_flow
from flows.audit import audit
from flows.backfill import backfill
from flows.daily import daily
from flows.errors import UsageError
from flows.lake.lake import open_lake
from flows.orchestration import runs
from flows.orchestration.runs import TAG
from flows.rebuild import rebuild
from flows.report.run_summary import Summary
from flows.serve import DEPLOYED, NAME, SIGN_OF_LIFE, TIME_ZONE
from schemas.records import Document
from tests.conftest import (
    FRESH_DATABASE,
    HANGS,
    SAMPLES,
    TALLYBOOK,
    answers,
    free_port,
    tomorrow,
    wait_until,
)
from tests.reports import shown
from tests.webserver import Site, page

BULLETIN = (SAMPLES / "2023-10-10-update.txt").read_bytes()
DAY = date(2023, 10, 10)


@pytest.fixture(autouse=True)
def _server(prefect_api: str) -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield


def summary_of(state: State[Any]) -> Summary:
    summary = state.result(raise_on_failure=False)
    assert isinstance(summary, Summary)
    return summary


def one_day(lake: Path, archive: Path, day: date = DAY) -> State[Any]:
    return daily(date=day, archive=str(archive), lake=str(lake), return_state=True)


def tables(lake: Path) -> dict[str, bytes]:
    """Return the published files by their path; runs and revisions tell when, not what."""
    folders = ("losses", "figures", "bulletins")
    found = [path for name in folders for path in sorted((lake / name).rglob("*.parquet"))]
    assert found
    return {str(path.relative_to(lake)): path.read_bytes() for path in found}


def last_run(lake: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(max((lake / "runs").iterdir()).read_text())
    del summary["checksum"]  # of the file, and none of its record
    return summary


def artifacts(api: str, key: str) -> list[dict[str, Any]]:
    wanted = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC"}
    found: list[dict[str, Any]] = httpx.post(f"{api}/artifacts/filter", json=wanted).json()
    return found


def test_a_day_is_published_and_reported(tmp_path: Path, prefect_api: str) -> None:
    state = one_day(tmp_path / "lake", SAMPLES)
    assert state.is_completed()
    summary = summary_of(state)
    assert summary.exit_status == 0
    rows = open_lake(tmp_path / "lake").losses()
    assert {row.report_date for row in rows} == {DAY}
    assert last_run(tmp_path / "lake") == shown(summary.record())
    (report, *_) = artifacts(prefect_api, "tallybook-daily")
    assert report["type"] == "markdown"
    assert "2023-10-10" in report["data"]
    assert report["flow_run_id"] == summary.run_id
    assert "2023-10-10" in (tmp_path / "lake/report/index.html").read_text("utf-8")


def test_a_backfill_twice_and_a_rebuild_give_the_same_bytes(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    for _ in range(2):
        state = backfill(archive=str(SAMPLES), lake=str(lake), return_state=True)
        assert state.is_completed()
        assert len(summary_of(state).days) == 14
    published = tables(lake)
    rebuilt = rebuild(lake=str(lake), return_state=True)
    assert rebuilt.is_completed()
    assert summary_of(rebuilt).sources == ()
    assert tables(lake) == published
    assert len(list((lake / "runs").iterdir())) == 3


@pytest.mark.full
def test_days_one_by_one_give_the_bytes_of_a_backfill(tmp_path: Path) -> None:
    for day in (9, 8, 10):
        one_day(tmp_path / "daily", SAMPLES, date(2023, 10, day))
    backfill(
        since=date(2023, 10, 8),
        until=date(2023, 10, 10),
        archive=str(SAMPLES),
        lake=str(tmp_path / "backfill"),
        return_state=True,
    )
    assert tables(tmp_path / "daily") == tables(tmp_path / "backfill")


def test_a_quarantined_day_ends_failed_and_is_kept(tmp_path: Path, prefect_api: str) -> None:
    archive = tmp_path / "documents"
    archive.mkdir()
    (archive / "2023-10-10.txt").write_bytes(b"Nothing of that kind happened today.\n" * 9)
    state = one_day(tmp_path / "lake", archive)
    assert state.is_failed()
    left = last_run(tmp_path / "lake")
    assert (left["state"], left["exit_status"]) == ("failed", 1)
    assert len(left["quarantined"]) == 1
    assert len(open_lake(tmp_path / "lake").archive.keys()) == 1
    assert artifacts(prefect_api, "tallybook-daily")[0]["flow_run_id"] == left["run_id"]


def test_a_day_without_a_document_is_not_published_yet(tmp_path: Path) -> None:
    state = one_day(tmp_path / "lake", SAMPLES, tomorrow())
    assert (state.is_completed(), state.name) == (True, "NotPublishedYet")
    assert summary_of(state).exit_status == 75
    assert last_run(tmp_path / "lake")["exit_status"] == 75


def test_after_its_deadline_it_is_late_and_that_is_a_failure(tmp_path: Path) -> None:
    state = one_day(tmp_path / "lake", SAMPLES, date(2023, 11, 1))
    assert state.is_failed()
    assert str(state.message).startswith("2023-11-01 is not published; it should be since 18:00")
    left = last_run(tmp_path / "lake")
    assert (left["exit_status"], left["late"], left["arrived"]) == (1, True, False)


def test_a_run_without_a_date_catches_up_and_looks_back_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine was off for days: as if it were 10 October 2023, and then the 11th."""
    lake, archive = tmp_path / "lake", tmp_path / "documents"
    shutil.copytree(SAMPLES, archive)
    one_day(lake, archive, date(2023, 9, 27))
    one_day(lake, archive, date(2023, 10, 4))

    def scheduled(day: date) -> dict[str, Any]:
        for module in (daily_flow, runs):
            monkeypatch.setattr(module, "scheduled_date", lambda: day)
        daily(archive=str(archive), lake=str(lake), return_state=True)
        return last_run(lake)

    caught_up = scheduled(DAY)
    assert (caught_up["since"], caught_up["until"]) == ("2023-09-28", "2023-10-10")
    assert (caught_up["arrived"], caught_up["behind"]) == (True, None)
    assert len({row.report_date for row in open_lake(lake).losses()}) == 14
    monkeypatch.setenv("TALLYBOOK_CATCH_UP_DAYS", "3")
    again = scheduled(date(2023, 10, 25))
    assert (again["since"], again["until"]) == ("2023-10-22", "2023-10-25")
    assert (again["exit_status"], again["late"]) == (1, True)
    assert again["behind"] == ["2023-10-11", "2023-10-21"]


def test_the_audit_tells_whether_the_lake_is_whole_and_fresh_and_sweeps(
    tmp_path: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tmp_path / "lake"
    one_day(lake, SAMPLES)
    (kept,) = (lake / "runs").iterdir()
    old = kept.with_name("20200101T000000Z-old.json")
    shutil.copy(kept, old)
    state = audit(lake=str(lake), return_state=True)
    assert state.is_failed()
    assert str(state.message).startswith(
        "the lake is whole; The newest day on record is 2023-10-10"
    )
    assert str(state.message).endswith("; 1 file of old runs removed")
    assert [*(lake / "runs").iterdir()] == [kept]
    assert "2023-10-10" in artifacts(prefect_api, "tallybook-audit")[0]["data"]
    monkeypatch.setenv("TALLYBOOK_STALE_AFTER_DAYS", "3650")
    monkeypatch.setenv("TALLYBOOK_KEEP_RUNS_DAYS", "0")
    shutil.copy(kept, old)
    assert audit(lake=str(lake), return_state=True).is_completed()
    assert old.exists()
    (lake / "losses/year=2023/part-0.parquet").unlink()
    broken = audit(lake=str(lake), return_state=True)
    assert broken.is_failed()
    assert "problem" in str(broken.message)


def article(monkeypatch: pytest.MonkeyPatch, folder: Path, url: str, delays: str) -> None:
    """Configure one source, an article under this URL."""
    path = folder / "sources.toml"
    text = f'[article]\nkind = "article"\nurl = "{url}"\nretry_delays = {delays}\n'
    path.write_text(text + '[folder]\nkind = "folder"\npath = "/nowhere"\n')
    monkeypatch.setenv("TALLYBOOK_SOURCES", str(path))


@pytest.mark.parametrize("passing", [503, 429])
def test_the_fetch_is_tried_again_for_errors_that_may_pass(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch, passing: int
) -> None:
    failing = page(b"", status=passing)
    url = site.serve("/a", failing, failing, page(BULLETIN, content_type="text/plain"))
    article(monkeypatch, tmp_path, url, "[0, 0.1]")
    state = daily(date=DAY, sources=["article"], lake=str(tmp_path / "lake"), return_state=True)
    assert state.is_completed()
    assert len(site.requests) == 3
    assert summary_of(state).rows.number == 14


@pytest.mark.parametrize(("status", "outcome"), [(503, "unreachable"), (403, "refused")])
def test_a_source_that_gives_nothing_fails_the_day(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch, status: int, outcome: str
) -> None:
    url = site.serve("/a", page(b"", status=status))
    article(monkeypatch, tmp_path, url, "[0]")
    state = daily(date=DAY, sources=["article"], lake=str(tmp_path / "lake"), return_state=True)
    assert state.is_failed()
    assert len(site.requests) == (2 if outcome == "unreachable" else 1)
    (source,) = last_run(tmp_path / "lake")["sources"]
    assert source["outcome"] == outcome
    assert str(status) in source["detail"]
    assert state.message == f"article: {outcome}: {source['detail']}"


def test_one_source_down_does_not_stop_the_others(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    article(monkeypatch, tmp_path, site.serve("/a", page(b"", status=500)), "[]")
    state = daily(
        date=DAY,
        sources=["article"],
        archive=str(SAMPLES),
        lake=str(tmp_path / "lake"),
        return_state=True,
    )
    outcomes = {source.source: source.outcome for source in summary_of(state).sources}
    assert outcomes == {"article": "unreachable", "folder": "ok"}
    assert summary_of(state).rows.number == 14


def test_a_run_that_breaks_leaves_a_summary_and_its_documents(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    one_day(lake, SAMPLES)
    (lake / "losses" / "year=2023" / "part-0.parquet").write_bytes(b"no Parquet")
    state = one_day(lake, SAMPLES, date(2023, 10, 9))
    assert state.is_failed()
    assert last_run(lake)["error"]
    assert last_run(lake)["state"] == "failed"
    assert len(open_lake(lake).archive.keys()) == 2


def test_a_run_takes_up_what_another_left(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    one_day(lake, SAMPLES, date(2023, 10, 8))
    left = Document("folder", "left.txt", (SAMPLES / "2023-10-09-day-593.html").read_bytes())
    opened = open_lake(lake)
    opened.archive.store([left], summary_of(one_day(lake, SAMPLES)).started_at)
    summary = summary_of(one_day(lake, SAMPLES))
    assert {day.report_date.day for day in summary.rows.days} >= {9, 10}
    assert {row.report_date.day for row in opened.losses()} == {8, 9, 10}


def test_a_token_can_be_kept_in_a_prefect_block(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    block: Any = Secret(value=SecretStr("sesame-4711"))
    block.save("outlet-token", overwrite=True)
    url = site.serve("/a", page(BULLETIN, content_type="text/plain"))
    article(monkeypatch, tmp_path, url, '[]\ntoken = "block:outlet-token"')
    lake = tmp_path / "lake"
    state = daily(date=DAY, sources=["article"], lake=str(lake), return_state=True)
    assert state.is_completed()
    assert site.requests[0][1]["Authorization"] == "Bearer sesame-4711"
    kept = b"".join(path.read_bytes() for path in lake.rglob("*") if path.is_file())
    assert b"sesame" not in kept
    with pytest.raises(UsageError, match="no Prefect Secret block none"):
        runs.secret("block:none")


def test_an_unknown_source_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no source is called 'none'"):
        daily(sources=["none"], lake=str(tmp_path / "lake"))


@pytest.mark.full  # Half a minute of imports: tests/publish/test_crash.py lets two runs meet, too.
def test_runs_at_the_same_time_leave_the_lake_whole(tmp_path: Path, prefect_api: str) -> None:
    lake = tmp_path / "lake"
    environment = os.environ | {"PREFECT_API_URL": prefect_api}
    common = ["--archive", str(SAMPLES), "--lake", str(lake)]
    commands = [["backfill", *common], ["run", "--date", "2023-10-03", *common]]
    running = [
        subprocess.Popen(
            [TALLYBOOK, *command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for command in commands
    ]
    ended = [(process.communicate(timeout=HANGS)[1], process.returncode) for process in running]
    assert [status for _, status in ended] == [0, 0], ended
    backfill(archive=str(SAMPLES), lake=str(tmp_path / "alone"), return_state=True)
    assert tables(lake) == tables(tmp_path / "alone")


def deployment(api: str, flow: str = "daily") -> dict[str, Any]:
    """Return the deployment of a flow, empty until it is there."""
    answer = httpx.get(f"{api}/deployments/name/{flow}/{NAME}")
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return found


def are_deployed(api: str) -> bool:
    return all(deployment(api, one.flow.name) for one in DEPLOYED)


def check_deployments(api: str) -> None:
    for one in DEPLOYED:
        found = deployment(api, one.flow.name)
        schedules = [(s["schedule"]["cron"], s["schedule"]["timezone"]) for s in found["schedules"]]
        assert schedules == ([(one.cron, "Europe/Kyiv")] if one.cron else [])
        assert all(schedule["active"] for schedule in found["schedules"])
        assert not found["paused"]
        assert found["global_concurrency_limit"]["limit"] == 1
        assert found["tags"] == ["tallybook", one.flow.name]
        assert found["description"] == one.description
        assert found["enforce_parameter_schema"]
        parameters = found["parameter_openapi_schema"]["properties"]
        assert all(parameter.get("description") for parameter in parameters.values()), parameters


@pytest.mark.full
def test_serve_runs_the_daily_flow_beside_a_server_of_its_own(tmp_path: Path) -> None:
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    (tmp_path / "home").mkdir()
    shutil.copy(FRESH_DATABASE, tmp_path / "home" / "prefect.db")
    environment = os.environ | {
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_SERVER_API_PORT": str(port),
    }
    environment.pop("PREFECT_API_URL", None)
    served = subprocess.Popen([TALLYBOOK, "serve", "--lake", "lake"], env=environment, cwd=tmp_path)
    try:
        wait_until(lambda: answers(api) and are_deployed(api), "the deployments")
        check_deployments(api)
        run = trigger(api, {"date": DAY.isoformat(), "archive": str(SAMPLES)})
        wait_until(lambda: is_final(api, run), "the triggered run")
        assert state_of(api, run) == "COMPLETED"
        assert {row.report_date for row in open_lake(tmp_path / "lake").losses()} == {DAY}
    finally:
        served.send_signal(signal.SIGTERM)
        served.wait(HANGS)
    assert not answers(api)


def trigger(api: str, parameters: Mapping[str, Any]) -> str:
    """Start a run of the deployment; its id."""
    body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
    path = f"{api}/deployments/{deployment(api)['id']}/create_flow_run"
    runs: list[str] = []

    def accepted() -> bool:  # a busy server says 503
        answer = httpx.post(path, json=body, timeout=60.0)
        runs.extend([answer.json()["id"]] if answer.is_success else [])
        return bool(runs)

    wait_until(accepted, "the run")
    return runs[0]


def state_of(api: str, run: str) -> str:
    answer = httpx.get(f"{api}/flow_runs/{run}", timeout=60.0)
    state: str = answer.json()["state"]["type"] if answer.is_success else "UNKNOWN"
    return state


def is_final(api: str, run: str) -> bool:
    return state_of(api, run) in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def test_the_schedule_outlives_serve_on_a_configured_server(
    tmp_path: Path, prefect_api: str
) -> None:
    environment = os.environ | {"PREFECT_API_URL": prefect_api}
    served = subprocess.Popen([TALLYBOOK, "serve", "--lake", "lake"], env=environment, cwd=tmp_path)
    try:
        wait_until(lambda: are_deployed(prefect_api), "the deployments")
    finally:
        served.send_signal(signal.SIGINT)
        served.wait(HANGS)
    check_deployments(prefect_api)
    assert deployment(prefect_api)["parameters"]["lake"] == str(tmp_path / "lake")


def test_prefect_yaml_declares_what_serve_deploys() -> None:
    declared = yaml.safe_load((SAMPLES.parent.parent / "prefect.yaml").read_text("utf-8"))
    sign = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": SIGN_OF_LIFE}
    for one, wanted in zip(declared["deployments"], DEPLOYED, strict=True):
        schedule = {"cron": wanted.cron, "timezone": TIME_ZONE, "active": True}
        assert one == {
            "name": NAME,
            "description": wanted.description,
            "tags": [TAG, wanted.flow.name],
            "entrypoint": f"flows.{wanted.flow.name}.{wanted.flow.name}",
            "work_pool": {"name": NAME, "job_variables": {"env": sign}},
            "concurrency_limit": 1,
            **({"schedules": [schedule]} if wanted.cron else {}),
        }


@pytest.mark.full
def test_prefect_deploys_what_prefect_yaml_declares(tmp_path: Path, prefect_api: str) -> None:
    root = SAMPLES.parent.parent
    for name in ("prefect.yaml", "flows", "schemas"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, tmp_path / name)
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    for command in (
        ["work-pool", "create", "tallybook", "--type", "process"],
        ["deploy", "--all"],
    ):
        subprocess.run(
            [*prefect, *command],
            env=os.environ | {"PREFECT_API_URL": prefect_api},
            cwd=tmp_path,
            check=True,
            capture_output=True,
            timeout=HANGS,
        )
    check_deployments(prefect_api)
    assert {deployment(prefect_api, d.flow.name)["work_pool_name"] for d in DEPLOYED} == {NAME}
