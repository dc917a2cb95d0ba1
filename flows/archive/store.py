"""The archive: every document as it came, with its provenance, before anything tries to read it."""

import gzip
import hashlib
import logging
import re
import threading
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from sys import intern

from flows.archive import fetched_pages, provenance
from flows.archive.attempts import Attempts, marked, marker
from flows.archive.fetched_pages import FetchedPages, LastFetch
from flows.archive.provenance import SOURCE_NAME, Observation, Provenance
from flows.errors import LakeError, UnreadableDocument, UsageError, why
from flows.fetch.http_cache import CachedPage
from flows.settings import SIZE_CAP
from flows.storage.local import LocalStorage
from flows.storage.storage import Storage
from schemas.records import Archived, Document

Key = tuple[str, str]
"""(source, sha256): one document of one source."""

_LARGEST = 8 * SIZE_CAP
"""Bytes of a document that are unpacked: none that is archived is larger than the cap."""

FOLDER = "archive"
"""The folder of the archive in the lake."""

RECORD_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9_-]+)\.json")
"""The name of a provenance record in its folder: SHA-256 and source."""

_GUARDED = (f"{FOLDER}/", f"{fetched_pages.FOLDER}/")
"""What the archive's lock guards."""

_RECORD_PATH = re.compile(rf"{FOLDER}/[^/]{{2}}/{RECORD_NAME.pattern}")

logger = logging.getLogger(__name__)


class Archive:
    """The `archive/` folder of a lake: content-addressed; the bytes are written once.

    They lie at `archive/ab/<sha256>.gz`, one provenance record per source beside them at
    `archive/ab/<sha256>.<source>.json`. A record changes only when a page that had changed goes
    back to that document: the newer observation is added to it. What is damaged or lost is written
    anew when the same document comes again. `fetched_pages` is what is remembered of each fetched
    address, `attempts` how often reading a document was broken off. `first_stored` are the
    documents of which nothing was there before this object stored them.

    Several threads and processes may store at once; each document is then archived by one of them.
    """

    def __init__(self, lake: Storage | Path) -> None:
        """Open the archive of the lake in this storage, or in this folder of local disk."""
        self.storage = LocalStorage(lake) if isinstance(lake, Path) else lake
        self.fetched_pages = FetchedPages(self.storage)
        self.attempts = Attempts(self.storage)
        self.first_stored: set[Key] = set()
        self._swept = False
        self._turn = threading.Lock()

    def store(
        self,
        documents: Sequence[Document],
        now: datetime,
        problems: list[UnreadableDocument] | None = None,
    ) -> list[Archived]:
        """Archive documents, durably, and return one `Archived` per distinct (source, sha256).

        They come in the order of first appearance. A document that is on record keeps its first
        provenance, and is returned with that. Those whose record this writes are pending from then
        on. `now` is an aware UTC datetime. Raises UsageError for a source name not made of
        a-z, 0-9, `_`, `-`; LakeError where it cannot read or write. A document whose record cannot
        be opened, and may be whole, is left out and added to `problems` where these are given.
        """
        distinct = _distinct(documents)
        if not distinct:
            return []
        with self._locked():
            paths = {key: (record_path(key), content_path(key[1])) for key in distinct}
            self.storage.read_ahead([path for pair in paths.values() for path in pair])
            new = {k for k, pair in paths.items() if not any(map(self.storage.exists, pair))}
            records: dict[Key, Provenance] = {}
            changed: dict[Key, Provenance] = {}
            for key, document in distinct.items():
                try:
                    known = self._whole_record(key)
                except UnreadableDocument as error:
                    if problems is None:
                        raise
                    problems.append(error)
                    continue
                record = self._record_of(document, known, now)
                if record is not known:
                    changed[key] = record
                records[key] = record
            self._write({key[1]: distinct[key].content for key in records}, changed)
            self._remember([d for d in documents if (d.source, d.sha256) in records])
            self.first_stored |= new
        return [record.archived(distinct[key].content) for key, record in records.items()]

    def restore(self, documents: Sequence[tuple[Provenance, bytes]]) -> int:
        """Put documents with the records that another archive had of them; return how many are new.

        What is on record here stays as it is, but for what is damaged or lost. The new ones are
        pending from then on. Raises UsageError and LakeError as `store` does.
        """
        if not documents:
            return 0
        records = {record.key: record for record, _ in documents}
        for source, _ in records:
            _check_name(source)
        with self._locked():
            self.storage.read_ahead([record_path(key) for key in records])
            self.storage.read_ahead([content_path(sha256) for _, sha256 in records])
            new = {key: record for key, record in records.items() if not self._whole_record(key)}
            self._write({record.sha256: content for record, content in documents}, new)
        return len(new)

    def holds(self, key: Key) -> bool:
        """Whether a document of a source is on record."""
        return self.storage.exists(record_path(key))

    def keys(self) -> set[Key]:
        """Return (source, sha256) of every archived document; lists names, opens no file.

        A folder in the place of a record is a damaged one, and no sign that the document is gone.
        """
        listed = chain(self.storage.names(FOLDER), self.storage.folders(FOLDER))
        names = map(_RECORD_PATH.fullmatch, listed)
        return {(intern(name[2]), name[1]) for name in names if name}

    def load(self, key: Key) -> Archived:
        """Return one document. Raises LakeError if it is not there or its bytes are damaged."""
        return self.provenance(key).archived(self.content(key[1]))

    def content(self, sha256: str) -> bytes:
        """Return a document's bytes. Raises LakeError if they are not there or damaged."""
        path = content_path(sha256)
        inflate = zlib.decompressobj(wbits=31)
        try:
            # A damaged file can unfold to any size.
            content = inflate.decompress(self.storage.read(path), _LARGEST)
            if not inflate.eof:
                raise EOFError("it ends too early, or is too large")
        except (OSError, EOFError, zlib.error) as error:
            raise self._unreadable("archived document", path, error) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise UnreadableDocument(
                f"The archived document {self.storage.where(path)} is damaged: its SHA-256 "
                "differs. It is mended when the same document is taken in again."
            )
        return content

    def load_all(self) -> Iterator[Archived]:
        """Yield every document, sorted by (source, sha256). Raises LakeError as `load` does."""
        for key in sorted(self.keys()):
            yield self.load(key)

    def provenance(self, key: Key) -> Provenance:
        """Return a document's record without opening the document.

        Raises LakeError if it is missing, damaged, or about another document.
        """
        path = record_path(key)
        try:
            content = self.storage.read(path)
        except OSError as error:
            raise self._unreadable("provenance record", path, error) from error
        return _parsed_record(content, key, self.storage.where(path))

    def read_ahead(self, keys: Collection[Key], *, contents: bool = False) -> None:
        """Say whose records, and `contents`, will be read one by one; see `Storage.read_ahead`."""
        names = [record_path(key) for key in keys]
        names += [content_path(sha256) for _, sha256 in keys if contents]
        self.storage.read_ahead(names)

    def first_record(self, sha256: str) -> Provenance | None:
        """Return the earliest record of a document, whichever source gave it; None: not archived.

        Raises LakeError for a damaged record.
        """
        names = map(_RECORD_PATH.fullmatch, self.storage.names(f"{FOLDER}/{sha256[:2]}"))
        sources = sorted(name[2] for name in names if name and name[1] == sha256)
        records = (self.provenance((source, sha256)) for source in sources)
        return min(records, key=lambda record: record.archived_at, default=None)

    def copy_of(self, source: str, url: str) -> CachedPage | None:
        """Return the last page of an address (without secrets); None where there is none whole.

        What is lost or damaged is simply fetched again.
        """
        last = self.fetched_pages.get(source, url)
        if last is None:
            return None
        try:
            archived = self.load((source, last.sha256))
        except LakeError:
            return None
        document = archived.document
        headers = dict(document.exchange.response_headers) if document.exchange else {}
        latest = {"etag": last.etag, "last-modified": last.last_modified}
        headers |= {name: value for name, value in latest.items() if value}
        return CachedPage(
            content=document.content,
            media_type=document.media_type,
            fetched_at=document.fetched_at or archived.archived_at,
            headers=headers,
            validators=last.validators,
            final=last.final,
        )

    def pending(self) -> list[Key]:
        """Return the documents that are archived and not published yet, sorted; lists no others."""
        return sorted(key for key in marked(self.storage) if self.holds(key))

    def marked(self) -> set[Key]:
        """Return what is marked as not published, or not with all; maybe never archived."""
        return set(marked(self.storage))

    def mark_pending(self, keys: Iterable[Key]) -> None:
        """Note, durably, that documents are not published, or not with all. Raises LakeError."""
        self.storage.touch_many([marker(key) for key in keys])

    def clear_pending(self, keys: Iterable[Key]) -> None:
        """Note that documents are published; if a crash undoes it, they are published once more.

        Raises LakeError where that is not permitted.
        """
        self.storage.remove_many(marker(key) for key in keys)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the archive alone, among threads and processes. Raises LakeError.

        The threads of a run queue: the file's lock is polled, and gives up after a minute.
        """
        with self._turn, self.storage.locked(f"{FOLDER}/.lock", guards=_GUARDED):
            yield

    def _sweep_markers(self) -> None:
        """Remove the markers of documents that a crash kept from being archived; under the lock.

        Once is enough: another process that crashes later leaves none that does harm.
        """
        if not self._swept:
            self.clear_pending([key for key in marked(self.storage) if not self.holds(key)])
            self._swept = True

    def _write(self, contents: Mapping[str, bytes], records: Mapping[Key, Provenance]) -> None:
        """Write those of the bytes, by their SHA-256, that are not there whole, then all records.

        The bytes and the markers are durable before a record appears: no crash leaves a record of
        a document that is lost, or one that no later run publishes.
        """
        self._sweep_markers()
        missing = {
            path: content
            for sha256, content in contents.items()
            if not self._holds_whole(path := content_path(sha256), content)
        }
        dumped = {record_path(key): provenance.dump(record) for key, record in records.items()}
        for folder in sorted({path.rpartition("/")[0] for path in (*missing, *dumped)}):
            self.storage.sweep(folder)
        self.storage.write_many(
            {path: gzip.compress(content, mtime=0) for path, content in missing.items()}
        )
        self.mark_pending(records)
        self.storage.write_many(dumped)

    def _whole_record(self, key: Key) -> Provenance | None:
        """Return a document's record; None where there is none that is whole.

        Raises LakeError where there is one that cannot be opened: it may be whole.
        """
        path = record_path(key)
        try:
            content = self.storage.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable("provenance record", path, error) from error
        try:
            return _parsed_record(content, key, self.storage.where(path))
        except LakeError as error:
            logger.warning("%s It is written anew if the document comes again.", error)
            return None

    def _record_of(self, document: Document, known: Provenance | None, now: datetime) -> Provenance:
        """Return what is on record of a document from now on: what is known, if nothing is new."""
        if known is None:
            return provenance.first_record(document, now)
        if document.fetched_at is None or not self._is_back(known, document):
            return known
        again = Observation(provenance.address(document), document.fetched_at, now)
        return replace(known, observations=(*known.observations, again))

    def _is_back(self, record: Provenance, document: Document) -> bool:
        """Whether another document was seen at its address since it was seen last."""
        url = provenance.address(document)
        remembered = self.fetched_pages.get(record.source, url)
        if remembered:
            last = (record.source, remembered.sha256)
        else:
            last = self._last_documents.get((record.source, url), record.key)
        if last == record.key:
            return False
        other = self._whole_record(last)
        return other is not None and other.last_seen_at > record.last_seen_at

    @cached_property
    def _last_documents(self) -> dict[tuple[str, str], Key]:
        """The last document of each (source, url) by the records alone: where `seen/` was lost."""
        last: dict[tuple[str, str], tuple[datetime, Key]] = {}
        for key in self.keys():
            record = self._whole_record(key)
            if record is None:
                continue
            times = [(record.url, record.archived_at)]
            times += [(again.url, again.archived_at) for again in record.observations]
            for url, moment in times:
                known = last.get((key[0], url), (moment, key))
                last[key[0], url] = max(known, (moment, key))
        return {address: key for address, (_, key) in last.items()}

    def _remember(self, documents: Sequence[Document]) -> None:
        """Note what each address showed last; of several documents of one the one fetched last."""
        fetches: dict[tuple[str, str], LastFetch] = {}
        fetched = [(d.fetched_at, d) for d in documents if d.fetched_at]
        for _, document in sorted(fetched, key=lambda pair: pair[0]):
            url = provenance.address(document)
            fetches[document.source, url] = self._last_fetch(document, url)
        self.fetched_pages.put(fetches.values())

    def _last_fetch(self, document: Document, url: str) -> LastFetch:
        known = self.fetched_pages.get(document.source, url)
        was_final = known is not None and known.sha256 == document.sha256 and known.final
        headers = dict(document.exchange.response_headers) if document.exchange else {}
        return LastFetch(
            source=document.source,
            url=url,
            sha256=document.sha256,
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            final=was_final or bool(document.exchange and document.exchange.final),
        )

    def _holds_whole(self, path: str, content: bytes) -> bool:
        """Whether a file holds this content, packed, to its last byte; tells of a damaged one."""
        inflate = zlib.decompressobj(wbits=31)
        try:
            # One byte more than it should hold: a damaged file can unfold to any size.
            unpacked = inflate.decompress(self.storage.read(path), len(content) + 1)
            if unpacked == content and inflate.eof and not inflate.unused_data:
                return True
        except FileNotFoundError:
            return False
        except (OSError, zlib.error):
            pass
        place = self.storage.where(path)
        logger.warning("%s was damaged; it is written anew from the same document.", place)
        return False

    def _unreadable(self, what: str, path: str, error: Exception) -> UnreadableDocument:
        reason = why(error)
        if isinstance(error, PermissionError):
            reason += "; it may be whole: give this user the right to read it"
        place = self.storage.where(path)
        return UnreadableDocument(f"The {what} {place} cannot be read: {reason}.")


def content_path(sha256: str) -> str:
    """Return the name of a document's bytes in the lake."""
    return f"{FOLDER}/{sha256[:2]}/{sha256}.gz"


def record_path(key: Key) -> str:
    """Return the name of a provenance record in the lake."""
    source, sha256 = key
    return f"{FOLDER}/{sha256[:2]}/{sha256}.{source}.json"


def _distinct(documents: Sequence[Document]) -> dict[Key, Document]:
    """One document per key; of copies the same one is taken whatever the order they come in."""
    distinct: dict[Key, Document] = {}
    for document in documents:
        _check_name(document.source)
        key = document.source, document.sha256
        distinct[key] = min(distinct.get(key, document), document, key=_copy_order)
    return distinct


def _check_name(source: str) -> None:
    if not SOURCE_NAME.fullmatch(source):
        raise UsageError(
            f"{source!r} cannot be the name of a source: "
            "use up to 64 of the characters a-z, 0-9, _ and -."
        )


def _copy_order(document: Document) -> tuple[bool, date, str]:
    return document.published_on is None, document.published_on or date.max, document.url


def _parsed_record(content: bytes, key: Key, place: str) -> Provenance:
    """Return the record of a document. Raises LakeError for a damaged one, or another's."""
    record = provenance.load(content, place)
    if record.key != key:
        raise UnreadableDocument(
            f"The provenance record {place} is about another document: "
            f"{record.source} {record.sha256}."
        )
    return record
