"""The `warc` source: web archives (*.warc, *.warc.gz), read as a stream, for the bulletins in them.

The format is ISO 28500; a public news crawl has tens of thousands of pages in a file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from flows.errors import SourceError, Unreachable, UsageError
from flows.redact import told_apart
from flows.settings import SIZE_CAP, SourceConfig
from flows.sources.base import (
    DocumentReader,
    Fetch,
    Found,
    files_below,
    root_of,
    unknown_number,
    within,
)
from schemas.codes import OTHER_TEXTS, Reason
from schemas.records import Document

SUFFIXES = (".warc", ".warc.gz")
"""How the names of web archives end."""

expected = unknown_number

_BATCH = 16 * 2**20
"""So many bytes of pages are kept at a time: enough to spread the cost of the prefilter."""

_LONGEST_HEAD = 64 * 2**10
"""Bytes in which the head of an answer must end: servers allow 8 to 64 kB."""

_LONGEST_ADDRESS = 8_000
"""Characters of a page's address that are kept."""

_MOST_DAMAGED = 1_000
"""So many damaged places of an archive are passed over; what has more is no archive."""

_ZIPPED, _PLAIN = b"\x1f\x8b\x08", b"WARC/1."
"""How a record begins that is compressed, as each is on its own, and one that is not."""

_OK = re.compile(rb"http/[\d.]+ 200\b")
"""The status line of a page, in lower case as all of the head."""

_TYPE = re.compile(rb"\ncontent-type:[ \t]*([^\r\n]*)")
"""What an answer says that it holds, in its head in lower case."""

_READABLE = re.compile(rb"text/(?!css|javascript)|[a-z]+/(?:[a-z.-]+\+)?(?:json|xml|xhtml)|\Z")
"""The types that can be pages; an answer may also leave its type out."""


@dataclass(frozen=True, slots=True)
class _Page:
    url: str
    media_type: str
    content: bytes


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the pages of all archives that hold a bulletin of the range; see `base.Kind.find`."""
    for path in archives(_root(config)):
        yield from documents(path, config.name, since, until, reader)


def state(config: SourceConfig) -> str:
    """Return how many archives there are, or that there is none."""
    try:
        return f"ready, {sum(1 for _ in archives(_root(config)))} archives"
    except (SourceError, UsageError) as error:
        return str(error)


def _root(config: SourceConfig) -> Path:
    return root_of(config, "file or folder")


def is_archive(path: Path) -> bool:
    """Whether a file is a web archive by its name."""
    return path.name.lower().endswith(SUFFIXES)


def archives(root: Path) -> Iterator[Path]:
    """Yield the web archives below a folder, sorted; a file is itself."""
    return files_below(root, is_archive)


def documents(
    path: Path, source: str, since: date | None, until: date | None, reader: DocumentReader
) -> Iterator[Found]:
    """Yield the pages of an archive that hold a bulletin of the range, in their order.

    A page is no error if it is simply not the bulletin; one that is and cannot be read is yielded.
    An archive that is damaged or cut off gives what can be read of it, and an error.
    """
    for batch in _batches(path):
        if isinstance(batch, SourceError):
            yield batch
            continue
        hits = reader.may_be_bulletins([page.content for page in batch])
        for page, hit in zip(batch, hits, strict=True):
            url = told_apart(page.url)[:_LONGEST_ADDRESS]
            document = Document(source, url, page.content, page.media_type)
            if hit and _is_wanted(document, since, until, reader):
                yield document


def _is_wanted(
    document: Document, since: date | None, until: date | None, reader: DocumentReader
) -> bool:
    return any(
        within(bulletin.report_date, since, until) or bulletin.reason_code is Reason.READER_ERROR
        for bulletin in reader.read_all(document)
        if bulletin.reason_code not in OTHER_TEXTS
    )


def _batches(path: Path) -> Iterator[list[_Page] | SourceError]:
    """Yield the pages of an archive, some megabytes at a time; last the error, if it is damaged."""
    batch: list[_Page] = []
    size = 0
    problem: SourceError | None = None
    damage: list[str] = []
    try:
        for page in _pages(path, damage):
            batch.append(page)
            size += len(page.content)
            if size >= _BATCH:
                yield batch
                batch, size = [], 0
    except OSError as error:
        damage.insert(0, str(error.strerror or error))
    if damage:
        places = f" (in {len(damage)} places)" if len(damage) > 1 else ""
        said = f"cannot be read to its end, or not all of it{places}: {damage[0]}"
        problem = Unreachable(f"{path}: {said}; what could be read was taken")
    yield batch
    if problem:
        yield problem


def _pages(path: Path, damage: list[str]) -> Iterator[_Page]:
    """Yield the answers that can be pages; behind a damaged record it goes on with the next.

    What is wrong with each damaged place is added to `damage`. Raises OSError where the file
    cannot be read.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    kinds, start, done = WarcRecordType.response, 0, -1
    with path.open("rb") as file:
        while True:
            file.seek(start)
            last = -1
            try:
                for record in ArchiveIterator(
                    file, record_types=kinds, parse_http=False, max_content_length=SIZE_CAP
                ):
                    last = record.stream_pos
                    if last <= done or record.record_type != WarcRecordType.response:
                        continue
                    block = record.reader.read()
                    if len(block) < record.content_length:
                        raise OSError("it is cut off")
                    done = last
                    if page := _page(record.headers.get("WARC-Target-URI") or "", block):
                        yield page
                return
            except OSError as error:
                problem = f"{error.strerror or error}, behind byte {max(last, start):,}"
            if kinds == WarcRecordType.response:
                # Once more from the last page on, every record in turn: where the damage begins.
                kinds, start = WarcRecordType.any_type, max(done, 0)
                continue
            damage.append(problem)
            following = _next_record(file, max(last, start) + 1)
            if following is None or len(damage) == _MOST_DAMAGED:
                return
            start = following


def _next_record(file: BinaryIO, place: int) -> int | None:
    """Return where the next record of a file may begin, from a place on; None where none does."""
    file.seek(0)
    sign = _ZIPPED if file.read(len(_ZIPPED)) == _ZIPPED else _PLAIN
    while True:
        file.seek(place)
        chunk = file.read(_BATCH)
        found = chunk.find(sign)
        if found >= 0:
            return place + found
        if len(chunk) < _BATCH:
            return None
        place += len(chunk) + 1 - len(sign)


def _page(url: str, block: bytes) -> _Page | None:
    """Return the page of an HTTP answer; None for an error, another type, or no such answer.

    The library's own reading of HTTP costs more than all the rest: it is left to the few answers
    that are compressed or sent in chunks.
    """
    end = block.find(b"\r\n\r\n", 0, _LONGEST_HEAD)
    head = block[: max(end, 0)].lower()
    declared = _TYPE.search(head)
    media_type = declared[1].strip() if declared else b""
    if not _OK.match(head) or not _READABLE.match(media_type):
        return None
    content = _unpacked(block) if b"-encoding:" in head else block[end + 4 :]
    return _Page(url.strip("<>"), media_type.decode("latin-1"), content)


def _unpacked(block: bytes) -> bytes:
    """Return the body of an HTTP answer as it was before it was compressed; b"" if damaged."""
    from fastwarc.warc import WarcRecord, WarcRecordType

    record = WarcRecord()
    record.init_headers(WarcRecordType.response)
    record.is_http = True
    record.set_bytes_content(block)
    try:
        record.parse_http(auto_decode="all")
        content = record.reader.read(SIZE_CAP + 1)
    except OSError:
        return b""
    return content if len(content) <= SIZE_CAP else b""
