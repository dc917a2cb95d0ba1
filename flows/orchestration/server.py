"""Prefect's embedded server, started beside the other slow thing of a run: the imports."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

import httpx
from prefect.settings import PREFECT_API_URL

from flows.errors import TallybookError

_PATIENCE = 10.0
"""Seconds that a configured server has to answer."""


@contextmanager
def server() -> Generator[None]:
    """Start the embedded server while the block does something else; wait for it at its end.

    Where a server is configured, that one has to answer. Raises TallybookError if none does.
    """
    if PREFECT_API_URL.value():
        check_configured()
        yield
        return
    # Imported here, not in the thread: imports hold the interpreter, the server would start later.
    import prefect.server.api.server  # noqa: F401

    starting = _Starting()
    starting.start()
    yield
    starting.join()
    if starting.error:
        raise TallybookError(f"Prefect's embedded server did not start: {starting.error}")


def check_configured() -> None:
    """Raise TallybookError if the Prefect server that PREFECT_API_URL names does not answer."""
    url = PREFECT_API_URL.value()
    try:
        httpx.get(f"{url}/health", timeout=_PATIENCE, follow_redirects=True).raise_for_status()
    except httpx.HTTPError as error:
        raise TallybookError(
            f"the Prefect server at {url} does not answer ({error}): "
            "start it, or unset PREFECT_API_URL to run with an embedded one"
        ) from error


class _Starting(threading.Thread):
    """Waits for the server, which is a process of its own and ends with this one."""

    def __init__(self) -> None:
        # A daemon: an interrupted command does not wait for a server that will not answer.
        super().__init__(daemon=True)
        self.error: Exception | None = None

    def run(self) -> None:
        """Start the server that Prefect will find running when a flow asks for one."""
        from prefect.server.api.server import SubprocessASGIServer

        try:
            SubprocessASGIServer().start()
        except Exception as error:  # handed to the thread that waits
            self.error = error
