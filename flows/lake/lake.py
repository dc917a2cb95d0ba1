"""The lake: one folder with the published tables, the archive, the quarantine and the runs."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from filelock import FileLock

from flows import files
from flows.archive.store import Archive
from flows.errors import LakeError, UsageError
from flows.lake import parquet, quarantine, runs
from flows.lake.quarantine import Held
from flows.lake.runs import LastRuns, Record
from schemas.codes import Reason
from schemas.fields import SCHEMA_VERSION, Table
from schemas.records import Bulletin, ContentKey
from schemas.tables import (
    BULLETINS,
    FIGURES,
    LOSSES,
    REVISIONS,
    TABLES,
    BulletinRow,
    FigureRow,
    LossRow,
    RevisionRow,
)

_MARK = "lake.json"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Lake:
    """An opened lake; get one from `open_lake`. `schema_version` is that of its tables."""

    def __init__(self, root: Path, schema_version: int = SCHEMA_VERSION) -> None:
        self.root = root
        self.schema_version = schema_version
        self.archive = Archive(root)
        self._lock = FileLock(root / ".lock")

    @contextmanager
    def lock(self, timeout: float = 60.0) -> Iterator[None]:
        """Hold the lake's lock, alone among all processes; re-entrant within one thread.

        Raises LakeError if another run holds it for more than `timeout` seconds.
        """
        with files.locked(self._lock, timeout):
            files.sweep(parquet.temporary_folder(self.root))
            yield

    def drop_damaged(self) -> list[str]:
        """Remove the damaged files of tables that are about to be rebuilt; return their paths.

        Only under the lake's lock. Raises LakeError.
        """
        return parquet.drop_damaged(self.root)

    def upgrade(self) -> None:
        """Write what is left of an older schema version as the present one; mark the lake so.

        Only under the lake's lock, after all documents were published anew. Raises LakeError.
        """
        for table in TABLES:
            for partition in parquet.partitions(self.root, table):
                parquet.upgrade(self.root, table, partition)
        if self.schema_version != SCHEMA_VERSION:
            _mark_version(self.root)
            self.schema_version = SCHEMA_VERSION

    def losses(self, since: date | None = None, until: date | None = None) -> list[LossRow]:
        """Return the rows of `losses`, both dates inclusive, sorted by (report_date, category)."""
        return self._between(LOSSES, since, until)

    def losses_on(self, dates: Collection[date]) -> list[LossRow]:
        """Return the rows of `losses` of these report dates, sorted by (report_date, category)."""
        among = parquet.partitions(self.root, LOSSES, {day.year for day in dates})
        return list(parquet.records(self.root, LOSSES, parquet.on_dates(dates), among))

    def figures(self, since: date | None = None, until: date | None = None) -> list[FigureRow]:
        """Return the rows of `figures`; both dates inclusive."""
        return self._between(FIGURES, since, until)

    def bulletins(self, since: date | None = None, until: date | None = None) -> list[BulletinRow]:
        """Return the rows of `bulletins`; those without a date if none is asked."""
        return self._between(BULLETINS, since, until)

    def revisions(self, since: date | None = None, until: date | None = None) -> list[RevisionRow]:
        """Return the rows of `revisions` of these report dates, the earliest seen first."""
        return sorted(self._between(REVISIONS, since, until), key=lambda row: row.seen_at)

    def quarantined(self) -> list[Held]:
        """Return the reason.json of each quarantined document, sorted by its SHA-256.

        A damaged one has its own sentence in its place.
        """
        return quarantine.reasons(self.root)

    def reader_errors(self, parser: str) -> dict[ContentKey, Bulletin]:
        """Return the documents that this version of the parser makes a mistake on, by content.

        They read as they did: as refused, with the same reason.
        """
        return {
            (of.sha256, of.media_type, of.published_on): Bulletin(
                "refused", record.reason, Reason.READER_ERROR
            )
            for record in quarantine.reasons(self.root)
            if record.parser == parser and (of := record.provenance).media_type is not None
        }

    def write_run(self, summary: object) -> Path:
        """Write runs/<started_at>-<run_id>.json and return its path; needs no lock of the lake's.

        `summary` is a record with the fields of `LastRun` and more. Raises LakeError where it
        cannot be written.
        """
        return runs.write(self.root, summary)

    def runs(self, limit: int | None = None) -> list[Record]:
        """Return the summaries of the runs, the newest first, `limit` of them at most."""
        return runs.summaries(self.root, limit)

    def last_runs(self) -> LastRuns:
        """Return the last run and how each source did last, without reading every summary."""
        return runs.last_runs(self.root)

    def _between(self, table: Table, since: date | None, until: date | None) -> list[Any]:
        """Return the records of a table of these report dates, undated ones where none is asked."""
        if since is None and until is None:
            return list(parquet.records(self.root, table))
        first, last = since or date.min, until or date.max
        records: list[Any] = []
        for partition in parquet.partitions(self.root, table, range(first.year, last.year + 1)):
            year = int(partition[-1])
            days = range(
                max(first, date(year, 1, 1)).toordinal(),
                min(last, date(year, 12, 31)).toordinal() + 1,
            )
            dates = parquet.on_dates([*map(date.fromordinal, days)])
            records += parquet.records(self.root, table, dates, [partition])
        return records


def open_lake(uri: str | Path, *, create: bool = False, older: bool = False) -> Lake:
    """Open the lake at a plain path or a file:// URI; `create` makes it where nothing is.

    `older`: one of an older schema version is opened, too, as `tallybook rebuild` does to bring it
    up to date. Raises UsageError for any other scheme; LakeError for a missing lake, one that
    cannot be written, one of another schema version, and a folder that holds something else.
    """
    root = _path(uri)
    mark = root / _MARK
    try:
        if not mark.exists():
            _make(root, create)
    except OSError as error:
        raise LakeError(f"{root} cannot be opened as a lake: {error.strerror or error}.") from error
    return Lake(root, _version(mark, older=older))


def _path(uri: str | Path) -> Path:
    text = str(uri)
    if isinstance(uri, Path) or not _SCHEME.match(text):
        if not text:
            raise UsageError("The lake needs a path, such as data/lake.")
        return Path(text).absolute()
    parts = urlsplit(text)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not parts.path:
        raise UsageError(
            f"{text} cannot be a lake: this version supports only local lakes. "
            "Give a folder, or file:///path/to/folder."
        )
    return Path(unquote(parts.path))


def _make(root: Path, create: bool) -> None:
    if root.is_dir() and any(not _is_leftover(path) for path in root.iterdir()):
        raise LakeError(
            f"{root} holds other files and is no lake; nothing was written there. "
            "Give an empty or a new folder."
        )
    if not create:
        raise LakeError(
            f"There is no lake at {root}. Name yours with --lake, $TALLYBOOK_LAKE or `lake` in "
            "tallybook.toml; `tallybook run` or `tallybook backfill` makes a new one."
        )
    _mark_version(root)


def _mark_version(root: Path) -> None:
    content = {"format": "tallybook lake", "schema_version": SCHEMA_VERSION}
    files.write(root / _MARK, files.as_json(content))


def _is_leftover(path: Path) -> bool:
    return path.name.startswith(files.TEMPORARY_PREFIX)


def _version(mark: Path, *, older: bool) -> int:
    version = runs.json_object(mark).get("schema_version")
    if not isinstance(version, int):
        raise LakeError(f"{mark} names no schema version: this is no lake, or it is damaged.")
    if version > SCHEMA_VERSION:
        raise LakeError(
            f"The lake {mark.parent} was written by a newer Tallybook (schema {version}; this one "
            f"knows up to {SCHEMA_VERSION}). Update Tallybook, or use another lake."
        )
    if version < SCHEMA_VERSION and not older:
        raise LakeError(
            f"The lake {mark.parent} was written by an older Tallybook (schema {version}; this one "
            f"writes {SCHEMA_VERSION}). `tallybook rebuild --lake {mark.parent}` brings it up to "
            "date: from its own archive, offline, its revisions kept."
        )
    return version
