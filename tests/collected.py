"""A pytest plugin that writes down what it collects: each test's id and its parameters' values.

`pytest --collect-only -p tests.collected --collected FILE [--elsewhere]`; with --elsewhere the
clock is years ahead and folders are listed backwards, as on a machine that is not this one.
"""

import dataclasses
import hashlib
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

YEARS = 5 * 365 * 24 * 3600
"""How far the clock is ahead, in seconds: enough to show in a year, too."""

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where an object lies in memory, as its repr says where its class has none of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the two options."""
    parser.addoption("--collected", type=Path, required=True, help="where to write the list")
    parser.addoption("--elsewhere", action="store_true", help="as on another machine, years later")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write a line for each test, its id and its parameters between a tab."""
    lines = [f"{line}\n" for line in map(described, session.items)]
    session.config.getoption("--collected").write_text("".join(lines), "utf-8")


def described(item: pytest.Item) -> str:
    """Return the id of a test and, after a tab, what its parameters are."""
    return f"{item.nodeid}\t{_parameters(item)}"


def _parameters(item: pytest.Item) -> str:
    """Return the values of a test's parameters, shortened to their beginning and their hash."""
    values = repr(stable(getattr(getattr(item, "callspec", None), "params", {})))
    return f"{values[:200]} {hashlib.sha256(values.encode()).hexdigest()}"


def stable(value: object) -> object:
    """Return what prints alike in every process where the value is equal.

    A set comes in order, and what has no repr of its own without its address.
    """
    if dataclasses.is_dataclass(value):
        return [stable(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return [(stable(key), stable(one)) for key, one in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(repr(stable(one)) for one in value)
    if isinstance(value, list | tuple):
        return [stable(one) for one in value]
    return _ADDRESS.sub("", repr(value))


class _Backwards:
    """What os.scandir returns, the last entry first."""

    def __init__(self, entries: Iterable["os.DirEntry[Any]"]) -> None:
        self._entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

    def __iter__(self) -> Iterator["os.DirEntry[Any]"]:
        return self._entries

    def __next__(self) -> "os.DirEntry[Any]":
        return next(self._entries)

    def __enter__(self) -> "_Backwards":
        return self

    def __exit__(self, *_: object) -> None:
        """All entries were read when it was made: nothing is open."""


def _go_elsewhere() -> None:
    now, now_ns, listed, scanned = time.time, time.time_ns, os.listdir, os.scandir
    elsewhere = {
        (time, "time"): lambda: now() + YEARS,
        (time, "time_ns"): lambda: now_ns() + YEARS * 10**9,
        (os, "listdir"): lambda path=".": sorted(listed(path), reverse=True),
        (os, "scandir"): lambda path=".": _Backwards(scanned(path)),
    }
    for (module, name), changed in elsewhere.items():
        setattr(module, name, changed)


if "--elsewhere" in sys.argv:  # Before the first test is imported: a fixture would be too late.
    _go_elsewhere()
