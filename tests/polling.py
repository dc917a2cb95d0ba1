"""Readers that read a table, or files, over and over while commands write them and are killed."""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

States = Mapping[str, str]
"""What was read: a hash of the rows or bytes of each part that is replaced as a whole."""

COLUMNS = ("report_date", "category", "total", "delta", "daily", "delta_status", "document_sha256")
"""Of `losses`: what a part of it is told apart by."""

PAUSE = 0.15
"""Seconds between two looks, so that the commands get on with it on a machine of two cores."""


def by_year(rows: Iterable[tuple[Any, ...]]) -> States:
    """Return a hash of the rows of each year; a partition is replaced as a whole."""
    years: dict[str, list[str]] = {}
    for row in rows:
        day = str(row[0])[:10]
        values = [None if value is None or value != value else str(value) for value in row[1:]]
        years.setdefault(day[:4], []).append(repr((day, *values)))
    return {
        year: hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
        for year, found in years.items()
    }


def duckdb_reader(lake: Path) -> Callable[[], States]:
    """Return what reads `losses` with DuckDB."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    table = f"read_parquet('{lake}/losses/**/*.parquet', hive_partitioning = true)"
    question = f"SELECT {', '.join(COLUMNS)} FROM {table}"
    return lambda: by_year(connection.execute(question).fetchall())


def pandas_reader(losses: str, filesystem: Any = None) -> Callable[[], States]:
    """Return what reads `losses` with pandas, from disk or from object storage."""
    import pandas as pd

    def read() -> States:
        frame = pd.read_parquet(losses, dtype_backend="pyarrow", filesystem=filesystem)
        plain = frame[list(COLUMNS)].astype(object)
        return by_year(plain.where(plain.notna(), None).itertuples(index=False, name=None))

    return read


def polars_reader(losses: str, options: dict[str, str] | None = None) -> Callable[[], States]:
    """Return what reads `losses` with Polars, from disk or from object storage."""
    import polars as pl

    table = f"{losses}/**/*.parquet"

    def read() -> States:
        frame = pl.read_parquet(table, hive_partitioning=True, storage_options=options)
        return by_year(frame.select(COLUMNS).rows())

    return read


def file_reader(folder: Path) -> Callable[[], States]:
    """Return what reads every file of a folder that people are meant to open."""

    def read() -> States:
        found = {}
        for path in folder.rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    return read


@dataclass
class Polled:
    """What a reader saw: the states of each part, its errors, and those that came twice running."""

    reads: int = 0
    states: set[tuple[str, str]] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)
    lasting: list[str] = field(default_factory=list)


class Readers:
    """Readers at work inside a `with` block, each in a thread; `found` is what they saw."""

    def __init__(self, readers: Mapping[str, Callable[[], States]]) -> None:
        self.found = {name: Polled() for name in readers}
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._poll, args=(read, self.found[name]), daemon=True)
            for name, read in readers.items()
        ]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _poll(self, read: Callable[[], States], polled: Polled) -> None:
        failed = False
        while not self._over.is_set():
            try:
                polled.states.update(read().items())
                polled.reads += 1
                failed = False
            except BaseException as error:  # a panic of Rust is no Exception
                said = f"{type(error).__name__}: {str(error)[:200]}"
                polled.errors[said] += 1
                if failed:
                    polled.lasting.append(said)
                failed = True
            self._over.wait(PAUSE)
