"""What a command hands to the flow engine, and what it says when the engine itself fails."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.exceptions import MissingResult

from flows.cli import flow_runs
from flows.errors import EngineFailed, LakeError
from flows.lake.lake import open_lake
from flows.orchestration.handover import handed_over
from flows.settings import load_settings
from tests.conftest import SAMPLES
from tests.webserver import page, running

SECRET = "https://desk:sesame@outlet.example/a?token=open4711"


class State:
    def __init__(self, result: object) -> None:
        self._result = result

    def result(self, *, raise_on_failure: bool) -> object:
        return self._result


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flow: Any, **parameters: Any) -> int:
    monkeypatch.setattr(flow_runs, "_flow", lambda name: flow)
    lake = open_lake(tmp_path / "lake", create=True)
    return flow_runs.through_flow("daily", lake, load_settings(), verbose=False, **parameters)


def test_no_secret_of_an_address_is_a_parameter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def flow(**parameters: Any) -> State:
        seen.update(parameters)
        handover = handed_over()
        assert handover is not None
        assert handover.url == SECRET
        return State(LakeError("stop here"))

    with pytest.raises(LakeError, match="stop here"):
        run(tmp_path, monkeypatch, flow, url=SECRET)
    assert seen["url"] == "https://***@outlet.example/a?token=***"
    assert "sesame" not in str(seen)


@pytest.mark.parametrize(
    "error",
    [
        MissingResult("The result was lost"),
        httpx.ConnectError("[Errno 111] Connection refused"),
        httpx.HTTPStatusError(
            "Server error '503'",
            request=httpx.Request("POST", "http://127.0.0.1/api"),
            response=httpx.Response(503),
        ),
    ],
)
@pytest.mark.parametrize("raised", [True, False])
def test_the_engine_s_own_failure_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, raised: bool
) -> None:
    def flow(**_: Any) -> State:
        if raised:
            raise error
        return State(error)

    with pytest.raises(EngineFailed, match="run it again") as told:
        run(tmp_path, monkeypatch, flow)
    assert "[Errno" not in str(told.value)


@pytest.mark.full
def test_a_server_that_is_overloaded_is_told_as_that(tmp_path: Path) -> None:
    """A real command, and a real server that lives and does nothing else but say 503."""
    busy = page(b'{"detail": "busy"}', status=503, content_type="application/json")
    with running() as site:
        site.otherwise = busy
        site.serve("/api/health", page(b"true", content_type="application/json"))
        site.serve("/api/admin/version", page(b'"3.4.0"', content_type="application/json"))
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from flows.cli.main import main; main()",
                "backfill",
                "--archive",
                str(SAMPLES),
            ],
            env=os.environ
            | {"PREFECT_API_URL": f"{site.address}/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
            | {"TALLYBOOK_LAKE": str(tmp_path / "lake"), "PREFECT_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 1
    assert "(Prefect) failed" in done.stderr
    assert "503" in done.stderr
    assert "run it again" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_of_ours_is_none_of_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flow(**_: Any) -> State:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(tmp_path, monkeypatch, flow)
