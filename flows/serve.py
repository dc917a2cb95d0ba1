"""Serve the daily flow on its schedule, beside a Prefect server where none is configured."""

import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import httpx
from prefect.schedules import Cron
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_API_PORT, temporary_settings
from prefect.types.entrypoint import EntrypointType

from flows.daily import daily
from flows.errors import TallybookError
from flows.orchestration.runs import TAG
from flows.orchestration.server import check_configured

CRON = "0 6-12,15,18,21 * * *"
"""The bulletin comes out from 06:00 to 10:00 in Kyiv, articles follow, and some days it is late."""

TIME_ZONE = "Europe/Kyiv"
HOST = "127.0.0.1"
STARTUP_SECONDS = 120.0
STOP_SECONDS = 10.0


def serve(sources: Sequence[str], lake: str) -> None:
    """Run the daily flow on its schedule until interrupted, with these parameters.

    Raises TallybookError if the Prefect server beside it does not start.
    """
    parameters = {"sources": list(sources) or None, "lake": lake}
    # Prefect 3.8.4 does not await its own clean-up when a signal ends it.
    warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited", RuntimeWarning)
    with _server() as api, temporary_settings({PREFECT_API_URL: api}):
        print(f"Serving daily/tallybook ({CRON} {TIME_ZONE}) on {api}; Ctrl-C ends it.", flush=True)
        daily.serve(
            name="tallybook",
            schedule=Cron(CRON, timezone=TIME_ZONE),
            parameters=parameters,
            description="The bulletin of the day, tried several times a day.",
            tags=[TAG, "daily"],
            limit=1,
            global_limit=1,
            # The schedule outlives this process: after a restart it goes on by itself.
            pause_on_shutdown=False,
            print_starting_message=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )


@contextmanager
def _server() -> Generator[str]:
    """Yield the API address of the configured server, or of one that runs inside the block."""
    configured = PREFECT_API_URL.value()
    if configured:
        check_configured()
        yield configured
        return
    port = int(PREFECT_SERVER_API_PORT.value())
    _check_free(port)
    print("Starting a Prefect server ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "prefect", "server", "start"]
    process = subprocess.Popen(
        [*command, "--host", HOST, "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # A process group of its own: Ctrl-C ends the flow runs first, then this server.
        start_new_session=True,
    )
    try:
        yield _wait(process, f"http://{HOST}:{port}/api")
    finally:
        _stop(process)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise TallybookError(
                f"something listens on {HOST}:{port} already; if it is a Prefect server, set "
                f"PREFECT_API_URL=http://{HOST}:{port}/api, else choose a PREFECT_SERVER_API_PORT"
            )


def _wait(process: "subprocess.Popen[bytes]", api: str) -> str:
    """Return the address once the server answers there."""
    until = time.monotonic() + STARTUP_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"{api}/health", timeout=5.0).status_code == 200:
                return api
        except httpx.TransportError:
            time.sleep(0.2)
    raise TallybookError("the Prefect server did not start; try: prefect server start")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
