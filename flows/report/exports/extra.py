"""The packages that some formats need and a run does not."""

from importlib import import_module
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
