"""The `folder` source: an archive of documents on disk, nested at will."""

import os
import re
import stat
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

from flows.errors import NotThePage, SourceError, TooLarge, Unreachable, UsageError
from flows.moments import iso_date
from flows.settings import SIZE_CAP, SourceConfig
from flows.sources import warc
from flows.sources.base import (
    DocumentReader,
    Fetch,
    Found,
    files_below,
    root_of,
    some_days_after,
    unknown_number,
    within,
)
from schemas.records import Document

MEDIA_TYPES = {
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".json": "application/json",
}
"""What a file holds, by how its name ends."""

SUFFIXES = (*MEDIA_TYPES, *warc.SUFFIXES)
"""How the names of documents end; a web archive holds many."""

expected = unknown_number

_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
"""A date in a file name: "losses-2023-10-09-final.html", but no part of a longer number."""


def check_archive(archive: str | None) -> None:
    """Raise UsageError where a folder of documents that is named is not there or holds none.

    A flow would say so, too, once its engine has started. None names no folder.
    """
    if archive is None:
        return
    root = Path(archive)
    if not root.exists():
        raise UsageError(f"{archive}: there is no such folder")
    if next(paths(root), None) is None:
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        raise UsageError(f"{archive}: holds no documents ({kinds})")


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the folder's documents in the order of their paths; see `base.Kind.find`.

    With a bound, a document counts by the report dates it prints, or by the date in its file name
    where it prints none; a file whose name is dated outside the days in question is not opened.
    Web archives are searched for bulletins.
    """
    root = root_of(config)
    for are_archives, group in groupby(paths(root), key=warc.is_archive):
        if are_archives:
            yield from warc.search(group, config.name, since, until, reader)
            continue
        latest = until and some_days_after(until)
        named = ((path, date_in_name(path.name)) for path in group)
        loaded = (
            (day, load(path, source=config.name, root=root))
            for path, day in named
            if day is None or within(day, since, latest)
        )
        if since is None and until is None:
            yield from (found for _, found in loaded)
            continue
        for day, found in reader.ahead(loaded, _document):
            if _is_wanted(day, found, since, until, reader):
                yield found


def _document(dated: tuple[date | None, Found]) -> Document | None:
    return dated[1] if isinstance(dated[1], Document) else None


def _is_wanted(
    named_date: date | None,
    found: Found,
    since: date | None,
    until: date | None,
    reader: DocumentReader,
) -> bool:
    if isinstance(found, SourceError):
        return within(named_date, since, until)
    days = reader.report_dates(found) or (named_date,)
    wanted = any(within(day, since, until) for day in days)
    return wanted or (days == (None,) and reader.breaks(found))


def state(config: SourceConfig) -> str:
    """Return how many documents the folder holds, or that there is none."""
    try:
        return f"ready, {sum(1 for _ in paths(root_of(config)))} documents"
    except (SourceError, UsageError) as error:
        return str(error)


def date_in_name(name: str) -> date | None:
    """Return the first `YYYY-MM-DD` of a file name that is a date, else None."""
    return next(filter(None, map(iso_date, _DATE.findall(name))), None)


def paths(root: Path) -> Iterator[Path]:
    """Yield the files below `root` that are documents by their name, sorted; a file is itself."""
    return files_below(root, _is_document)


def _is_document(path: Path) -> bool:
    return path.suffix.lower() in MEDIA_TYPES or warc.is_archive(path)


def load(path: Path, *, source: str, root: Path) -> Found:
    """Return the file as a document, or the error that says why it cannot be taken.

    Its `url` is the path below `root` with "/" between the parts, its `published_on` the date in
    its name.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return NotThePage(f"{path}: not a regular file")
        with path.open("rb") as file:
            # Not up to the cap at once: of room for that a page of memory would stay for each.
            content = file.read(min(status.st_size, SIZE_CAP) + 1)
            if len(content) > status.st_size:  # it grows, or the system does not tell its size
                content += file.read(SIZE_CAP + 1 - len(content))
    except OSError as error:
        return Unreachable(f"{path}: cannot be read: {error.strerror or error}")
    if len(content) > SIZE_CAP:
        return TooLarge(f"{path}: larger than {SIZE_CAP // 2**20} MB, which no bulletin is")
    return Document(
        source=source,
        url=_relative(path, root),
        content=content,
        media_type=MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream"),
        published_on=date_in_name(path.name),
    )


def _relative(path: Path, root: Path) -> str:
    relative = path.relative_to(root) if path != root else Path(path.name)
    return os.fsencode(relative.as_posix()).decode("utf-8", "replace")
