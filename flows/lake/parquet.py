"""The published tables as Parquet files: deterministic bytes, one file a partition."""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from itertools import starmap
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows import files
from flows.archive.store import Key
from flows.errors import LakeError
from flows.lake.rows import Row
from schemas.fields import Table, arrow_schema

Partition = tuple[str, ...]
"""The values of a table's partition columns, such as ("2023",) or ("folder", "2023")."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What rows are looked for: the columns it takes, and their mask."""

    columns: tuple[str, ...]
    mask: Callable[[pa.Table], pa.ChunkedArray]


NOTHING = Condition((), lambda data: pa.repeat(False, data.num_rows))
ANY_YEAR = range(1, 10000)

_FILE = "part-0.parquet"
_REMEDY = "Remove it and run `tallybook rebuild`."
_schema = cache(arrow_schema)


def partition_folder(table: Table, partition: Partition) -> str:
    """Return a partition's folder inside the lake, such as "losses/year=2023"."""
    levels = [f"{name}={value}" for name, value in zip(table.partitions, partition, strict=True)]
    return "/".join([table.name, *levels])


def partitions(root: Path, table: Table) -> list[Partition]:
    """Return the partitions of a table that exist in the lake at `root`, sorted."""
    pattern = "/".join([table.name, *(f"{name}=*" for name in table.partitions), _FILE])
    depth = len(table.partitions)
    return sorted(
        tuple(level.partition("=")[2] for level in path.parts[-depth - 1 : -1])
        for path in root.glob(pattern)
    )


def read(
    root: Path, table: Table, partition: Partition, columns: Sequence[str] | None = None
) -> pa.Table:
    """Return a partition's rows, all columns or some; no rows where there is no such partition.

    Raises LakeError for a file that is damaged or has other columns.
    """
    path = root / partition_folder(table, partition) / _FILE
    names = list(columns or table.columns)
    try:
        with pq.ParquetFile(path) as file:
            if tuple(file.schema_arrow.names) != table.columns:
                raise LakeError(f"{path} has other columns than {table.name}. {_REMEDY}")
            return file.read(names).select(names)
    except FileNotFoundError:
        return _schema(table).empty_table().select(names)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise LakeError(f"{path} is damaged: {error}. {_REMEDY}") from error


def replace(root: Path, table: Table, partition: Partition, rows: pa.Table) -> bool:
    """Make `rows` the whole content of a partition; returns whether its bytes changed.

    The rows are sorted by the table's key. Without rows the partition is removed. Only under the
    lake's lock. Raises LakeError where it cannot be written.
    """
    path = root / partition_folder(table, partition) / _FILE
    if not rows.num_rows:
        existed = path.exists()
        files.remove(path)
        return existed
    content = _encode(table, rows)
    if path.exists() and path.read_bytes() == content:
        return False
    files.write(path, content, temporary_folder(root))
    return True


def exchange(
    root: Path,
    table: Table,
    dropped: Condition,
    added: Mapping[Partition, Sequence[Row]],
    among: Iterable[Partition],
) -> list[str]:
    """Drop the rows that meet a condition from the partitions `among`, and add others.

    Returns the folders of the partitions whose bytes changed. Raises LakeError; see `replace`.
    """
    changed = []
    for partition in sorted({*among, *added}):
        new = added.get(partition, ())
        if not new and not _holds(root, table, partition, dropped):
            continue
        old = read(root, table, partition)
        kept = old.filter(pc.invert(dropped.mask(old)))
        if replace(root, table, partition, pa.concat_tables([kept, from_rows(table, new)])):
            changed.append(partition_folder(table, partition))
    return changed


def _holds(root: Path, table: Table, partition: Partition, condition: Condition) -> bool:
    found = read(root, table, partition, condition.columns)
    return bool(pc.any(condition.mask(found)).as_py())


def temporary_folder(root: Path) -> Path:
    """Return where the temporary files of the tables lie: no reader of a table looks there."""
    return root / ".temporary"


def from_rows(table: Table, rows: Iterable[Row]) -> pa.Table:
    """Build an Arrow table with the frozen schema; each row gives the columns in file order."""
    schema = _schema(table)
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.Table.from_arrays(
        list(starmap(_array, zip(columns, schema, strict=True))), schema=schema
    )


def select(
    root: Path,
    table: Table,
    columns: Sequence[str],
    condition: Condition | None = None,
    years: Container[int] = ANY_YEAR,
) -> Iterator[tuple[Partition, Row]]:
    """Yield the rows that meet a condition, and their partitions, of the partitions of `years`.

    `columns` include those of the condition. Raises LakeError for a damaged file.
    """
    for partition in partitions(root, table):
        if int(partition[-1]) in years:
            data = read(root, table, partition, columns)
            for row in _rows(data.filter(condition.mask(data)) if condition else data):
                yield partition, row


def on_dates(dates: Collection[date]) -> Condition:
    """The condition that report_date is one of `dates`."""
    wanted = pa.array(sorted(dates), pa.date32())
    return Condition(("report_date",), lambda data: pc.is_in(data["report_date"], wanted))


def of_documents(sha256s: Collection[str]) -> Condition:
    """The condition that document_sha256 is one of `sha256s`."""
    wanted = pa.array(sorted(sha256s), pa.string())
    return Condition(("document_sha256",), lambda data: pc.is_in(data["document_sha256"], wanted))


def of_keys(keys: Collection[Key]) -> Condition:
    """The condition that (source, document_sha256) is one of `keys`."""
    wanted = pa.array(sorted("/".join(key) for key in keys), pa.string())

    def mask(data: pa.Table) -> pa.ChunkedArray:
        columns = data["source"], data["document_sha256"]
        return pc.is_in(pc.binary_join_element_wise(*columns, "/"), wanted)

    return Condition(("source", "document_sha256"), mask)


def _rows(data: pa.Table) -> Iterator[Row]:
    return zip(*(column.to_pylist() for column in data.columns), strict=True)


def _encode(table: Table, rows: pa.Table) -> bytes:
    """The Parquet bytes of a partition: the same rows in any order give the same bytes."""
    order = [(name, "ascending") for name in table.sort_key]
    indices = pc.sort_indices(rows, sort_keys=order)  # Stable; nulls last.
    arrays = rows.take(indices).combine_chunks().columns
    buffer = BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=_schema(table)), buffer, compression="zstd")
    return buffer.getvalue()


def _array(values: Sequence[object], field: pa.Field) -> pa.Array:
    try:
        return pa.array(values, field.type)
    except UnicodeEncodeError:  # Half a surrogate pair, from a JSON text or a file name.
        return pa.array([_well_formed(value) for value in values], field.type)


def _well_formed(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list | tuple):
        return [_well_formed(item) for item in value]
    return value
