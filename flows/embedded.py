"""Prefect's embedded server, started beside the other slow thing of a run: the imports."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

from prefect.settings import PREFECT_API_URL

from flows.errors import TallybookError


@contextmanager
def server() -> Generator[None]:
    """Start the embedded server while the block does something else; wait for it at its end.

    Does nothing where a server is configured. Raises TallybookError if it does not start.
    """
    if PREFECT_API_URL.value():
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
