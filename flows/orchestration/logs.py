"""What the packages log, in the log of the flow or task run that it belongs to."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from prefect.exceptions import FailedRun
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_LOGGING_LEVEL

from flows.errors import TallybookError

PACKAGES = "flows"
"""The logger above all loggers of this project."""


@contextmanager
def run_log() -> Generator[None]:
    """Send the packages' messages to Prefect inside the block, from PREFECT_LOGGING_LEVEL on.

    Its own setting for that, PREFECT_LOGGING_EXTRA_LOGGERS, is read when Prefect is imported, which
    on a worker is before any code of ours, and leaves the level at WARNING.
    """
    packages, handler = logging.getLogger(PACKAGES), APILogHandler()
    level = packages.level
    packages.addHandler(handler)
    packages.setLevel(PREFECT_LOGGING_LEVEL.value())
    # It stays: Prefect ends the run, and logs that, after the flow has returned.
    logging.getLogger("prefect.flow_runs").addFilter(_unexpected)
    try:
        yield
    finally:
        packages.setLevel(level)
        packages.removeHandler(handler)


def _unexpected(record: logging.LogRecord) -> bool:
    """Whether a message of Prefect is no traceback of a run that has failed with a reason.

    On a worker it logs each as "exited with unexpected exception"; the run's state has the reason.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, FailedRun | TallybookError)
