"""Every table exists from the first publication on: one without rows has an empty file.

A reader that globs the folder of a table finds its columns there, and no rows; without a file it
would fail. The empty file goes when the first row comes.
"""

from flows.lake import parquet
from flows.storage.storage import Storage
from schemas.fields import Table, arrow_schema
from schemas.records import WAR_START
from schemas.tables import TABLES

_SOURCE = "none"
"""The source in the path of an empty `figures`."""


def keep_present(storage: Storage) -> list[str]:
    """Write an empty file for each table that has none; remove it where there are others.

    Returns the folders of the partitions that changed. Only under the lake's lock. Raises
    LakeError.
    """
    return [
        parquet.partition_folder(table, partition)
        for table in TABLES
        for partition in _changed(storage, table)
    ]


def _changed(storage: Storage, table: Table) -> list[parquet.Partition]:
    place = _place(table)
    found = parquet.partitions(storage, table)
    if not found:
        parquet.write(storage, table, place, arrow_schema(table).empty_table())
        return [place]
    if len(found) > 1 and place in found and not parquet.read(storage, table, place).num_rows:
        parquet.replace(storage, table, place, arrow_schema(table).empty_table())
        return [place]
    return []


def _place(table: Table) -> parquet.Partition:
    """Return the partition of an empty table's file: the same whatever was published before."""
    named = {"year": str(WAR_START.year), "source": _SOURCE}
    return tuple(named[level] for level in table.partitions)
