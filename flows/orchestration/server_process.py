"""Prefect's server as a child that does not outlive who started it: `python -m` this module.

In: the number of a listening socket that is handed over, and a standard input that stays open for
as long as the server is wanted. When whoever started it is gone, killed or not, the input ends, and
so does the server. It ends at once where the settings name the API of another server: who started
it did not know yet, and ends it too.
"""

import atexit
import gc
import os
import signal
import socket
import sys
import threading

import uvicorn
from prefect.settings import get_current_settings

from flows.orchestration import database
from flows.orchestration.environment import GC_THRESHOLD

_STOP_SECONDS = 10.0
"""An orderly stop takes a second or two; what hangs then is ended all the same."""


def main() -> None:
    """Serve on the socket until asked to stop, or until the standard input ends."""
    if get_current_settings().api.url:
        return
    gc.set_threshold(GC_THRESHOLD)
    atexit.register(gc.freeze)
    database.begin()
    listening = socket.socket(fileno=int(sys.argv[1]))
    config = uvicorn.Config(
        "prefect.server.api.server:create_app", factory=True, lifespan="on", log_level="error"
    )
    threading.Thread(target=_end_with_input, daemon=True).start()
    uvicorn.Server(config).run(sockets=[listening])


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Timer(_STOP_SECONDS, os._exit, [1]).start()


if __name__ == "__main__":
    main()
