"""The published tables as Parquet files: deterministic bytes, one file a partition."""

import logging
import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.archive.store import Key
from flows.errors import DamagedTable, LakeError
from flows.lake import rows
from flows.lake.upgrade import upgraded
from flows.redact import plain
from flows.storage.storage import Storage
from schemas.fields import SCHEMA_VERSION, Table, arrow_schema
from schemas.tables import REVISIONS, TABLES

Partition = tuple[str, ...]
"""The values of a table's partition columns, such as ("2023",) or ("folder", "2023")."""

Values = Mapping[str, Any]
"""Some columns of a row by their names, those of its partition included."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What rows are looked for: the columns it takes, and their mask."""

    columns: tuple[str, ...]
    mask: Callable[[pa.Table], pa.ChunkedArray]


NOTHING = Condition((), lambda data: pa.repeat(False, data.num_rows))
ANY_YEAR = range(1, 10000)

_NAMED = b"tallybook.schema_version"
"""The key of a file's metadata under which it names its schema version."""

_FILE = "part-0.parquet"
_VALUE = {"year": r"[0-9]{1,4}", "source": r"[a-z0-9_-]{1,64}"}
"""What the folders of a partition are called, by its column: others were not made here."""

_THREADS = False
"""No thread of Arrow's may let go of bytes that Python owns: if it does while the interpreter ends,
the process is aborted (one `tallybook status` in 65 was). The files are small, too."""

_schema = cache(arrow_schema)
_log = logging.getLogger(__name__)


def partition_folder(table: Table, partition: Partition) -> str:
    """Return a partition's folder inside the lake, such as "losses/year=2023"."""
    levels = [f"{name}={value}" for name, value in zip(table.partitions, partition, strict=True)]
    return "/".join([table.name, *levels])


def file_name(table: Table, partition: Partition) -> str:
    """Return the name of a partition's one file inside the lake."""
    return file_of(partition_folder(table, partition))


def file_of(folder: str) -> str:
    """Return the name of the one file in a partition's folder."""
    return f"{folder}/{_FILE}"


def partitions(
    storage: Storage, table: Table, years: Container[int] = ANY_YEAR, sources: Container[str] = ()
) -> list[Partition]:
    """Return the partitions of a table that exist in the lake in `storage`, sorted.

    Only those of `years`; and, of a table by source, of `sources` where any are given. Other
    folders, such as a copy, are passed over; `strays` names them.
    """
    found = (_partition_of(table, name) for name in storage.names(table.name))
    return sorted(
        partition
        for partition in found
        if partition and int(partition[-1]) in years and (not sources or partition[0] in sources)
    )


def _partition_of(table: Table, path: str) -> Partition | None:
    """Return the partition that a file in the lake is; None for one that was not made here."""
    levels = [rf"{name}=({_VALUE[name]})" for name in table.partitions]
    named = re.fullmatch("/".join([table.name, *levels, re.escape(_FILE)]), path)
    return named.groups() if named else None


def strays(storage: Storage) -> list[str]:
    """Return the files in the folders of the tables that were not made here, by their path.

    No command reads them, but other tools that read a whole folder do.
    """
    return [
        name
        for table in TABLES
        for name in storage.names(table.name)
        if _partition_of(table, name) is None
    ]


def read(
    storage: Storage, table: Table, partition: Partition, columns: Sequence[str] | None = None
) -> pa.Table:
    """Return a partition's rows, all columns or some; no rows where there is no such partition.

    A file of an older schema version is read as the present one would have written it. The
    checksums of its pages are compared. Raises DamagedTable for a file that is damaged or has other
    columns, LakeError for one that the system does not let us open.
    """
    path = file_name(table, partition)
    names = list(columns or table.columns)
    try:
        content = pa.BufferReader(storage.read(path))
        with pq.ParquetFile(content, page_checksum_verification=True) as file:
            if _version(file) < SCHEMA_VERSION:
                return upgraded(table, file.read(use_threads=_THREADS)).select(names)
            if not file.schema_arrow.equals(_schema(table)):
                raise _damaged(table, storage.where(path), "its columns are others")
            data = file.read(names, use_threads=_THREADS).select(names)
            data.validate(full=True)
            return data
    except FileNotFoundError:
        return _schema(table).empty_table().select(names)
    except PermissionError as error:
        raise LakeError(
            f"{storage.where(path)} cannot be read: {error.strerror}. It may be whole: give this "
            "user the right to read it."
        ) from error
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise _damaged(table, storage.where(path), plain(str(error))) from error


def _damaged(table: Table, path: str, problem: str) -> DamagedTable:
    """Return the error of a damaged file; it says what brings it back."""
    if table is REVISIONS:
        return DamagedTable(
            f"{path} is damaged: {problem}. It is the one table that cannot be rebuilt, the memory "
            "of what was published when: restore it from a backup of the lake. It is left as it is."
        )
    return DamagedTable(f"{path} is damaged: {problem}. `tallybook rebuild` writes it anew.")


def drop_damaged(storage: Storage) -> list[str]:
    """Remove the files of tables that are damaged and can be rebuilt; return their paths.

    Only under the lake's lock, before all documents are published anew. `revisions` is left as it
    is. Raises LakeError for a file that the system does not let us open.
    """
    dropped = []
    for table in TABLES:
        for partition in partitions(storage, table) if table is not REVISIONS else ():
            try:
                for _ in records(storage, table, among=[partition]):
                    pass
            except DamagedTable as error:
                _log.warning("%s", error)
                path = file_name(table, partition)
                storage.remove(path)
                dropped.append(path)
    return dropped


def schema_version(storage: Storage, table: Table, partition: Partition) -> int:
    """Return the schema version that a partition names; 0 where it names none, or is damaged."""
    try:
        with pq.ParquetFile(pa.BufferReader(storage.read(file_name(table, partition)))) as file:
            return int((file.schema_arrow.metadata or {}).get(_NAMED, b"0"))
    except (OSError, pa.ArrowException, ValueError):
        return 0


def _version(file: pq.ParquetFile) -> int:
    """Return the schema version that a file names; one that names none has foreign columns."""
    named = (file.schema_arrow.metadata or {}).get(_NAMED, b"")
    return int(named) if named.isdigit() else SCHEMA_VERSION


def replace(storage: Storage, table: Table, partition: Partition, data: pa.Table) -> bool:
    """Make `data` the whole content of a partition; returns whether its bytes changed.

    The rows are sorted by the table's key. Without rows the partition is removed. Only under the
    lake's lock. Raises LakeError where it cannot be written.
    """
    path = file_name(table, partition)
    if not data.num_rows:
        existed = storage.exists(path)
        storage.remove(path)
        return existed
    return write(storage, table, partition, data)


def write(storage: Storage, table: Table, partition: Partition, data: pa.Table) -> bool:
    """Do as `replace`, but write a file without rows where there are none."""
    path = file_name(table, partition)
    content = _encode(table, data)
    with suppress(FileNotFoundError):
        if storage.read(path) == content:
            return False
    storage.write(path, content, apart=True)
    return True


def upgrade(storage: Storage, table: Table, partition: Partition) -> None:
    """Write a partition of an older schema version as the present one; leave any other alone.

    Only under the lake's lock. Raises LakeError.
    """
    content = pa.BufferReader(storage.read(file_name(table, partition)))
    with pq.ParquetFile(content) as file:
        older = _version(file) < SCHEMA_VERSION
    if older:
        replace(storage, table, partition, read(storage, table, partition))


def exchange(
    storage: Storage,
    table: Table,
    dropped: Condition,
    added: Mapping[Partition, Sequence["rows.Record"]],
    among: Iterable[Partition],
) -> list[str]:
    """Drop the rows that meet a condition from the partitions `among`, and add others.

    Returns the folders of the partitions whose bytes changed. Raises LakeError; see `replace`.
    """
    changed = []
    for partition in sorted({*among, *added}):
        new = added.get(partition, ())
        if not new and not _holds(storage, table, partition, dropped):
            continue
        old = read(storage, table, partition)
        kept = old.filter(pc.invert(dropped.mask(old)))
        if replace(storage, table, partition, pa.concat_tables([kept, rows.to_arrow(table, new)])):
            changed.append(partition_folder(table, partition))
    return changed


def _holds(storage: Storage, table: Table, partition: Partition, condition: Condition) -> bool:
    found = read(storage, table, partition, condition.columns)
    return bool(pc.any(condition.mask(found)).as_py())


def records(
    storage: Storage,
    table: Table,
    condition: Condition | None = None,
    among: Iterable[Partition] | None = None,
) -> Iterator[Any]:
    """Yield the rows that meet a condition as the table's records, of the partitions `among`.

    None is no condition, and all partitions. Raises LakeError for a damaged file.
    """
    for partition in partitions(storage, table) if among is None else among:
        data = read(storage, table, partition)
        chosen = data.filter(condition.mask(data)) if condition else data
        try:
            yield from rows.from_arrow(table, chosen, _in_path(table, partition))
        except KeyError as error:
            folder = storage.where(partition_folder(table, partition))
            raise _damaged(table, folder, f"it holds the unknown code {error}") from error


def values(
    storage: Storage,
    table: Table,
    columns: Sequence[str],
    condition: Condition | None = None,
    among: Iterable[Partition] | None = None,
) -> Iterator[Values]:
    """Yield some columns of the rows that meet a condition; else as `records`.

    `columns` include those of the condition.
    """
    for partition in partitions(storage, table) if among is None else among:
        data = read(storage, table, partition, columns)
        chosen = data.filter(condition.mask(data)) if condition else data
        in_path = _in_path(table, partition)
        names = [*chosen.column_names, *in_path]
        constant = ([value] * chosen.num_rows for value in in_path.values())
        for row in zip(*map(rows.python_values, chosen.columns), *constant, strict=True):
            yield dict(zip(names, row, strict=True))


def _in_path(table: Table, partition: Partition) -> dict[str, str]:
    """Return what the folder's name says of its rows; the year is in the report date as well."""
    named = dict(zip(table.partitions, partition, strict=True))
    return {name: value for name, value in named.items() if name != "year"}


def counts(
    storage: Storage, table: Table, columns: Sequence[str], among: Iterable[Partition] | None = None
) -> list[Counter[Any]]:
    """Return for each column how many rows have each value of it; no record is made.

    `among` and errors as in `records`.
    """
    counted: list[Counter[Any]] = [Counter() for _ in columns]
    for partition in partitions(storage, table) if among is None else among:
        data = read(storage, table, partition, columns)
        for values, counter in zip(data.columns, counted, strict=True):
            found = pc.value_counts(values)
            numbers = found.field("counts").to_pylist()
            counter.update(dict(zip(found.field("values").to_pylist(), numbers, strict=True)))
    return counted


def on_dates(dates: Collection[date]) -> Condition:
    """The condition that report_date is one of `dates`.

    The dates become Arrow data as bytes: from Python values `pa.array` would import pandas first,
    half a second that a command which only reads should not take.
    """
    days = array("i", (day.toordinal() - rows.EPOCH.toordinal() for day in sorted(dates)))
    buffers = [None, pa.py_buffer(days.tobytes())]
    wanted = pa.Array.from_buffers(pa.date32(), len(days), buffers)
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


def both(first: Condition, second: Condition) -> Condition:
    """The condition that two conditions are met."""
    columns = tuple(dict.fromkeys(first.columns + second.columns))
    return Condition(columns, lambda data: pc.and_(first.mask(data), second.mask(data)))


def _encode(table: Table, data: pa.Table) -> bytes:
    """The Parquet bytes of a partition: the same rows in any order give the same bytes."""
    order = [(name, "ascending") for name in table.sort_key]
    indices = pc.sort_indices(data, sort_keys=order)  # Stable; nulls last.
    arrays = data.take(indices).combine_chunks().columns
    buffer = BytesIO()
    content = pa.Table.from_arrays(arrays, schema=_schema(table))
    pq.write_table(content, buffer, compression="zstd", write_page_checksum=True)
    return buffer.getvalue()
