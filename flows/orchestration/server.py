"""Prefect's server: the configured one, or one of our own that ends with this process.

Prefect and httpx are imported in the functions: their imports take seconds, and so does the start
of a server, which goes on meanwhile.
"""

import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from flows.errors import TallybookError

HOST = "127.0.0.1"

_PATIENCE = 10.0
"""Seconds that a configured server has to answer."""

_STARTUP_SECONDS = 120.0
"""The first start on a machine builds Prefect's database, which takes long on a busy one."""

_STOP_SECONDS = 12.0

_OF_ONE_RUN = {
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    **{
        f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
        for service in (
            *("SCHEDULER", "LATE_RUNS", "FOREMAN", "CANCELLATION_CLEANUP", "PAUSE_EXPIRATIONS"),
            *("TRIGGERS", "DB_VACUUM", "REPOSSESSOR", "CLEANUP_RECONCILER"),
        )
    },
}
"""A server of one run shows no pages, and leaves alone what belongs to `serve`: its schedules, the
automations that watch them, and the kinds of blocks that its pages offer to fill in."""


class OwnServer:
    """A Prefect server in a process of its own, which ends when this one does, however it ends."""

    def __init__(self, port: int = 0, *, of_one_run: bool = False) -> None:
        """Start it on a port of this machine, 0 for any that is free; `wait` until it answers.

        Its settings are those of the environment and of Prefect's profile. It ends by itself where
        they name the API of another. Raises TallybookError where something else has the port.
        """
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind((HOST, port))
            except OSError as error:
                raise TallybookError(
                    f"something listens on {HOST}:{port} already; if it is a Prefect server, set "
                    f"PREFECT_API_URL=http://{HOST}:{port}/api, else choose a "
                    "PREFECT_SERVER_API_PORT"
                ) from error
            listening.listen()
            self.api = f"http://{HOST}:{listening.getsockname()[1]}/api"
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",  # not from folders called flows in this one
                    "-m",
                    "flows.orchestration.server_process",
                    str(listening.fileno()),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listening.fileno()],
                # A process group of its own: Ctrl-C ends the flow runs first, then this server.
                start_new_session=True,
                env=os.environ | (_OF_ONE_RUN if of_one_run else {}),
            )

    def wait(self) -> str:
        """Return its API address once it answers there. Raises TallybookError if it never does."""
        import httpx

        until = time.monotonic() + _STARTUP_SECONDS
        while self._process.poll() is None and time.monotonic() < until:
            try:
                # The socket listens already: the request waits for the server.
                if httpx.get(f"{self.api}/health", timeout=_PATIENCE).status_code == 200:
                    return self.api
            except httpx.TimeoutException:
                continue
            except httpx.TransportError:
                time.sleep(0.1)
        self.stop()
        raise TallybookError("the Prefect server did not start; try: prefect server start")

    def stop(self) -> None:
        """End it; return when it is gone."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def server_of_this_process() -> Generator[None]:
    """Start a server while the block does something else; wait for it at its end.

    It is there until this process ends: Prefect sends its last logs and events then. Where a server
    is configured, that one has to answer. Raises TallybookError if none does.
    """
    server = None
    if not os.environ.get("PREFECT_API_URL"):
        server = OwnServer(of_one_run=True)
        atexit.register(server.stop)
    from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL, temporary_settings

    if PREFECT_API_URL.value():
        if server:  # a file of settings names another
            server.stop()
        check_configured()
        yield
        return
    assert server
    settings = ExitStack()
    yield
    # It has no pages: no log and no alert shall lead there.
    of_this_process = {PREFECT_API_URL: server.wait(), PREFECT_UI_URL: ""}
    settings.enter_context(temporary_settings(of_this_process))
    atexit.register(settings.close)


def check_configured() -> None:
    """Raise TallybookError if the Prefect server that PREFECT_API_URL names does not answer."""
    from prefect.settings import PREFECT_API_URL

    url = PREFECT_API_URL.value() or ""
    if problem := silence(url):
        raise TallybookError(
            f"the Prefect server at {url} does not answer ({problem}): "
            "start it, or unset PREFECT_API_URL to run with an embedded one"
        )


def silence(api: str) -> str | None:
    """Return why the Prefect server at this API address does not answer; None where it does."""
    import httpx

    try:
        httpx.get(f"{api}/health", timeout=_PATIENCE, follow_redirects=True).raise_for_status()
    except httpx.HTTPError as error:
        return str(error)
    return None
