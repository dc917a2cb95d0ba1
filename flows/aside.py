"""Values that wait in a temporary file, so that memory does not grow with their number.

The file is SQLite's own, without a name: the system takes it away with the process.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

from flows.errors import StorageFailed

K = TypeVar("K")
T = TypeVar("T")

Place = tuple[int | None, int]
"""A day as its ordinal, null for none, and a year: by these values are found again."""

_VALUES = (
    "CREATE TABLE value (day INTEGER, year INTEGER, pickled BLOB)",
    "CREATE INDEX by_day ON value (day)",
    "CREATE INDEX by_year ON value (year)",
)
_REMEMBERED = ("CREATE TABLE remembered (key BLOB PRIMARY KEY, pickled BLOB) WITHOUT ROWID",)


class Aside(Generic[T]):
    """Values in the order in which they were added, each with its place; they may be large.

    Those that are added first stay in memory, as many as they are; as soon as others come, all of
    them wait in the file. Adding and reading raise StorageFailed where that cannot be done.
    """

    def __init__(self, place_of: Callable[[T], Place]) -> None:
        self._place_of = place_of
        self._held: list[T] = []
        self._file: _File | None = None

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

    def _read(self, where: str, values: Sequence[int]) -> Iterator[T]:
        assert self._file, "values were written"
        query = f"SELECT pickled FROM value {where} ORDER BY rowid"
        return (pickle.loads(pickled) for (pickled,) in self._file.ask(query, values))

    def _write(self, values: Sequence[T]) -> None:
        self._file = self._file or _File(_VALUES)
        rows = ((*self._place_of(value), pickle.dumps(value, -1)) for value in values)
        self._file.tell("INSERT INTO value VALUES (?, ?, ?)", rows)


class Remembered(Generic[K, T]):
    """Values by their keys: the last ones in memory, at most `most`, the others in the file.

    Setting and finding raise StorageFailed where that cannot be done.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._last: dict[K, T] = {}
        self._file: _File | None = None

    def __setitem__(self, key: K, value: T) -> None:
        self._last[key] = value
        if len(self._last) > self._most:
            oldest = list(islice(self._last.items(), self._most // 2))
            self._file = self._file or _File(_REMEMBERED)
            rows = [(pickle.dumps(key, -1), pickle.dumps(value, -1)) for key, value in oldest]
            self._file.tell("INSERT OR REPLACE INTO remembered VALUES (?, ?)", rows)
            for key, _ in oldest:
                del self._last[key]

    def get(self, key: K) -> T | None:
        """Return the value of a key; None where there is none."""
        if key in self._last or self._file is None:
            return self._last.get(key)
        query = "SELECT pickled FROM remembered WHERE key = ?"
        found: list[T] = [
            pickle.loads(pickled) for (pickled,) in self._file.ask(query, (pickle.dumps(key, -1),))
        ]
        return found[0] if found else None

    def items(self) -> Iterator[tuple[K, T]]:
        """Yield the keys with their values."""
        if self._file:
            for key, pickled in self._file.ask("SELECT key, pickled FROM remembered"):
                if (known := pickle.loads(key)) not in self._last:
                    yield known, pickle.loads(pickled)
        yield from self._last.items()


class _File:
    """A temporary file with a table."""

    def __init__(self, table: Iterable[str]) -> None:
        import sqlite3  # a command that reads few documents has no use for it

        self._error = sqlite3.Error
        try:
            # A task may run in another thread than the one before it, but not at the same time.
            self._connection = sqlite3.connect("", check_same_thread=False)
            for statement in table:
                self._connection.execute(statement)
        except self._error as error:
            raise _failed(error) from error

    def ask(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a query finds."""
        try:
            yield from self._connection.execute(query, values)
        except self._error as error:
            raise _failed(error) from error

    def tell(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows."""
        try:
            with self._connection:
                self._connection.executemany(statement, rows)
        except self._error as error:
            raise _failed(error) from error


def _failed(error: Exception) -> StorageFailed:
    return StorageFailed(
        f"A temporary file cannot be used: {error}. A run of many documents needs a few kB for "
        "each; the environment variable TMPDIR names another folder for it."
    )
