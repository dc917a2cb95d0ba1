"""Values that wait in a temporary file, so that memory does not grow with their number."""

import pickle
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from flows.errors import StorageFailed

T = TypeVar("T")

Place = tuple[int | None, int]
"""A day as its ordinal, null for none, and a year: by these values are found again."""

_TABLE = (
    "CREATE TABLE value (day INTEGER, year INTEGER, pickled BLOB)",
    "CREATE INDEX by_day ON value (day)",
    "CREATE INDEX by_year ON value (year)",
)


class Aside(Generic[T]):
    """Values in the order in which they were added, each with its place; they may be large.

    Those that are added first stay in memory, as many as they are; as soon as others come, all of
    them wait in a file, which the system takes away with the process. Adding and reading raise
    StorageFailed where that cannot be done.
    """

    def __init__(self, place_of: Callable[[T], Place]) -> None:
        self._place_of = place_of
        self._held: list[T] = []
        self._file: sqlite3.Connection | None = None

    def add(self, values: Sequence[T]) -> None:
        """Add some values."""
        if not values:
            return
        if self._file is None and not self._held:
            self._held = [*values]
            return
        self._write(self._held)
        self._held = []
        self._write(values)

    def __iter__(self) -> Iterator[T]:
        if self._file is None:
            return iter(self._held)
        return self._read("", ())

    def between(self, first: int, last: int) -> Iterator[T]:
        """Yield those of these days, both included."""
        if self._file is None:
            return (v for v in self._held if first <= (self._place_of(v)[0] or -1) <= last)
        return self._read("WHERE day BETWEEN ? AND ?", (first, last))

    def of_year(self, year: int) -> Iterator[T]:
        """Yield those of a year."""
        if self._file is None:
            return (v for v in self._held if self._place_of(v)[1] == year)
        return self._read("WHERE year = ?", (year,))

    def _read(self, where: str, values: tuple[int, ...]) -> Iterator[T]:
        assert self._file, "values were written"
        try:
            query = f"SELECT pickled FROM value {where} ORDER BY rowid"
            for (pickled,) in self._file.execute(query, values):
                yield pickle.loads(pickled)
        except sqlite3.Error as error:
            raise _failed(error) from error

    def _write(self, values: Sequence[T]) -> None:
        rows = ((*self._place_of(value), pickle.dumps(value, -1)) for value in values)
        try:
            if self._file is None:
                # No name is a temporary file of SQLite's own; a task may run in another thread.
                self._file = sqlite3.connect("", check_same_thread=False)
                for statement in _TABLE:
                    self._file.execute(statement)
            with self._file:
                self._file.executemany("INSERT INTO value VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise _failed(error) from error


def _failed(error: sqlite3.Error) -> StorageFailed:
    return StorageFailed(
        f"A temporary file cannot be used: {error}. A run of many documents needs 30 kB or so for "
        "each; the environment variable TMPDIR names another folder for it."
    )
