"""The files of the tables: there, whole, listed, with their columns, and nothing beside them."""

import hashlib
from collections.abc import Mapping

from flows.errors import DamagedTable, LakeError
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.lake.latest import newest
from flows.lake.published import Latest, TableFile
from flows.report.verification.problems import Problems
from schemas.codes import Damage, Remedy
from schemas.fields import SCHEMA_VERSION, Table
from schemas.tables import REVISIONS, TABLES


def check_table_files(lake: Lake, said: Latest | None, problems: Problems) -> tuple[int, bool]:
    """Look at every file in the folders of the tables, and at what latest.json says of them.

    Returns how many files the tables have, and whether all of them can be read.
    """
    listed: Mapping[str, TableFile] = said.files if said else {}
    found, readable = set(), True
    for table in TABLES:
        for partition in parquet.partitions(lake.storage, table):
            name = parquet.file_name(table, partition)
            found.add(name)
            readable &= _check(lake, table, partition, listed.get(name), said, problems)
        for name in (n for n in listed if n.startswith(f"{table.name}/") and n not in found):
            problems.add(name, Damage.MISSING, _healing(table))
        if not parquet.partitions(lake.storage, table):
            problems.add(table.name, Damage.MISSING, _healing(table))
    for name in parquet.strays(lake.storage):
        problems.add(name, Damage.FOREIGN, Remedy.MOVE)
    if said and readable and said.newest_report_date != newest(lake):
        problems.add(
            "latest.json", Damage.NOT_LISTED, Remedy.REBUILD, "It names another newest day."
        )
    return len(found), readable


def _healing(table: Table) -> Remedy:
    return Remedy.BACKUP if table is REVISIONS else Remedy.REBUILD


def _check(
    lake: Lake,
    table: Table,
    partition: parquet.Partition,
    listed: TableFile | None,
    said: Latest | None,
    problems: Problems,
) -> bool:
    """Look at one file; return whether its rows can be read."""
    name = parquet.file_name(table, partition)
    try:
        content = lake.storage.read(name)
    except OSError as error:
        problems.add(name, Damage.UNREADABLE, Remedy.PERMIT, f"It cannot be opened: {error}.")
        return False
    try:
        data = parquet.read(lake.storage, table, partition)
        for _ in parquet.records(lake.storage, table, among=[partition]):
            pass  # every code is known
    except DamagedTable as error:
        problems.add(name, Damage.DAMAGED, _healing(table), str(error.args[0]))
        return False
    except LakeError as error:
        problems.add(name, Damage.UNREADABLE, Remedy.PERMIT, str(error))
        return False
    if parquet.schema_version(lake.storage, table, partition) != SCHEMA_VERSION:
        problems.add(name, Damage.OTHER_COLUMNS, Remedy.REBUILD)
    if said and listed is None:
        problems.add(name, Damage.NOT_LISTED, Remedy.REBUILD)
    elif listed and hashlib.sha256(content).hexdigest() != listed.sha256:
        problems.add(name, Damage.DAMAGED, _healing(table))
    elif listed and (listed.rows, listed.bytes) != (data.num_rows, len(content)):
        problems.add(name, Damage.NOT_LISTED, Remedy.REBUILD)
    return True
