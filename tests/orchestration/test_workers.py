"""Reading on workers: the lake is the same, byte for byte, whoever reads and whoever is killed."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from distributed import Client
from prefect import flow
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner

from flows.backfill import backfill
from flows.errors import EngineFailed, UsageError
from flows.orchestration import dask_cluster, runs, workers
from flows.orchestration.worker_choice import MOST_A_CORE, check_workers
from flows.parse import reader
from flows.rebuild import rebuild
from tests import history, kill_scenarios, newsweb
from tests.conftest import HANGS, Command, free_port, wait_until
from tests.prefork import Standing

BATCH = 4
"""Documents of a task: there are more tasks than can be sent ahead."""


@pytest.fixture(autouse=True)
def _server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the flows of a test on the common server, all in one moment and in small tasks."""
    if "prefect_api" not in request.fixturenames:
        yield
        return
    monkeypatch.setattr(runs, "datetime", Standing)
    monkeypatch.setattr(reader, "MOST_AHEAD", BATCH)
    with temporary_settings({PREFECT_API_URL: request.getfixturevalue("prefect_api")}):
        yield


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of bulletins, and of a web archive with some of them."""
    folder = tmp_path_factory.mktemp("documents")
    series = kill_scenarios.series()
    history.write_archive(series, folder)
    newsweb.write_warc(folder / "crawl.warc.gz", newsweb.crawl(60, dict(islice(series.items(), 5))))
    return folder


def files(lake: Path) -> dict[str, bytes]:
    """Return what is in a lake, but for what says when and how it was made."""
    paths = (path for path in lake.rglob("*") if path.is_file())
    found = {path.relative_to(lake).as_posix(): path.read_bytes() for path in paths}
    passing = ("runs/", "last_runs.json", "report/", "alerts/", ".")
    return {name: content for name, content in found.items() if not name.startswith(passing)}


def same(first: Path, second: Path) -> bool:
    there, here = files(first), files(second)
    assert any(name.startswith("losses/") for name in there)
    return there == here


def worker_processes() -> set[int]:
    """Return the processes of the cluster that this one has started."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = (line.split(maxsplit=1) for line in listed.splitlines())
    return {int(pid) for pid, command in lines if "spawn_main" in command}


@pytest.mark.full
def test_the_lake_is_the_same_with_workers_and_with_one_killed_in_the_middle(
    documents: Path, tmp_path: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfill(archive=str(documents), lake=str(tmp_path / "alone"))
    killed: set[int] = set()
    result = workers._result

    def killing(*waiting: Any) -> bytes:
        """Wait for a result; after the first one kill a worker, while others are being made."""
        found = result(*waiting)
        if not killed:
            killed.add(min(worker_processes()))
            os.kill(min(killed), signal.SIGKILL)
        return found

    monkeypatch.setattr(workers, "_result", killing)
    backfill(archive=str(documents), lake=str(tmp_path / "workers"), workers=2)
    assert killed
    assert not worker_processes()
    assert same(tmp_path / "alone", tmp_path / "workers")
    rebuild(lake=str(tmp_path / "workers"), workers=2)
    assert same(tmp_path / "alone", tmp_path / "workers")
    assert not worker_processes()


def has_workers(address: str, number: int) -> bool:
    try:
        with Client(address, timeout=5, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            return len(client.nthreads()) == number
    except OSError:
        return False


@contextmanager
def cluster(folder: Path, number: int) -> Iterator[str]:
    """Run a Dask scheduler on loopback with so many workers; yield its address."""
    address = f"tcp://127.0.0.1:{free_port()}"
    options = ["--no-dashboard", "--host", "127.0.0.1"]
    dask = [sys.executable, "-m", "dask"]
    port = address.rpartition(":")[2]
    programs = [["scheduler", "--port", port], *[["worker", address, "--nthreads", "1"]] * number]
    started = [
        subprocess.Popen([*dask, *program, *options], cwd=folder, stderr=subprocess.DEVNULL)
        for program in programs
    ]
    try:
        wait_until(lambda: has_workers(address, number), "the Dask cluster", started[0])
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(HANGS)


@pytest.mark.full
def test_a_cluster_that_runs_elsewhere_reads(
    documents: Path, tmp_path: Path, prefect_api: str
) -> None:
    alone, helped = tmp_path / "alone", tmp_path / "helped"
    backfill(archive=str(documents), lake=str(alone))
    shutil.copytree(alone, helped)
    with cluster(tmp_path, 2) as address:
        rebuild(lake=str(helped), dask=address)
        assert same(alone, helped)
        backfill(archive=str(documents), lake=str(tmp_path / "new"), dask=address)
        assert same(alone, tmp_path / "new")


@pytest.mark.full
def test_what_is_wrong_with_a_cluster_is_said(
    documents: Path,
    tmp_path: Path,
    prefect_api: str,
    in_process: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asked(address: str) -> tuple[int, str]:
        arguments = ("backfill", "--archive", documents, "--lake", tmp_path / "lake")
        done = in_process(*arguments, "--dask", address, PREFECT_API_URL=prefect_api)
        return done.returncode, done.stderr

    monkeypatch.setattr(dask_cluster, "_PATIENCE", 3)
    nobody = f"tcp://127.0.0.1:{free_port()}"
    status, said = asked(nobody)
    assert (status, f"the Dask cluster at {nobody} cannot be used" in said) == (1, True), said
    status, said = asked("nonsense://here")
    assert (status, "no address of a Dask scheduler" in said) == (2, True), said
    with cluster(tmp_path, 0) as address:
        status, said = asked(address)
    assert (status, "it has no worker" in said) == (1, True), said


def doubled(number: int) -> int:
    if number < 0:
        raise UsageError("it is negative")
    return 2 * number


def spread_over_threads(numbers: list[int]) -> list[int]:
    """Have threads do the work: the code is the same for each of Prefect's task runners."""

    @flow
    def doubling() -> list[int]:
        named = [(f"double {number}", number) for number in numbers]
        threads: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=2)
        with threads as runner:
            return list(workers.spread(runner, copy_context(), lambda: 2, doubled, named))

    return doubling()


def test_results_come_in_order_from_any_task_runner(prefect_api: str) -> None:
    assert spread_over_threads(list(range(9))) == [2 * number for number in range(9)]
    assert spread_over_threads([]) == []


def test_what_the_work_raises_is_raised_here(prefect_api: str) -> None:
    with pytest.raises(UsageError, match="it is negative"):
        spread_over_threads([1, -1])


def test_few_items_are_taken_ahead_of_the_results(prefect_api: str) -> None:
    taken: list[int] = []

    def numbers() -> Iterator[tuple[str, int]]:
        for number in range(50):
            taken.append(number)
            yield f"double {number}", number

    @flow
    def some() -> list[int]:
        threads: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=2)
        with threads as runner:
            spread = partial(workers.spread, runner, copy_context(), lambda: 2, doubled)
            return list(islice(spread(numbers()), 3))

    assert some() == [0, 2, 4]
    assert len(taken) <= 3 + 2 * workers.AHEAD


def test_a_worker_with_another_parser_reads_nothing() -> None:
    with pytest.raises(EngineFailed, match="another version of Tallybook"):
        workers.work_elsewhere("read documents 1-2", "another", b"")


def test_workers_are_refused_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    most = MOST_A_CORE * (os.cpu_count() or 1)
    check_workers(None, None)
    check_workers(most, None)
    with pytest.raises(UsageError, match="one of them"):
        check_workers(2, "tcp://127.0.0.1:8786")
    for number in (0, most + 1):
        with pytest.raises(UsageError, match=f"--workers {number}: give 1 to {most}"):
            check_workers(number, None)
    monkeypatch.setattr("flows.orchestration.worker_choice.find_spec", lambda name: None)
    for asked, option in (((2, None), "--workers"), ((None, "tcp://host:1"), "--dask")):
        with pytest.raises(UsageError, match=rf"{option} needs the extra dask: pip install"):
            check_workers(*asked)
