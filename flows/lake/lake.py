"""The lake: one folder with the published tables, the archive, the quarantine and the runs."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from flows.archive.store import Archive
from flows.errors import LakeError, UsageError
from flows.lake import mark, parquet, quarantine, runs
from flows.lake.quarantine import Held
from flows.lake.runs import LastRuns, Record
from flows.storage.address import storage_at
from flows.storage.local import LocalStorage
from flows.storage.storage import Storage
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


class Lake:
    """An opened lake; get one from `open_lake`. `schema_version` is that of its tables."""

    def __init__(self, storage: Storage, schema_version: int = SCHEMA_VERSION) -> None:
        self.storage = storage
        self.schema_version = schema_version
        self.archive = Archive(storage)

    @property
    def root(self) -> Path:
        """The folder of a lake on local disk, for tools that open its files by themselves.

        Raises UsageError for one in object storage.
        """
        if not isinstance(self.storage, LocalStorage):
            raise UsageError(f"{self.storage} is no folder on local disk, which this needs.")
        return self.storage.root

    @contextmanager
    def lock(self, timeout: float = 60.0) -> Iterator[None]:
        """Hold the lake's lock, alone among all processes; re-entrant within one thread.

        Raises LakeError if another run holds it for more than `timeout` seconds.
        """
        with self.storage.locked(".lock", timeout):
            self.storage.sweep_apart()
            yield

    def drop_damaged(self) -> list[str]:
        """Remove the damaged files of tables that are about to be rebuilt; return their paths.

        Only under the lake's lock. Raises LakeError.
        """
        return parquet.drop_damaged(self.storage)

    def upgrade(self) -> None:
        """Write what is left of an older schema version as the present one; mark the lake so.

        Only under the lake's lock, after all documents were published anew. Raises LakeError.
        """
        for table in TABLES:
            for partition in parquet.partitions(self.storage, table):
                parquet.upgrade(self.storage, table, partition)
        if self.schema_version != SCHEMA_VERSION:
            mark.write(self.storage)
            self.schema_version = SCHEMA_VERSION

    def losses(self, since: date | None = None, until: date | None = None) -> list[LossRow]:
        """Return the rows of `losses`, both dates inclusive, sorted by (report_date, category)."""
        return self._between(LOSSES, since, until)

    def losses_on(self, dates: Collection[date]) -> list[LossRow]:
        """Return the rows of `losses` of these report dates, sorted by (report_date, category)."""
        among = parquet.partitions(self.storage, LOSSES, {day.year for day in dates})
        return list(parquet.records(self.storage, LOSSES, parquet.on_dates(dates), among))

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
        return quarantine.reasons(self.storage)

    def reader_errors(self, parser: str) -> Callable[[ContentKey], Bulletin | None]:
        """Return what knows the documents that this version of the parser makes a mistake on.

        They read as they did: as refused, with the same reason. The quarantine is listed once, and
        only what it has of a document that is asked for is read.
        """
        held = quarantine.by_content(self.storage)

        def known(key: ContentKey) -> Bulletin | None:
            for record in quarantine.reasons_of(self.storage, held.get(key[0], ())):
                of = record.provenance
                if record.parser == parser and (of.sha256, of.media_type, of.published_on) == key:
                    return Bulletin("refused", record.reason, Reason.READER_ERROR)
            return None

        return known

    def write_run(self, summary: object) -> str:
        """Write runs/<started_at>-<run_id>.json and return its place; needs no lock of the lake's.

        `summary` is a record with the fields of `LastRun` and more. Raises LakeError where it
        cannot be written.
        """
        return runs.write(self.storage, summary)

    def runs(self, limit: int | None = None) -> list[Record]:
        """Return the summaries of the runs, the newest first, `limit` of them at most."""
        return runs.summaries(self.storage, limit)

    def last_runs(self) -> LastRuns:
        """Return the last run and how each source did last, without reading every summary."""
        return runs.last_runs(self.storage)

    def _between(self, table: Table, since: date | None, until: date | None) -> list[Any]:
        """Return the records of a table of these report dates, undated ones where none is asked."""
        if since is None and until is None:
            return list(parquet.records(self.storage, table))
        first, last = since or date.min, until or date.max
        records: list[Any] = []
        for partition in parquet.partitions(self.storage, table, range(first.year, last.year + 1)):
            year = int(partition[-1])
            days = range(
                max(first, date(year, 1, 1)).toordinal(),
                min(last, date(year, 12, 31)).toordinal() + 1,
            )
            dates = parquet.on_dates([*map(date.fromordinal, days)])
            records += parquet.records(self.storage, table, dates, [partition])
        return records


def open_lake(uri: str | Path, *, create: bool = False, older: bool = False) -> Lake:
    """Open the lake at a path or an address (`storage_at`); `create` makes it where nothing is.

    `older`: one of an older schema version is opened, too, as `tallybook rebuild` does to bring it
    up to date, and one whose lake.json is lost or damaged, as of version 0: a rebuild writes that
    anew. Raises UsageError for any other scheme; LakeError for a missing lake, one that cannot be
    written, one of another schema version, and a folder that holds something else.
    """
    storage = storage_at(uri)
    try:
        if not storage.exists(mark.NAME) and not (older and mark.is_lake_without(storage)):
            _make(storage, create)
    except OSError as error:
        problem = error.strerror or error
        raise LakeError(f"{storage} cannot be opened as a lake: {problem}.") from error
    return Lake(storage, mark.version(storage, older=older))


def _make(storage: Storage, create: bool) -> None:
    # Another run may have made it in between.
    if not storage.is_empty() and not storage.exists(mark.NAME):
        if mark.is_lake_without(storage):
            raise mark.lost(storage, "is not there")
        raise LakeError(
            f"{storage} holds other files and is no lake; nothing was written there. "
            "Give an empty or a new folder."
        )
    if not create:
        raise LakeError(
            f"There is no lake at {storage}. Name yours with --lake, $TALLYBOOK_LAKE or `lake` in "
            "tallybook.toml; `tallybook run` or `tallybook backfill` makes a new one."
        )
    if not storage.exists(mark.NAME):
        mark.write(storage)
