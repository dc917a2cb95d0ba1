"""What `latest.json` says: the records of it."""

from collections.abc import Mapping
from datetime import date

import msgspec

from schemas.typed import Moment


class TableFile(msgspec.Struct, frozen=True):
    """One file of a table: its path in the lake, rows, bytes and their SHA-256."""

    path: str
    rows: int
    bytes: int
    sha256: str


class TableFiles(msgspec.Struct, frozen=True):
    """The files of a table, sorted by path, and how many rows they hold together."""

    rows: int
    files: tuple[TableFile, ...]


class Latest(msgspec.Struct, frozen=True):
    """`latest.json` of a lake: what is published.

    `generation` counts up with each publication that changes a table; a rerun of the same documents
    leaves the file as it is. `newest_report_date` is null before the first day. `updated_at` is
    when the newest document behind the tables was archived, null where none is. The last key of the
    file, `checksum`, is the SHA-256 of what stands before it.
    """

    generation: int
    schema_version: int
    newest_report_date: date | None
    updated_at: Moment | None
    tables: Mapping[str, TableFiles]

    @property
    def files(self) -> dict[str, TableFile]:
        """All files by their path."""
        return {file.path: file for table in self.tables.values() for file in table.files}
