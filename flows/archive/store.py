"""The archive: every document as it came, with its provenance, before anything tries to read it."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from flows import files
from flows.archive import provenance
from flows.archive.fetched_pages import Seen, SeenPages
from flows.archive.provenance import Provenance, Sighting
from flows.errors import LakeError, UsageError
from schemas.records import Archived, Document

Key = tuple[str, str]
"""(source, sha256): one document of one source."""

_SOURCE_NAME = re.compile(r"[a-z0-9_-]{1,64}")
RECORD_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9_-]+)\.json")


class Archive:
    """The `archive/` folder of a lake: content-addressed; the bytes are written once.

    They lie at `archive/ab/<sha256>.gz`, one provenance record per source beside them at
    `archive/ab/<sha256>.<source>.json`. A record changes only when a page that had changed goes
    back to that document: the newer sighting is added to it. `seen` is what is remembered of each
    fetched address.
    """

    def __init__(self, lake_root: Path) -> None:
        self.root = lake_root / "archive"
        self.seen = SeenPages(lake_root)

    def store(self, documents: Sequence[Document], now: datetime) -> list[Archived]:
        """Archive documents, durably, and return one `Archived` per distinct (source, sha256).

        They come in the order of first appearance. A document that is on record keeps its first
        provenance, and is returned with that. `now` is an aware UTC datetime. Raises UsageError
        for a source name not made of a-z, 0-9, `_`, `-`; LakeError where it cannot write.
        """
        distinct = _distinct(documents)
        if not distinct:
            return []
        with files.locked(FileLock(self.root / ".lock")):
            new = [key for key in distinct if not self.holds(key)]
            self.mark_pending(new)
            records = {key: provenance.of(distinct[key], now) for key in new}
            records |= self._seen_again(distinct, now)
            self._write({key[1]: found.content for key, found in distinct.items()}, records)
            self._remember(documents)
        return [self.provenance(key).archived(found.content) for key, found in distinct.items()]

    def restore(self, documents: Sequence[tuple[Provenance, bytes]]) -> int:
        """Put documents with the records that another archive had of them; return how many are new.

        What is on record here stays as it is. Raises UsageError and LakeError as `store` does.
        """
        if not documents:
            return 0
        given = {(record.source, record.sha256): (record, body) for record, body in documents}
        for source, _ in given:
            _check_name(source)
        with files.locked(FileLock(self.root / ".lock")):
            new = {key: record for key, (record, _) in given.items() if not self.holds(key)}
            self.mark_pending(new)
            self._write({key[1]: given[key][1] for key in new}, new)
        return len(new)

    def holds(self, key: Key) -> bool:
        """Whether a document of a source is on record."""
        return self._record(key).exists()

    def pending(self) -> list[Key]:
        """Return the documents that are archived and not published yet, sorted."""
        names = (path.name.partition(".") for path in (self.root / ".pending").glob("*"))
        keys = ((source, sha256) for sha256, _, source in names)
        return sorted(key for key in keys if self.holds(key))

    def mark_pending(self, keys: Iterable[Key]) -> None:
        """Mark documents as not published yet, durably. Raises LakeError."""
        marks = {self._mark(key): b"" for key in keys}
        files.write_many({path: content for path, content in marks.items() if not path.exists()})

    def clear_pending(self, keys: Iterable[Key]) -> None:
        """Mark documents as published. Raises LakeError."""
        for key in keys:
            self._mark(key).unlink(missing_ok=True)

    def _mark(self, key: Key) -> Path:
        source, sha256 = key
        return self.root / ".pending" / f"{sha256}.{source}"

    def keys(self) -> set[Key]:
        """Return (source, sha256) of every archived document; lists names, opens no file."""
        if not self.root.is_dir():
            return set()
        names = (RECORD_NAME.fullmatch(path.name) for path in self.root.glob("??/*.json"))
        return {(found[2], found[1]) for found in names if found}

    def load(self, key: Key) -> Archived:
        """Return one document. Raises LakeError if it is not there or its bytes are damaged."""
        return self.provenance(key).archived(self.content(key[1]))

    def content(self, sha256: str) -> bytes:
        """Return a document's bytes. Raises LakeError if they are not there or damaged."""
        path = self._blob(sha256)
        try:
            content = gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise LakeError(f"The archived document {path} cannot be read: {error}.") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise LakeError(
                f"The archived document {path} is damaged: its SHA-256 differs. "
                "Remove it and take the document in again."
            )
        return content

    def load_all(self) -> Iterator[Archived]:
        """Yield every document, sorted by (source, sha256). Raises LakeError as `load` does."""
        for key in sorted(self.keys()):
            yield self.load(key)

    def provenance(self, key: Key) -> Provenance:
        """Return a document's record without opening the document. Raises LakeError if missing."""
        path = self._record(key)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LakeError(f"The provenance record {path} cannot be read: {error}.") from error
        return provenance.load(content, path)

    def _write(self, contents: Mapping[str, bytes], records: Mapping[Key, Provenance]) -> None:
        """Write the bytes that are not there, by their SHA-256, then all of these records."""
        blobs = {self._blob(sha256): content for sha256, content in contents.items()}
        blobs = {path: content for path, content in blobs.items() if not path.exists()}
        dumped = {self._record(key): provenance.dump(record) for key, record in records.items()}
        for folder in sorted({path.parent for path in (*blobs, *dumped)}):
            files.sweep(folder)
        files.write_many({path: gzip.compress(c, mtime=0) for path, c in blobs.items()})
        # The bytes are durable by now: a record never names a document that a crash has lost.
        files.write_many(dumped)

    def _seen_again(self, distinct: Mapping[Key, Document], now: datetime) -> dict[Key, Provenance]:
        """The records of documents that their pages have gone back to, the sighting added."""
        found = {}
        for key, document in distinct.items():
            if document.fetched_at and self.holds(key) and self._is_back(key, document):
                record = self.provenance(key)
                sighting = Sighting(provenance.address(document), document.fetched_at, now)
                found[key] = replace(record, sightings=(*record.sightings, sighting))
        return found

    def _is_back(self, key: Key, document: Document) -> bool:
        """Whether another document was seen at its address since it was seen last."""
        url = provenance.address(document)
        seen = self.seen.get(key[0], url)
        last = (key[0], seen.sha256) if seen else self._last_seen.get((key[0], url), key)
        if last == key or not self.holds(last):
            return False
        return self.provenance(last).last_seen_at > self.provenance(key).last_seen_at

    @cached_property
    def _last_seen(self) -> dict[tuple[str, str], Key]:
        """The last document of each (source, url) by the records alone: where `seen` was lost."""
        found: dict[tuple[str, str], tuple[datetime, Key]] = {}
        for key in self.keys():
            record = self.provenance(key)
            times = [(record.url, record.archived_at)]
            times += [(sighting.url, sighting.archived_at) for sighting in record.sightings]
            for url, moment in times:
                known = found.get((key[0], url), (moment, key))
                found[key[0], url] = max(known, (moment, key))
        return {place: key for place, (_, key) in found.items()}

    def _remember(self, documents: Sequence[Document]) -> None:
        pages: dict[tuple[str, str], Seen] = {}
        for document in sorted(filter(_fetched, documents), key=_fetched_at):
            url = provenance.address(document)
            pages[document.source, url] = self._seen(document, url)
        self.seen.put(list(pages.values()))

    def _seen(self, document: Document, url: str) -> Seen:
        known = self.seen.get(document.source, url)
        same = known is not None and known.sha256 == document.sha256
        headers = dict(document.exchange.response_headers) if document.exchange else {}
        return Seen(
            source=document.source,
            url=url,
            sha256=document.sha256,
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            settled=bool(document.exchange and document.exchange.settled)
            or bool(same and known and known.settled),
        )

    def _blob(self, sha256: str) -> Path:
        return self.root / sha256[:2] / f"{sha256}.gz"

    def _record(self, key: Key) -> Path:
        source, sha256 = key
        return self.root / sha256[:2] / f"{sha256}.{source}.json"


def _distinct(documents: Sequence[Document]) -> dict[Key, Document]:
    """One document per key; of copies the same one is taken whatever the order they come in."""
    found: dict[Key, Document] = {}
    for document in documents:
        _check_name(document.source)
        key = document.source, document.sha256
        found[key] = min(found.get(key, document), document, key=_copy_order)
    return found


def _check_name(source: str) -> None:
    if not _SOURCE_NAME.fullmatch(source):
        raise UsageError(
            f"{source!r} cannot be the name of a source: "
            "use up to 64 of the characters a-z, 0-9, _ and -."
        )


def _copy_order(document: Document) -> tuple[bool, date, str]:
    return document.published_on is None, document.published_on or date.max, document.url


def _fetched(document: Document) -> bool:
    return document.fetched_at is not None


def _fetched_at(document: Document) -> datetime:
    assert document.fetched_at is not None
    return document.fetched_at
