"""The `warc` source: web archives (*.warc, *.warc.gz), read as a stream, for the bulletins in them.

The format is ISO 28500; a public news crawl has tens of thousands of pages in a file.
"""

import re
import socket
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

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

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

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


_PART = 64 * 2**20
"""At most so many bytes of an archive are searched by a worker at a time: seconds of work, beside
the third of a second that Prefect and Dask take for a task."""

_ANSWER = re.compile(rb"WARC/1\.(?:.*\r\n)+?WARC-Type:[ \t]*response\r\n", re.IGNORECASE)
"""How the record of an answer begins."""

_LENGTH = re.compile(
    rb"WARC/1\.(?:.*\r\n)*?Content-Length:[ \t]*(\d{1,12})[ \t]*\r\n(?:.+\r\n)*\r\n", re.IGNORECASE
)
"""The head of a record, with how many bytes follow."""


@dataclass(frozen=True, slots=True)
class _Page:
    """An answer that can be a page. Its address is asked for when it is wanted: few pages are."""

    place: int
    record: "WarcRecord"
    media_type: str
    content: bytes

    def document(self, source: str) -> Document:
        url = (self.record.headers.get("WARC-Target-URI") or "").strip("<>")
        return Document(source, told_apart(url)[:_LONGEST_ADDRESS], self.content, self.media_type)


@dataclass(frozen=True, slots=True)
class _Part:
    """The answers of an archive that begin from byte `start` on and before `end`, None: its end."""

    path: Path
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class _Hits:
    """Where in a part of an archive the wanted pages begin, and the CRC-32 of each.

    `whole` says that nothing is damaged, and that the part ends where the next one begins.
    """

    part: _Part
    places: tuple[tuple[int, int], ...]
    whole: bool


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the pages of all archives that hold a bulletin of the range; see `base.Kind.find`."""
    yield from search(archives(_root(config)), config.name, since, until, reader)


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


def search(
    paths: Iterable[Path],
    source: str,
    since: date | None,
    until: date | None,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield what `documents` does of each archive in turn; where there are workers, they search.

    Each is given a part of an archive, and opens it by itself: it has to see it at the same path.
    From the first part on that is not whole, or whose pages are not where they were found, the
    archive is searched here.
    """
    if not reader.has_workers:
        for path in paths:
            yield from documents(path, source, since, until, reader)
        return
    broken: Path | None = None
    named = (
        (f"search {part.path.name} from byte {part.start:,}", part)
        for path in paths
        for part in _parts(path)
    )
    searching = partial(_search_part, source=source, since=since, until=until)
    for hits in reader.search(searching, named):
        if hits.part.path == broken:
            continue
        pages = _pages_at(hits) if hits.whole else None
        if pages is not None:
            yield from (page.document(source) for page in pages)
        else:
            broken = hits.part.path
            yield from documents(broken, source, since, until, reader, hits.part.start)


def documents(
    path: Path,
    source: str,
    since: date | None,
    until: date | None,
    reader: DocumentReader,
    start: int = 0,
) -> Iterator[Found]:
    """Yield the pages of an archive that hold a bulletin of the range, in their order.

    A page is no error if it is simply not the bulletin; one that is and cannot be read is yielded.
    An archive that is damaged or cut off gives what can be read of it, and an error. `start` is
    where a record begins: those before it are left out.
    """
    for found in _wanted(_Part(path, start), source, since, until, reader):
        yield found if isinstance(found, SourceError) else found[1]


def _wanted(
    part: _Part, source: str, since: date | None, until: date | None, reader: DocumentReader
) -> Iterator[tuple[int, Document] | SourceError]:
    """Yield the wanted pages of a part, each with its place; last the error, if it is not whole."""
    for batch in _batches(part):
        if isinstance(batch, SourceError):
            yield batch
            continue
        hits = reader.may_be_bulletins([page.content for page in batch])
        for page, hit in zip(batch, hits, strict=True):
            if hit and _is_wanted(document := page.document(source), since, until, reader):
                yield page.place, document


def _search_part(
    part: _Part, reader: DocumentReader, *, source: str, since: date | None, until: date | None
) -> _Hits:
    """Search a part of an archive, as a worker does. Raises UsageError where it is not there."""
    if not part.path.exists():
        raise UsageError(
            f"{part.path}: a worker ({socket.gethostname()}) does not see this archive; every "
            "worker opens web archives itself, at the path that they have here"
        )
    places = []
    for found in _wanted(part, source, since, until, reader):
        if isinstance(found, SourceError):
            return _Hits(part, (), whole=False)
        place, document = found
        places.append((place, zlib.crc32(document.content)))
    return _Hits(part, tuple(places), whole=True)


def _pages_at(hits: _Hits) -> list[_Page] | None:
    """Return the pages that begin at these places; None where others do, or none.

    The file may be another one by now, and of records compressed together only the first one has a
    place of its own.
    """
    from fastwarc.warc import ArchiveIterator

    pages = []
    with suppress(OSError), hits.part.path.open("rb") as file:
        for place, crc32 in hits.places:
            file.seek(place)
            records = ArchiveIterator(file, parse_http=False, max_content_length=SIZE_CAP)
            page = next((_page(record) for record in records), None)
            if page is None or zlib.crc32(page.content) != crc32:
                return None
            pages.append(page)
        return pages
    return None


def _parts(path: Path) -> Iterator[_Part]:
    """Yield the parts of an archive, of much the same size: a task for a small one costs as much.

    It is cut where the record of an answer seems to begin. One that is not compressed is one part:
    a page may hold what looks like a record. So is one whose records are compressed together.
    """
    start, path = 0, path.absolute()
    with suppress(OSError), path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        step = size // -(-size // _PART) + 1 if size else _PART
        while (cut := _answer_behind(file, start + step)) is not None:
            yield _Part(path, start, cut)
            start = cut
    yield _Part(path, start)


def _answer_behind(file: BinaryIO, place: int) -> int | None:
    """Return where a compressed record of an answer seems to begin, from a place on, or None."""
    file.seek(0)
    if file.read(len(_ZIPPED)) != _ZIPPED:
        return None
    while (start := _next_record(file, place)) is not None:
        file.seek(start)
        with suppress(zlib.error):
            head = zlib.decompressobj(wbits=31).decompress(file.read(_LONGEST_HEAD), _LONGEST_HEAD)
            if _ANSWER.match(head):
                return start if _is_alone(file, start, head) else None
        place = start + 1
    return None


def _is_alone(file: BinaryIO, start: int, head: bytes) -> bool:
    """Whether the record that begins so is compressed without another one behind it.

    Raises zlib.error where it is damaged.
    """
    length = _LENGTH.search(head)
    if length is None:
        return False
    left = length.end() + int(length[1]) + len(b"\r\n\r\n") + 1
    inflate = zlib.decompressobj(wbits=31)
    file.seek(start)
    while left > 0 and not inflate.eof and (chunk := file.read(_LONGEST_HEAD)):
        while left > 0 and chunk:
            left -= len(inflate.decompress(chunk, left))
            chunk = inflate.unconsumed_tail
    return left > 0


def _is_wanted(
    document: Document, since: date | None, until: date | None, reader: DocumentReader
) -> bool:
    return any(
        within(bulletin.report_date, since, until) or bulletin.reason_code is Reason.READER_ERROR
        for bulletin in reader.read_all(document)
        if bulletin.reason_code not in OTHER_TEXTS
    )


def _batches(part: _Part) -> Iterator[list[_Page] | SourceError]:
    """Yield the pages of a part, some megabytes at a time; last the error, if it is not whole."""
    batch: list[_Page] = []
    size = 0
    problem: SourceError | None = None
    damage: list[str] = []
    try:
        for page in _pages(part, damage):
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
        problem = Unreachable(f"{part.path}: {said}; what could be read was taken")
    yield batch
    if problem:
        yield problem


def _pages(part: _Part, damage: list[str]) -> Iterator[_Page]:
    """Yield the answers that can be pages; behind a damaged record it goes on with the next.

    What is wrong with each damaged place is added to `damage`, and that the part does not end where
    it should. Raises OSError where the file cannot be read.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    kinds, start, done, passed = WarcRecordType.response, part.start, -1, -1
    with part.path.open("rb") as file:
        while True:
            file.seek(start)
            last = -1
            try:
                for record in ArchiveIterator(
                    file, record_types=kinds, parse_http=False, max_content_length=SIZE_CAP
                ):
                    last = record.stream_pos
                    if part.end is not None and last >= part.end:
                        break
                    if last <= passed or record.record_type != WarcRecordType.response:
                        continue
                    page = _page(record)
                    done = last
                    if page:
                        yield page
                if part.end not in (None, last):
                    damage.append(f"no record begins at byte {part.end:,}")
                return
            except OSError as error:
                problem = f"{error.strerror or error}, behind byte {max(last, start):,}"
            if kinds == WarcRecordType.response:
                # Once more from the last page on, every record in turn: where the damage begins.
                kinds, start, passed = WarcRecordType.any_type, max(done, part.start), done
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


def _page(record: "WarcRecord") -> _Page | None:
    """Return the page of an HTTP answer; None for an error, another type, or no such answer.

    The library's own reading of HTTP costs more than all the rest: it is left to the few answers
    that are compressed or sent in chunks. Raises OSError where the record is damaged or cut off.
    """
    block = record.reader.read()
    if len(block) < record.content_length:
        raise OSError("it is cut off")
    end = block.find(b"\r\n\r\n", 0, _LONGEST_HEAD)
    head = block[: max(end, 0)].lower()
    declared = _TYPE.search(head)
    media_type = declared[1].strip() if declared else b""
    if not _OK.match(head) or not _READABLE.match(media_type):
        return None
    content = _unpacked(block) if b"-encoding:" in head else block[end + 4 :]
    return _Page(record.stream_pos, record, media_type.decode("latin-1"), content)


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
