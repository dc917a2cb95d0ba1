"""The rows of the tables: keys that are there once, years that fit, documents that are archived."""

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.lake import parquet
from flows.lake.lake import Lake
from flows.report.verification.problems import Problems
from schemas.codes import Damage, Remedy
from schemas.fields import Table
from schemas.records import Key
from schemas.tables import BULLETINS, FIGURES, LOSSES, REVISIONS, TABLES

_KEYS: dict[str, tuple[str, ...]] = {
    LOSSES.name: ("report_date", "category"),
    FIGURES.name: ("report_date", "document_sha256", "category"),
    BULLETINS.name: ("source", "document_sha256", "report_date", "reason"),
    REVISIONS.name: REVISIONS.columns,
}
"""What no two rows of a partition have in common."""


def check_rows(lake: Lake, archived: Collection[Key], problems: Problems) -> int:
    """Look at the rows of all tables, a partition at a time; return how many there are.

    `archived` are the documents that are whole in the archive.
    """
    rows = 0
    published: set[Key] = set()
    known = set(lake.archive.keys()) | set(archived)
    for table in TABLES:
        for partition in parquet.partitions(lake.storage, table):
            data = parquet.read(lake.storage, table, partition)
            rows += data.num_rows
            _check_keys(table, partition, data, problems)
            if table is not BULLETINS:
                _check_year(table, partition, data, problems)
            if table is not REVISIONS:  # its documents may have left the archive since
                keys = _documents(table, partition, data)
                published |= keys if table is BULLETINS else set()
                for _, sha256 in sorted(keys - known):
                    text = f"{Damage.UNKNOWN_DOCUMENT.meaning} Its SHA-256 is {sha256}."
                    name = parquet.file_name(table, partition)
                    problems.add(name, Damage.UNKNOWN_DOCUMENT, Remedy.REBUILD, text)
    waiting = set(lake.archive.pending())
    for source, sha256 in sorted(known - published - waiting):
        name = f"archive/{sha256[:2]}/{sha256}.{source}.json"
        problems.add(name, Damage.NOT_PUBLISHED, Remedy.REBUILD)
    return rows


def _check_keys(
    table: Table, partition: parquet.Partition, data: pa.Table, problems: Problems
) -> None:
    names = list(_KEYS[table.name])
    counted = data.group_by(names).aggregate([([], "count_all")])
    if counted.num_rows != data.num_rows:
        first = counted.filter(pc.greater(counted["count_all"], 1)).slice(0, 1).to_pylist()[0]
        told = ", ".join(str(first[name]) for name in names[:3])
        name = parquet.file_name(table, partition)
        text = f"{Damage.REPEATED_KEY.meaning} One of them: {told}."
        problems.add(name, Damage.REPEATED_KEY, Remedy.REBUILD, text)


def _check_year(
    table: Table, partition: parquet.Partition, data: pa.Table, problems: Problems
) -> None:
    years: list[Any] = pc.unique(pc.year(data["report_date"])).to_pylist()
    if set(years) - {int(partition[-1])}:
        name = parquet.file_name(table, partition)
        problems.add(name, Damage.WRONG_PARTITION, Remedy.REBUILD)


def _documents(table: Table, partition: parquet.Partition, data: pa.Table) -> set[Key]:
    hashes = data["document_sha256"].to_pylist()
    if table is FIGURES:
        return {(partition[0], sha256) for sha256 in hashes}
    return set(zip(data["source"].to_pylist(), hashes, strict=True))
