"""`latest.json`: what is published, told to consumers in one small file that changes last.

Beside it lies `datapackage.json`, which describes the same tables. A daily run reads no partition
for either but those that it wrote: of the others the hashes stand in the file before.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows import files
from flows.archive.store import Archive
from flows.errors import LakeError
from flows.lake import empty_tables, parquet
from flows.lake.data_package import NAME as PACKAGE
from flows.lake.data_package import data_package
from flows.lake.lake import Lake
from flows.lake.published import Latest, TableFile, TableFiles
from flows.storage.storage import Storage
from schemas.fields import SCHEMA_VERSION, Table
from schemas.tables import LOSSES, REVISIONS

NAME = "latest.json"

UNFINISHED = ".publishing"
"""An empty file that is there while a publication is being written, and after a crash in one: then
no hash of before is trusted."""

_log = logging.getLogger(__name__)


def read(storage: Storage) -> Latest | None:
    """Return what latest.json says; None where there is none, or none that is whole."""
    try:
        said = storage.read(NAME)
        if not files.seal_holds(said):
            raise ValueError("it was changed since it was written")
        return msgspec.json.decode(said, type=Latest)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        _log.warning("%s cannot be read: %s. It is written anew.", storage.where(NAME), error)
        return None


def begin(storage: Storage) -> bool:
    """Note, durably, that tables are about to change; return whether a crash left one unfinished.

    Only under the lake's lock. Raises LakeError.
    """
    unfinished = storage.exists(UNFINISHED)
    storage.touch_many([UNFINISHED])
    return unfinished


def finish(
    lake: Lake,
    written: Iterable[str],
    archived: datetime | None,
    *,
    trusted: bool,
    whole: bool,
) -> None:
    """Write datapackage.json and, last, latest.json, where a table has changed; make absent tables.

    `written` are the folders of the partitions that this publication wrote, `archived` is when the
    newest of its documents was archived, None where it has none. `trusted`: the files of all others
    are as latest.json has them. What is lost of `revisions` stays listed, so that it is missed
    until it is restored; after a `whole` publication, a rebuild, it is listed no more, and the log
    says so. Only under the lake's lock. Raises LakeError.
    """
    storage = lake.storage
    before = read(storage)
    changed = {parquet.file_of(folder) for folder in written}
    known = (
        {n: f for n, f in before.files.items() if n not in changed} if before and trusted else {}
    )
    present, made = empty_tables.keep_present(storage, {n: f.rows for n, f in known.items()})
    for folder in made:
        known.pop(parquet.file_of(folder), None)
    tables = _tables(storage, present, known)
    if before and (lost := _lost_revisions(before, tables)):
        if whole:
            names = ", ".join(storage.where(file.path) for file in lost)
            _log.warning("%s: lost, and nothing but a backup has it. It is listed no more.", names)
        else:
            listed = {file.path: file for file in (*tables[REVISIONS.name].files, *lost)}
            tables[REVISIONS.name] = _of_table([listed[path] for path in sorted(listed)])
    if before is None or (before.tables, before.schema_version) != (tables, SCHEMA_VERSION):
        for name, told in content(_next(lake, before, tables, archived)).items():
            storage.write(name, told)
    else:
        _mend_package(storage, before)
    storage.remove_many([UNFINISHED])


def _tables(
    storage: Storage,
    present: Mapping[Table, Iterable[parquet.Partition]],
    known: Mapping[str, TableFile],
) -> dict[str, TableFiles]:
    """Return the files of each table; those that are `known` are not read."""
    found = {}
    for table, partitions in present.items():
        names = sorted(parquet.file_name(table, partition) for partition in partitions)
        found[table.name] = _of_table([known.get(n) or _described(storage, n) for n in names])
    return found


def _of_table(of_table: Sequence[TableFile]) -> TableFiles:
    return TableFiles(sum(file.rows for file in of_table), tuple(of_table))


def _lost_revisions(before: Latest, tables: Mapping[str, TableFiles]) -> list[TableFile]:
    """Return the files of `revisions` that held rows and are gone: nothing here removes one."""
    present = {file.path for file in tables[REVISIONS.name].files if file.rows}
    listed = before.tables[REVISIONS.name].files if REVISIONS.name in before.tables else ()
    return [file for file in listed if file.rows and file.path not in present]


def content(latest: Latest) -> dict[str, bytes]:
    """Return the files that say this, by name, in the order in which they are written."""
    return {PACKAGE: files.as_json(data_package(latest)), NAME: files.sealed(files.as_json(latest))}


def _next(
    lake: Lake,
    before: Latest | None,
    tables: Mapping[str, TableFiles],
    archived: datetime | None,
) -> Latest:
    generation = before.generation if before else _generation_of_package(lake.storage)
    moments = [archived] if archived else []
    if before and before.updated_at:
        moments.append(before.updated_at)
    elif not before:
        moments += _moments(lake.archive)
    return Latest(
        generation=generation + 1,
        schema_version=SCHEMA_VERSION,
        newest_report_date=newest(lake),
        updated_at=max(moments, default=None),
        tables=tables,
    )


def newest(lake: Lake) -> date | None:
    """Return the newest report date of `losses`: it stands in the last partition with rows."""
    for partition in reversed(parquet.partitions(lake.storage, LOSSES)):
        dates = parquet.read(lake.storage, LOSSES, partition, ("report_date",))["report_date"]
        if len(dates):
            latest: date = pc.max(dates).as_py()
            return latest
    return None


def _moments(archive: Archive) -> Iterable[datetime]:
    """Yield when each document was archived: where no latest.json remembers the newest."""
    for key in sorted(archive.keys()):
        with suppress(LakeError):
            yield archive.provenance(key).last_seen_at


def _generation_of_package(storage: Storage) -> int:
    """Return the generation that datapackage.json knows, where latest.json is lost; else 0."""
    try:
        return int(msgspec.json.decode(storage.read(PACKAGE))["version"])
    except (OSError, ValueError, KeyError, TypeError, msgspec.MsgspecError):
        return 0


def _mend_package(storage: Storage, latest: Latest) -> None:
    """Write datapackage.json where it does not say what latest.json does."""
    wanted = content(latest)[PACKAGE]
    with suppress(OSError):
        if storage.read(PACKAGE) == wanted:
            return
    storage.write(PACKAGE, wanted)


def _described(storage: Storage, name: str) -> TableFile:
    try:
        data = storage.read(name)
        rows = pq.ParquetFile(pa.BufferReader(data)).metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        raise LakeError(f"{storage.where(name)} cannot be read: {error}.") from error
    return TableFile(name, rows, len(data), hashlib.sha256(data).hexdigest())
