"""Totals that others keep: records or columns of dates and categories, as JSON, CSV or Parquet."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from pathlib import Path

from flows.errors import UsageError, why
from flows.extract.multi_day.record import is_absent, keys_of, read_count
from flows.redact import plain
from schemas.records import Cell
from schemas.registry import load_registry
from schemas.tables import LOSSES

_SHAPES = ("community", "index")
"""The public copies whose column names `flows/extract/multi_day/keys.toml` has."""

_DATES = ("date", "report_date")
"""How the column of the report date is named: in the public copies, and in our own tables."""

_CATEGORY, _TOTAL = "category", "total"
"""The columns of a file with a row a day and category, as `losses` is, and its exports."""

_MOST_BYTES = 256 * 1024 * 1024
"""The public copies take some 2 MB; a file so much larger is something else."""

_PARQUET = b"PAR1"
"""How a Parquet file begins."""

_SHOWN = 60
"""So many characters of a key are quoted."""

_MANY = 20
"""Values below zero on one day in so many: a list of changes. A copy of totals may have a slip."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that is no whole number, or another one than the file has for the same cell."""

    report_date: date
    column: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The totals of a file by (report_date, category).

    `dates` are those of its records, `categories` those that it has a column for,
    `unknown_columns` what counts nothing that we know, `unreadable` the values that are left out.
    """

    totals: Mapping[Cell, int]
    dates: frozenset[date]
    categories: frozenset[str]
    unknown_columns: Sequence[str]
    unreadable: Sequence[Unreadable]


@cache
def columns() -> Mapping[str, str]:
    """Return the category of every column name: the ids, our own exports' and public copies'."""
    known = {category: category for category in load_registry().categories}
    known |= {f"{category}_total": category for category in load_registry().categories}
    for shape in _SHAPES:
        known |= keys_of(shape).categories
    return known


def read_outside(path: Path) -> Outside:
    """Return the totals of a file: a JSON list of records, a CSV with a row of names, or Parquet.

    Each record has a "date" and a total under each name that `columns` knows, or is of one
    "category" with its "total"; a missing one is null or empty. JSON may be a list, or a record a
    line. Parquet may be a folder of files: `losses` of a lake, or the lake itself. Raises
    UsageError for a file that cannot be read or has another shape.
    """
    reader = _Reader()
    for number, record in enumerate(_records(path), 1):
        reader.take(record, f"{path}: record {number}")
    if not reader.dates:
        raise UsageError(f"{path}: holds no record")
    if len(reader.below_zero) * _MANY > len(reader.dates):
        raise UsageError(f"{path}: a list of changes or corrections: many values are below zero")
    if not reader.categories:
        names = ", ".join(list(reader.unknown)[:5]) or "none"
        raise UsageError(f"{path}: no column is a category that we know; its columns: {names}")
    return Outside(
        reader.totals,
        frozenset(reader.dates),
        frozenset(reader.categories),
        tuple(reader.unknown),
        tuple(reader.unreadable),
    )


@dataclass
class _Reader:
    """Gathers the totals of one record after the other."""

    totals: dict[Cell, int] = field(default_factory=dict)
    dates: set[date] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    unknown: dict[str, None] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    below_zero: set[date] = field(default_factory=set)

    def take(self, record: Mapping[str, object], where: str) -> None:
        day = _date(record, where)
        self.dates.add(day)
        for name, value in _totals_of(record).items():
            category = columns().get(name)
            if category:
                self.categories.add(category)
                self._value(day, name, category, value)
            elif name not in _other():
                self.unknown[name] = None

    def _value(self, day: date, name: str, category: str, value: object) -> None:
        if is_absent(value):
            return
        total = read_count(value)
        known = self.totals.get((day, category), total)
        if total is None:
            self.unreadable.append(Unreadable(day, name, str(value), "no whole number"))
        elif total < 0:
            self.below_zero.add(day)
            self.unreadable.append(Unreadable(day, name, str(value), "below zero"))
        elif known != total:
            problem = f"another value for that day, {known:,}, comes before it"
            self.unreadable.append(Unreadable(day, name, str(value), problem))
        else:
            self.totals[day, category] = total


def _totals_of(record: Mapping[str, object]) -> Mapping[str, object]:
    """Return what a record counts, by name: its columns, or the one category that it names."""
    if _CATEGORY in record and _TOTAL in record:
        return {str(record[_CATEGORY]): record[_TOTAL]}
    return record


def _other() -> frozenset[str]:
    """The columns that hold no totals; those of `tallybook export wide` among them."""
    daily = (f"{category}_daily" for category in load_registry().categories)
    copies = (keys_of(shape).other for shape in _SHAPES)
    return frozenset(("loss_date", "war_day", *_DATES)).union(daily, *copies)


def _records(path: Path) -> Iterator[Mapping[str, object]]:
    """Yield the records of a file in order, whatever kind it is of."""
    if path.is_dir():
        losses = path / LOSSES.name
        folder = losses if losses.is_dir() else path
        files = sorted(folder.rglob("*.parquet"))
        if not files:
            raise UsageError(f"{path}: a folder without a Parquet file; name a file, or `losses`")
        for file in files:
            yield from _parquet(file)
        return
    content = _content(path)
    if content[: len(_PARQUET)] == _PARQUET:
        yield from _parquet(path)
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: cannot be read as text: {why(error)}") from error
    yield from _json(text, path) if text.lstrip()[:1] in ("[", "{") else _csv(text, path)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {why(error)}") from error
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{path}: too large to compare with")
    return content


def _parquet(path: Path) -> Iterator[Mapping[str, object]]:
    """Yield the rows of a Parquet file; of one with a row a category only what is compared."""
    import pyarrow as pa  # JSON and CSV have no use for it
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as opened:
            names = list(dict.fromkeys(opened.schema_arrow.names))
            if {_CATEGORY, _TOTAL} <= set(names):
                names = [name for name in names if name in (*_DATES, _CATEGORY, _TOTAL)]
            for batch in opened.iter_batches(columns=names):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path}: cannot be read as Parquet: {plain(why(error))}") from error


class _Object(dict[str, object]):
    """A JSON object that knows which of its keys stands twice: of the two values one is lost."""

    def __init__(self, pairs: Sequence[tuple[str, object]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs) if len(self) < len(pairs) else {}
        self.repeated = next((key for key, number in counts.items() if number > 1), None)


def _json(text: str, path: Path) -> list[dict[str, object]]:
    lines = [line for line in text.splitlines() if line.strip()]
    a_record_each = all(line.startswith("{") and line.rstrip().endswith("}") for line in lines)
    try:
        read = partial(json.loads, object_pairs_hook=_Object)
        records = [read(line) for line in lines] if a_record_each else read(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: cannot be read as JSON: {why(error)}") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UsageError(f"{path}: not a list of records with a date each")
    for number, record in enumerate(records, 1):
        if record.repeated is not None:
            key = plain(record.repeated[:_SHOWN])
            raise UsageError(f"{path}: record {number}: the key {key!r} stands twice in it")
    return records


def _csv(text: str, path: Path) -> Iterator[dict[str, object]]:
    reader = csv.reader(io.StringIO(text))
    try:
        names = [name.strip() for name in next(reader, [])]
        if not set(names) & set(_DATES):
            raise UsageError(f"{path}: neither a JSON list of records nor a CSV with a column date")
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise UsageError(f"{path}: two columns are named {repeated[0]!r}")
        for line in reader:
            if any(line):
                yield _line(names, line, f"{path}: line {reader.line_num}")
    except csv.Error as error:
        raise UsageError(f"{path}: not valid CSV: {error}") from error


def _line(names: Sequence[str], line: Sequence[str], where: str) -> dict[str, object]:
    if len(line) != len(names):
        raise UsageError(f"{where} has {len(line)} values, and there are {len(names)} columns")
    return dict(zip(names, (value.strip() for value in line), strict=True))


def _date(record: Mapping[str, object], where: str) -> date:
    text = next((str(record[name]) for name in _DATES if name in record), "")
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise UsageError(f"{where}: {text!r} is not a date as in 2023-10-09") from error
