"""Our own Prefect server is there as long as whoever started it, and no longer."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from flows.errors import TallybookError
from flows.orchestration import database
from flows.orchestration.server import HOST, OwnServer
from tests.conftest import HANGS, wait_until

STARTER = """
import sys
from flows.orchestration.server import OwnServer
server = OwnServer(of_one_run=True)
print(server._process.pid, flush=True)
sys.stdin.read()
"""


def is_there(pid: int) -> bool:
    """Whether the process is there, and no zombie that nobody waits for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks the processes up in /proc")
@pytest.mark.parametrize(
    "ending", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.full)]
)
def test_it_ends_with_a_process_that_is_killed(tmp_path: Path, ending: signal.Signals) -> None:
    environment = os.environ | {"PREFECT_HOME": str(tmp_path)}
    command = [sys.executable, "-c", STARTER]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        pid = int(starter.stdout.readline())
        assert is_there(pid)
        starter.send_signal(ending)
    wait_until(lambda: not is_there(pid), "the end of the server")


def test_it_ends_where_a_profile_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started before Prefect's settings are read, which name the server that is asked."""
    (tmp_path / "profiles.toml").write_text(
        f'active = "ours"\n[profiles.ours]\nPREFECT_API_URL = "http://{HOST}:9/api"\n', "utf-8"
    )
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    server = OwnServer(of_one_run=True)
    try:
        assert server._process.wait(HANGS) == 0
    finally:
        server.stop()
    assert not (tmp_path / database.NAME).exists()


@pytest.mark.full
def test_it_answers_and_is_gone_when_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    server = OwnServer(of_one_run=True)
    try:
        assert httpx.get(f"{server.wait()}/health", timeout=60).json() is True
    finally:
        server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.api}/health", timeout=60)


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(TallybookError, match=f"{HOST}:{port} already; .* PREFECT_API_URL="):
            OwnServer(port)
