"""What tests share: how they are dealt out, a Prefect server, the command, a web server."""

import gc
import io
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, Any

import httpx
import hypothesis
import pytest

from flows.orchestration import environment
from flows.settings import kyiv_date
from tests import webserver
from tests.asked_once import asked_once
from tests.disk import no_waiting_for_the_disk

# Before anything imports Prefect: its own home, and no word on the terminal.
_HOME = tempfile.TemporaryDirectory(prefix="tallybook-prefect-")
os.environ["PREFECT_HOME"] = _HOME.name
environment.prepare()

# A shell lets what it runs in the background ignore Ctrl-C, and every command started here would.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

FRESH_DATABASE = Path(_HOME.name, "fresh.db")
"""Prefect's database as `prefect_api` found it made: making it takes longer than a start."""

TALLYBOOK = str(Path(sys.executable).with_name("tallybook"))
SAMPLES = Path(__file__).parent.parent / "data" / "bulletins"

HEAVY = {
    Path(__file__).parent / name
    for name in ("orchestration", "validate", "report/test_rules.py", "test_hostile_text.py")
}
"""The tests that import Prefect or Great Expectations, which takes seconds: all slow."""

SERVED = (
    *("tests/orchestration/test_flows.py", "tests/orchestration/test_visible_runs.py"),
    *("tests/orchestration/test_handover.py", "tests/orchestration/test_worker.py"),
    *("tests/orchestration/test_alerts.py", "tests/orchestration/test_schedule.py"),
    *("tests/orchestration/test_killed.py", "tests/orchestration/test_workers.py"),
    *("tests/cli/test_main.py", "tests/cli/test_sources.py", "tests/test_index_history.py"),
    *("tests/storage/test_commands.py", "tests/test_hostile_text.py"),
)
"""What asks for `prefect_api`. One worker takes those of `orchestration`, one the others, so that
two servers are started: both halves wait for theirs often, and take about as long."""

HANGS = 900.0
"""Seconds after which what has not come will not come: a busy machine starts a server in 150."""

Command = Callable[..., "subprocess.CompletedProcess[str]"]

SLOW_FIXTURES = {"prefect_api", "tallybook", "in_process"}
"""They start a server or a process of seconds, or import Prefect."""

READABLE = re.compile(r"[ -\[\]-~]{1,80}")
"""Printable ASCII of a line's length, without the backslash that pytest would double."""


# No example is too slow on a busy machine. What `make test` tries does not change from one run to
# the next; `make test-full` tries other examples every time, and more; see tests/tries.py.
hypothesis.settings.register_profile("same", max_examples=25, deadline=None, derandomize=True)
hypothesis.settings.register_profile("other", max_examples=200, deadline=None, print_blob=True)
hypothesis.settings.load_profile("same")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import the heavy ones where no slow test is asked for."""
    return (collection_path in HEAVY and "not slow" in config.option.markexpr) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Call slow what needs a heavy package or the command, and put the files with that first.

    Workers are given whole files in this order: what takes longest does not come last.
    """
    for item in items:
        if SLOW_FIXTURES & _fixtures(item) or not HEAVY.isdisjoint([item.path, *item.path.parents]):
            item.add_marker("slow")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (not item.nodeid.startswith(SERVED), item.path not in slow))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what is imported: it stays, and looking takes seconds."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Of `--dist loadfile`: a whole file at a time, but all of half of `SERVED` to one worker."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    scheduler = LoadFileScheduling(config, log)
    file_of = scheduler._split_scope

    def scope_of(node: str) -> str:
        if not node.startswith(SERVED):
            return str(file_of(node))
        return "served flows" if node.startswith("tests/orchestration/") else "served commands"

    scheduler._split_scope = scope_of
    return scheduler


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a parameter that is bytes, or a text to be escaped or cut, by its argument's name."""
    readable = not isinstance(val, str | bytes) or (
        isinstance(val, str) and READABLE.fullmatch(val)
    )
    return None if readable else argname


def tomorrow() -> date:
    """Return a day, in Kyiv, whose bulletin is not out yet and cannot be late."""
    return kyiv_date(datetime.now(UTC)) + timedelta(days=1)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(
    ready: Callable[[], bool], what: str, process: "subprocess.Popen[Any] | None" = None
) -> None:
    """Poll until `ready` says so; fail, naming `what`, as soon as the `process` has ended.

    However slow the machine is: the limit is there for what hangs.
    """
    until = time.monotonic() + HANGS
    while not ready():
        assert process is None or process.poll() is None, f"{what}: its process has ended"
        assert time.monotonic() < until, f"{what}: not within {HANGS:g} s"
        time.sleep(0.1)


def answers(api: str) -> bool:
    """Whether a Prefect server is up at this API address."""
    try:
        return httpx.get(f"{api}/health", timeout=5.0).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _quick_disk() -> Iterator[None]:
    """Do not wait for the disk in this process, whose lakes are thrown away; a command does."""
    with no_waiting_for_the_disk():
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_gate() -> Iterator[None]:
    """Ask Great Expectations once in this process of the same rows."""
    with asked_once():
        yield


@pytest.fixture
def site() -> Iterator[webserver.Site]:
    """Run a web server on loopback whose pages the test puts up."""
    with webserver.running() as started:
        yield started


@pytest.fixture(scope="session")
def prefect_api() -> Iterator[str]:
    """Run one real Prefect server for all tests that run flows; its API address."""
    from flows.orchestration.server import OwnServer

    server = OwnServer()  # `prefect server start` takes twice its CPU to start
    try:
        wait_until(lambda: answers(server.api), "the Prefect server", server._process)
        with closing(sqlite3.connect(Path(_HOME.name, "prefect.db"))) as made:
            made.execute("VACUUM INTO ?", (str(FRESH_DATABASE),))
        yield server.api
    finally:
        server.stop()


@pytest.fixture
def tallybook(tmp_path: Path) -> Command:
    """Return a function that runs the installed command in an empty folder."""

    def call(
        *arguments: str | Path, stdin: "str | bytes | IO[bytes] | None" = None, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [TALLYBOOK, *map(str, arguments)],
            input=given if isinstance(given, bytes) else None,
            stdin=None if isinstance(given, bytes) else given or DEVNULL,
            capture_output=True,
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "100"} | variables,
            timeout=HANGS,
            check=False,
        )
        text = (done.stdout.decode(), done.stderr.decode())
        return subprocess.CompletedProcess(done.args, done.returncode, *text)

    return call


@pytest.fixture
def in_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Return a function like `tallybook` that runs the command in this process.

    A process of its own spends seconds on imports: that is for tests of how a command starts, ends
    or meets the terminal, this one for what it does and says.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.cli.main import call as command

    def call(
        *arguments: str | Path, stdin: str | bytes = b"", **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        given_in = io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin)
        api = {PREFECT_API_URL: variables.get("PREFECT_API_URL")}
        capsys.readouterr()
        with (
            monkeypatch.context() as patch,
            temporary_settings(api if api[PREFECT_API_URL] else {}),
        ):
            patch.chdir(tmp_path)
            patch.setattr(sys, "stdin", io.TextIOWrapper(given_in, "utf-8"))
            for name, value in ({"COLUMNS": "100"} | variables).items():
                patch.setenv(name, value)
            given = set(os.environ)
            status = command([str(argument) for argument in arguments])
            for name in set(os.environ) - given:  # what it set for its children is not for later
                del os.environ[name]
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    before = signal.getsignal(signal.SIGTERM)  # A run ends in order when it is told to stop.
    yield call
    signal.signal(signal.SIGTERM, before)
