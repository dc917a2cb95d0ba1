"""What several tests share: a web server that misbehaves, one Prefect server, the real command."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from flows.orchestration import environment
from tests import webserver

# Before anything imports Prefect: its own home, and no word on the terminal.
_HOME = tempfile.TemporaryDirectory(prefix="tallybook-prefect-")
os.environ["PREFECT_HOME"] = _HOME.name
environment.prepare()

TALLYBOOK = str(Path(sys.executable).with_name("tallybook"))
SAMPLES = Path(__file__).parent.parent / "data" / "bulletins"

Command = Callable[..., "subprocess.CompletedProcess[str]"]

READABLE = re.compile(r"[ -\[\]-~]{1,80}")
"""Printable ASCII of a line's length, without the backslash that pytest would double."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a parameter that is bytes, or a text to be escaped or cut, by its argument's name."""
    readable = not isinstance(val, str | bytes) or (
        isinstance(val, str) and READABLE.fullmatch(val)
    )
    return None if readable else argname


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
    """Poll until `ready` says so; fail, naming `what`, when it takes too long."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, f"{what}: not within {seconds:g} s"
        time.sleep(0.1)


def answers(api: str) -> bool:
    """Whether a Prefect server is up at this API address."""
    try:
        return httpx.get(f"{api}/health", timeout=5.0).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def site() -> Iterator[webserver.Site]:
    """Run a web server on loopback whose pages the test puts up."""
    with webserver.running() as started:
        yield started


@pytest.fixture(scope="session")
def prefect_api() -> Iterator[str]:
    """Run one real Prefect server for all tests that run flows; its API address."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        api = f"http://127.0.0.1:{port}/api"
        wait_until(lambda: answers(api), "the Prefect server")
        yield api
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def tallybook(tmp_path: Path) -> Command:
    """Return a function that runs the installed command in an empty folder."""

    def call(
        *arguments: str | Path, stdin: str | bytes | None = None, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [TALLYBOOK, *map(str, arguments)],
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "100"} | variables,
            timeout=300,
            check=False,
        )
        text = (done.stdout.decode(), done.stderr.decode())
        return subprocess.CompletedProcess(done.args, done.returncode, *text)

    return call
