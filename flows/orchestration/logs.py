"""What the packages log, in the log of the flow or task run that it belongs to."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

from prefect.exceptions import FailedRun
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_LOGGING_LEVEL

from flows.errors import TallybookError

PACKAGES = "flows"
"""The logger above all loggers of this project."""


class _Shared:
    """The handler that all runs of this process share, how many use it, and the level before."""

    lock = Lock()
    users = 0
    handler: APILogHandler | None = None
    level_before = logging.NOTSET


@contextmanager
def run_log() -> Generator[None]:
    """Send the packages' messages to Prefect inside the block, from PREFECT_LOGGING_LEVEL on.

    Its own setting for that, PREFECT_LOGGING_EXTRA_LOGGERS, is read when Prefect is imported, which
    on a worker is before any code of ours, and leaves the level at WARNING. Blocks may overlap, as
    those of tasks in threads do: a message is sent once, and the last block puts the logger back.
    """
    packages = logging.getLogger(PACKAGES)
    with _Shared.lock:
        if not _Shared.users:
            _Shared.handler, _Shared.level_before = APILogHandler(), packages.level
            packages.addHandler(_Shared.handler)
            packages.setLevel(PREFECT_LOGGING_LEVEL.value())
        _Shared.users += 1
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        # It stays: Prefect ends the run, and logs that, after the flow has returned.
        logging.getLogger(name).addFilter(_is_news)
    try:
        yield
    finally:
        with _Shared.lock:
            _Shared.users -= 1
            if not _Shared.users and _Shared.handler:
                packages.setLevel(_Shared.level_before)
                packages.removeHandler(_Shared.handler)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a message of Prefect is none of those on a run that failed with a reason.

    It logs a failed state before it says "Finished in state ..." with the traceback of no error,
    and on a worker once more as "exited with unexpected exception".
    """
    if not record.exc_info:
        return True
    error = record.exc_info[1]
    return error is not None and not isinstance(error, FailedRun | TallybookError)
