"""What becomes of a run whose server is restarted, or whose worker is killed, in the middle.

On a real server, with SQLite and with PostgreSQL, and a real worker.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.lake.lake import open_lake
from tests import postgres
from tests.conftest import FRESH_DATABASE, HANGS, SAMPLES, answers, free_port, wait_until
from tests.orchestration.test_flows import DAY, is_final, state_of, trigger
from tests.webserver import Handler, Site, page

pytestmark = pytest.mark.full

PREFECT = [sys.executable, "-m", "prefect", "--no-prompt"]
BULLETIN = (SAMPLES / "2023-10-10-update.txt").read_bytes()
SILENT: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


class Place:
    """A project folder, a Prefect server with a database, and a worker; each can be killed."""

    def __init__(self, folder: Path, database: str | None, site: Site) -> None:
        self.folder, self.site = folder, site
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.lake = folder / "lake"
        home = folder / "home"
        home.mkdir()
        for name in ("flows", "schemas"):
            shutil.copytree(SAMPLES.parent.parent / name, folder / name)
        text = (SAMPLES.parent.parent / "prefect.yaml").read_text("utf-8")
        (folder / "prefect.yaml").write_text(text.replace("active: true", "active: false"), "utf-8")
        sources = folder / "sources.toml"
        sources.write_text(f'[article]\nkind = "article"\nurl = "{site.address}/a"\n')
        self.environment = os.environ | {
            "PREFECT_HOME": str(home),
            "PREFECT_API_URL": self.api,
            "PYTHONPATH": str(folder),
            "TALLYBOOK_SOURCES": str(sources),
        }
        if database:
            self.environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database
        else:
            shutil.copy(FRESH_DATABASE, home / "prefect.db")
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    def start_server(self) -> None:
        self.server = self._start("server", "start", "--port", str(self.port))
        wait_until(lambda: answers(self.api), "the Prefect server", self.server)

    def start_worker(self) -> None:
        self.worker = self._start("worker", "start", "--pool", "tallybook")

    def call(self, *command: str) -> str:
        done = subprocess.run(
            [*PREFECT, *command],
            env=self.environment,
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=HANGS,
        )
        return done.stdout

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*PREFECT, *command],
            env=self.environment,
            cwd=self.folder,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **SILENT,
        )

    def hanging(self) -> tuple[threading.Event, threading.Event]:
        """Let the source's page wait: what is set when it is asked for, and what lets it go on."""
        asked, go_on = threading.Event(), threading.Event()

        def answer(request: Handler) -> None:
            asked.set()
            go_on.wait(HANGS)
            page(BULLETIN, content_type="text/plain")(request)

        self.site.serve("/a", answer)
        return asked, go_on

    def trigger(self) -> str:
        parameters = {"date": str(DAY), "sources": ["article"], "lake": str(self.lake)}
        return trigger(self.api, parameters)

    def state(self, run: str) -> tuple[str, str]:
        state = httpx.get(f"{self.api}/flow_runs/{run}", timeout=60.0).json()["state"]
        return state["type"], state["message"]

    def stop(self) -> None:
        for process in (self.worker, self.server):
            if process and process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(HANGS)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, prefect_api: str, site: Site
) -> Iterator[Place]:
    """Deploy prefect.yaml on a server of its own, with a worker, as an operator would.

    `prefect_api` makes the database that SQLite starts with.
    """
    if request.param == "PostgreSQL":
        programs = postgres.programs()
        if programs is None:
            pytest.skip("PostgreSQL is not here: apt-get install postgresql")
        with postgres.running(programs) as database:
            yield from deployed(Place(tmp_path, database, site))
    else:
        yield from deployed(Place(tmp_path, None, site))


def deployed(place: Place) -> Iterator[Place]:
    try:
        place.start_server()
        place.call("work-pool", "create", "tallybook", "--type", "process")
        place.call("deploy", "--all")
        place.start_worker()
        yield place
    finally:
        place.stop()


def published(place: Place) -> set[Any]:
    return {row.report_date for row in open_lake(place.lake).losses()}


def test_a_run_goes_on_when_its_server_is_restarted(place: Place) -> None:
    asked, go_on = place.hanging()
    run = place.trigger()
    wait_until(asked.is_set, "the run in the middle")
    assert place.server
    os.killpg(place.server.pid, signal.SIGKILL)
    place.server.wait(HANGS)
    assert not answers(place.api)
    place.start_server()
    go_on.set()
    wait_until(lambda: is_final(place.api, run), "the end of the run")
    assert place.state(run) == ("COMPLETED", "1 day published")
    assert published(place) == {DAY}
    again = place.trigger()
    wait_until(lambda: is_final(place.api, again), "another run")
    assert state_of(place.api, again) == "COMPLETED"


def test_a_run_that_is_killed_with_its_worker_ends_crashed_and_the_next_one_does_its_work(
    place: Place,
) -> None:
    tallybook = [sys.executable, "-c", "import sys; from flows.cli.main import main; main()"]
    made = subprocess.run(
        [*tallybook, "alerts", "install"],
        env=place.environment,
        cwd=place.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    # Nobody is named who could be told; that the dead are ended needs nobody.
    assert made.returncode == 2, made
    asked, go_on = place.hanging()
    run = place.trigger()
    wait_until(asked.is_set, "the run in the middle")
    wait_until(lambda: has_a_sign_of_life(place.api, run), "the first sign of life")
    assert place.worker
    kill_with_children(place.worker)
    assert state_of(place.api, run) == "RUNNING"
    place.start_worker()
    next_one = place.trigger()
    wait_until(lambda: is_final(place.api, run), "the end of the dead run")
    kind, message = place.state(run)
    assert kind == "CRASHED"
    assert "no sign of life for 90 seconds" in message
    go_on.set()
    wait_until(lambda: is_final(place.api, next_one), "the next run")
    assert place.state(next_one) == ("COMPLETED", "1 day published")
    assert published(place) == {DAY}


def has_a_sign_of_life(api: str, run: str) -> bool:
    wanted = {"filter": {"event": {"name": ["prefect.flow-run.heartbeat"]}}, "limit": 50}
    found = httpx.post(f"{api}/events/filter", json=wanted, timeout=60.0).json()
    return any(run in one["resource"]["prefect.resource.id"] for one in found["events"])


def kill_with_children(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all that it started, in whatever group, as a machine that stops does."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = (line.split() for line in listed.splitlines())
    parents = {int(pid): int(parent) for pid, parent in pairs}
    doomed = {process.pid}
    while more := {pid for pid, parent in parents.items() if parent in doomed} - doomed:
        doomed |= more
    for pid in doomed:
        os.kill(pid, signal.SIGKILL)
    process.wait(HANGS)
