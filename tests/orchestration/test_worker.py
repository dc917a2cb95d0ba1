"""The deployment of prefect.yaml on a real worker, triggered as a form or a program does it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.lake.lake import open_lake
from tests.conftest import SAMPLES, wait_until
from tests.orchestration.test_flows import DAY, deployment, is_final, last_run, trigger

PREFECT = [sys.executable, "-m", "prefect", "--no-prompt"]
REFUSED = "not the bulletin: no list of losses stands in the text"


@pytest.fixture(scope="module")
def worker(prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Deploy a copy of the project, its schedule switched off, and run a worker; the API."""
    project, root = tmp_path_factory.mktemp("project"), SAMPLES.parent.parent
    for name in ("flows", "schemas"):
        shutil.copytree(root / name, project / name)
    text = (root / "prefect.yaml").read_text("utf-8")
    assert "active: true" in text
    (project / "prefect.yaml").write_text(text.replace("active: true", "active: false"), "utf-8")
    environment = os.environ | {"PREFECT_API_URL": prefect_api, "PYTHONPATH": str(project)}
    for command in (
        ["work-pool", "create", "tallybook", "--type", "process", "--overwrite"],
        ["deploy", "--all"],
    ):
        subprocess.run(
            [*PREFECT, *command], env=environment, cwd=project, check=True, capture_output=True
        )
    running = subprocess.Popen(
        [*PREFECT, "worker", "start", "--pool", "tallybook"],
        env=environment,
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield prefect_api
    finally:
        running.terminate()
        running.wait()


def ended(api: str, **parameters: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the flow run of these parameters when it is over, and what its log has of errors."""
    run = trigger(api, parameters)
    wait_until(lambda: is_final(api, run), "the triggered run")
    wanted = {"logs": {"flow_run_id": {"any_": [run]}, "level": {"ge_": 40}}}
    logs = httpx.post(f"{api}/logs/filter", json=wanted).json()
    return httpx.get(f"{api}/flow_runs/{run}").json(), [log["message"] for log in logs]


@pytest.mark.full
def test_a_failed_day_ends_failed_with_the_reason_in_one_sentence(
    worker: str, tmp_path: Path
) -> None:
    (tmp_path / "documents").mkdir()
    document = tmp_path / "documents" / "2023-10-10.txt"
    document.write_bytes(b"Nothing of that kind happened today.\n" * 9)
    lake = tmp_path / "lake"
    run, errors = ended(worker, date=str(DAY), archive=str(document.parent), lake=str(lake))
    assert (run["state"]["type"], run["state"]["name"]) == ("FAILED", "Failed")
    # The one more is that the day is late.
    assert run["state"]["message"] == f"2023-10-10.txt is not published: {REFUSED}; 1 more"
    assert (run["name"], set(run["tags"])) == (f"daily {DAY}", {"tallybook", "daily"})
    assert not [text for text in errors if "Traceback" in text or "TypeError" in text]
    assert last_run(lake)["run_id"] == run["id"]
    assert len(last_run(lake)["quarantined"]) == 1


@pytest.mark.full
def test_a_day_that_is_there_ends_completed(worker: str, tmp_path: Path) -> None:
    run, errors = ended(worker, date=str(DAY), archive=str(SAMPLES), lake=str(tmp_path))
    assert (run["state"]["type"], run["state"]["message"]) == ("COMPLETED", "1 day published")
    assert errors == []
    assert {row.report_date for row in open_lake(tmp_path).losses()} == {DAY}


@pytest.mark.full
def test_what_cannot_be_done_ends_failed_with_a_sentence_too(worker: str, tmp_path: Path) -> None:
    run, errors = ended(worker, date=str(DAY), sources=["none"], lake=str(tmp_path))
    assert run["state"]["type"] == "FAILED"
    assert run["state"]["message"].startswith("no source is called 'none'")
    assert not [text for text in errors if "Traceback" in text]


@pytest.mark.full
@pytest.mark.parametrize("wrong", ["yesterday", "2022-02-24", "2023-02-30"])
def test_a_date_that_is_none_is_refused_when_it_is_asked_for(worker: str, wrong: str) -> None:
    path = f"{worker}/deployments/{deployment(worker)['id']}/create_flow_run"
    answer = httpx.post(path, json={"parameters": {"date": wrong}})
    assert answer.status_code == 409
    assert "field 'date'" in answer.json()["detail"]
