"""The libraries that write some formats: packages that a run does not need, their errors."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from traceback import clear_frames
from typing import Any

from flows.errors import UsageError

_NAMES = {"xlsxwriter": "XlsxWriter", "duckdb": "DuckDB"}


def needing(module: str) -> Any:
    """Return a module of an optional package. Raises UsageError, naming the extra, without it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"this format needs {_NAMES[module]}, which is not installed: "
            "pip install 'tallybook[export]'"
        ) from error


@contextmanager
def unwritable(*errors: type[Exception]) -> Iterator[None]:
    """Raise an OSError for those by which a library says that it cannot write its file.

    What its frames left open goes now: later, after what it writes to, it would complain again.
    """
    try:
        yield
    except errors as error:
        cause = next((one for one in error.args if isinstance(one, OSError)), None)
        for failed in filter(None, (error, cause)):
            clear_frames(failed.__traceback__)
        raise cause or OSError(errno.EIO, str(error).partition("\n")[0]) from error
