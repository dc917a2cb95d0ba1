"""One export: the format, the rows, the file or files: `tallybook export`."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa

from flows.errors import UsageError
from flows.lake.lake import Lake
from flows.lake.whole_tables import partitions_of
from flows.report.exports.community import NAMES, write_community
from flows.report.exports.database import write_duckdb, write_sqlite
from flows.report.exports.parquet_file import write_parquet
from flows.report.exports.target import appearing, check_free, check_outside
from flows.report.exports.text_files import write_csv, write_jsonl
from flows.report.exports.wide import wide_fields, widened
from flows.report.exports.workbook import write_xlsx
from schemas.fields import Field, Table
from schemas.tables import LOSSES, TABLES

OF_ONE_TABLE = ("csv", "jsonl", "xlsx", "parquet")
"""The formats of a table; the others are made of `losses`, or of all tables."""

_Writer = Callable[[Sequence[Field], Iterable[pa.Table], Path], int]

_TEXT_WRITERS: dict[str, _Writer] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}


class ExportedFile(msgspec.Struct, frozen=True):
    """A file that was written: where, its bytes and their SHA-256."""

    path: str
    bytes: int
    sha256: str


class Export(msgspec.Struct, frozen=True):
    """What was exported; `rows` are those of the table, of `losses` where it is all, or days.

    `table` is null where the format is not of one table.
    """

    format: str
    table: str | None
    rows: int
    files: tuple[ExportedFile, ...]


def export(
    lake: Lake,
    name: str,
    out: Path,
    *,
    table: str | None = None,
    since: date | None = None,
    until: date | None = None,
    force: bool = False,
) -> Export:
    """Write an export; the report dates from `since` to `until`, inclusive, or all.

    The same lake gives the same bytes (of duckdb the same content), and each file appears whole.
    Raises UsageError where the options do not fit, a file exists already, or a package is missing;
    LakeError for a damaged lake and where a file cannot be written.
    """
    if since and until and since > until:
        raise UsageError(f"The first date, {since}, is after the last one, {until}.")
    if table is not None and name not in OF_ONE_TABLE:
        raise UsageError(f"--table goes with {', '.join(OF_ONE_TABLE)}, not with {name}")
    check_outside(out, lake.storage)
    paths = [out / file for file in NAMES.values()] if name == "community" else [out]
    if name == "community" and out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; community writes three files into a folder")
    check_free(paths, force=force)
    with ExitStack() as stack:
        places = [stack.enter_context(appearing(path, force=force)) for path in paths]
        count = _write(lake, name, table or LOSSES.name, since, until, places, out)
    return Export(
        format=name,
        table=(table or LOSSES.name) if name in OF_ONE_TABLE else None,
        rows=count,
        files=tuple(_told(path) for path in paths),
    )


def _write(
    lake: Lake,
    name: str,
    table: str,
    since: date | None,
    until: date | None,
    places: Sequence[Path],
    out: Path,
) -> int:
    """Write the files of a format at the places given; return the rows, or days."""

    def data(of: Table) -> Iterable[pa.Table]:
        return partitions_of(lake, of, since, until)

    (chosen,) = (one for one in TABLES if one.name == table)
    match name:
        case "xlsx":
            return write_xlsx(chosen.name, chosen.every_field, data(chosen), places[0])
        case "wide":
            ending = out.suffix.lower().removeprefix(".")
            if ending not in ("csv", "parquet"):
                raise UsageError(f"{out}: the name of a wide file ends in .csv or .parquet")
            return _TEXT_WRITERS[ending](wide_fields(), widened(data(LOSSES)), places[0])
        case "community":
            return write_community(data(LOSSES), *places)
        case "sqlite":
            return write_sqlite(data, places[0])
        case "duckdb":
            return write_duckdb(data, places[0])
        case _:
            return _TEXT_WRITERS[name](chosen.every_field, data(chosen), places[0])


def _told(path: Path) -> ExportedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ExportedFile(str(path), path.stat().st_size, digest)


def export_text(done: Export) -> str:
    """Return what was exported, in words."""
    what = "days" if done.format in ("wide", "community") else f"rows of {done.table or 'losses'}"
    files = "\n".join(f"{file.path}: {file.bytes:,} bytes" for file in done.files)
    return f"{files}\n{done.rows:,} {what}."
