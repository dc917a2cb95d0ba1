"""Every table exists from the first publication on: one without rows has an empty file.

A reader that globs the folder of a table finds its columns there, and no rows; without a file it
would fail. The empty file goes when the first row comes.
"""

from collections.abc import Mapping

from flows.lake import parquet
from flows.storage.storage import Storage
from schemas.fields import Table, arrow_schema
from schemas.records import WAR_START
from schemas.tables import TABLES

_SOURCE = "none"
"""The source in the path of an empty `figures`."""


def keep_present(
    storage: Storage, rows: Mapping[str, int]
) -> tuple[dict[Table, list[parquet.Partition]], list[str]]:
    """Write an empty file for each table that has none; remove it where there are others.

    `rows` are those of the files that are known, by name: these are not read. Returns the
    partitions that each table has then, and the folders of those that changed. Only under the
    lake's lock. Raises LakeError.
    """
    present: dict[Table, list[parquet.Partition]] = {}
    changed = []
    for table in TABLES:
        found, place = parquet.partitions(storage, table), _place(table)
        if not found:
            parquet.write(storage, table, place, arrow_schema(table).empty_table())
            found = [place]
            changed.append(parquet.partition_folder(table, place))
        elif len(found) > 1 and place in found and not _rows(storage, table, place, rows):
            parquet.replace(storage, table, place, arrow_schema(table).empty_table())
            found.remove(place)
            changed.append(parquet.partition_folder(table, place))
        present[table] = found
    return present, changed


def _rows(
    storage: Storage, table: Table, partition: parquet.Partition, known: Mapping[str, int]
) -> int:
    name = parquet.file_name(table, partition)
    if name in known:
        return known[name]
    count: int = parquet.read(storage, table, partition).num_rows
    return count


def _place(table: Table) -> parquet.Partition:
    """Return the partition of an empty table's file: the same whatever was published before."""
    named = {"year": str(WAR_START.year), "source": _SOURCE}
    return tuple(named[level] for level in table.partitions)
