"""The lake: one folder with the published tables, the archive, the quarantine and the runs."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from filelock import FileLock

from flows import files
from flows.archive.store import Archive
from flows.errors import LakeError, UsageError
from flows.lake import parquet, quarantine, rows
from schemas.fields import BULLETINS, FIGURES, LOSSES, REVISIONS, SCHEMA_VERSION, Table
from schemas.records import LossRow, RevisionRow

Record = dict[str, Any]
"""One row of a table that has no record class, or one JSON object, by column name."""

_MARK = "lake.json"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Lake:
    """An opened lake; get one from `open_lake`."""

    def __init__(self, root: Path) -> None:
        self.root = root
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

    def losses(self, since: date | None = None, until: date | None = None) -> list[LossRow]:
        """Return the rows of `losses`, both dates inclusive, sorted by (report_date, category)."""
        found = self._select(LOSSES, rows.LOSSES_COLUMNS, since, until)
        return [LossRow(*row) for _, row in found]

    def figures(self, since: date | None = None, until: date | None = None) -> list[Record]:
        """Return the rows of `figures` by column name, "source" added; both dates inclusive."""
        columns = FIGURES.columns
        return [
            {"source": partition[0], **dict(zip(columns, row, strict=True))}
            for partition, row in self._select(FIGURES, columns, since, until)
        ]

    def bulletins(self, since: date | None = None, until: date | None = None) -> list[Record]:
        """Return the rows of `bulletins` by column name; those without a date if none is asked."""
        columns = BULLETINS.columns
        found = self._select(BULLETINS, columns, since, until)
        return [dict(zip(columns, row, strict=True)) for _, row in found]

    def revisions(self, since: date | None = None, until: date | None = None) -> list[RevisionRow]:
        """Return the rows of `revisions` of these report dates, the earliest seen first."""
        found = self._select(REVISIONS, rows.REVISIONS_COLUMNS, since, until)
        return sorted((RevisionRow(*row) for _, row in found), key=lambda row: row.seen_at)

    def quarantined(self) -> list[Record]:
        """Return the reason.json of each quarantined document, sorted by its SHA-256.

        Keys: status, reason, report_date (ISO or None), findings (rule, severity, sentence, rows),
        provenance (source, url, media_type, published_on, fetched_at, archived_at, sha256, size).
        """
        return quarantine.reasons(self.root)

    def write_run(self, summary: Mapping[str, Any]) -> Path:
        """Write runs/<started_at>-<run_id>.json and return its path; needs no lock.

        `summary` is JSON data with at least "started_at" (aware datetime or its ISO string) and
        "run_id". Raises LakeError where it cannot be written.
        """
        started = datetime.fromisoformat(str(summary["started_at"])).astimezone(UTC)
        run_id = re.sub(r"[^A-Za-z0-9-]+", "-", str(summary["run_id"]))
        path = self.root / "runs" / f"{started:%Y%m%dT%H%M%SZ}-{run_id}.json"
        files.write(path, files.as_json(dict(summary)))
        return path

    def runs(self, limit: int | None = None) -> list[Record]:
        """Return the summaries of the runs, the newest first, `limit` of them at most."""
        paths = sorted((self.root / "runs").glob("[0-9]*.json"), reverse=True)
        return [_json(path) for path in paths[:limit]]

    def _select(
        self, table: Table, columns: Sequence[str], since: date | None, until: date | None
    ) -> Iterator[tuple[parquet.Partition, rows.Row]]:
        first, last = since or date.min, until or date.max
        years = range(first.year, last.year + 1)
        place = columns.index("report_date")
        undated = since is None and until is None
        # Compared here and not by pyarrow, which would import pandas for it (half a second).
        for partition, row in parquet.select(self.root, table, columns, years=years):
            day = row[place]
            if undated if day is None else first <= day <= last:
                yield partition, row


def open_lake(uri: str | Path, *, create: bool = False) -> Lake:
    """Open the lake at a plain path or a file:// URI; `create` makes it where nothing is.

    Raises UsageError for any other scheme; LakeError for a missing lake, one that cannot be
    written, one of a newer schema, and a folder that holds something else.
    """
    root = _path(uri)
    mark = root / _MARK
    try:
        if not mark.exists():
            _make(root, create)
    except OSError as error:
        raise LakeError(f"{root} cannot be opened as a lake: {error.strerror or error}.") from error
    _check_version(mark)
    return Lake(root)


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
            f"There is no lake at {root}. `tallybook run` or `tallybook backfill` makes one."
        )
    content = {"format": "tallybook lake", "schema_version": SCHEMA_VERSION}
    files.write(root / _MARK, files.as_json(content))


def _is_leftover(path: Path) -> bool:
    return path.name.startswith(files.TEMPORARY_PREFIX)


def _check_version(mark: Path) -> None:
    version = _json(mark).get("schema_version")
    if not isinstance(version, int):
        raise LakeError(f"{mark} names no schema version: this is no lake, or it is damaged.")
    if version > SCHEMA_VERSION:
        raise LakeError(
            f"The lake {mark.parent} was written by a newer Tallybook (schema {version}; this one "
            f"knows up to {SCHEMA_VERSION}). Update Tallybook, or use another lake."
        )


def _json(path: Path) -> Record:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise LakeError(f"{path} cannot be read: {error}.") from error
    if not isinstance(found, dict):
        raise LakeError(f"{path} is damaged: a JSON object was expected.")
    return found
