"""The archive: every document as it came, with its provenance, before anything tries to read it."""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from flows import atomic
from flows.errors import LakeError, UsageError
from schemas.records import Archived, Document

Key = tuple[str, str]
"""(source, sha256): one document of one source."""

T = TypeVar("T")

_SOURCE_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_RECORD_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9_-]+)\.json")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a document came from and when it was archived; times are aware, in UTC.

    `published_on` and `fetched_at` are None where they are not known (see `Document`).
    """

    source: str
    url: str
    media_type: str
    published_on: date | None
    fetched_at: datetime | None
    archived_at: datetime
    sha256: str
    size: int
    tool_version: str


class Archive:
    """The `archive/` folder of a lake: content-addressed, written once, never changed.

    The bytes lie at `archive/ab/<sha256>.gz`, one provenance record per source beside them at
    `archive/ab/<sha256>.<source>.json`.
    """

    def __init__(self, lake_root: Path) -> None:
        self.root = lake_root / "archive"

    def store(self, documents: Sequence[Document], now: datetime) -> list[Archived]:
        """Archive documents, durably, and return one `Archived` per distinct (source, sha256).

        They come in the order of first appearance. A document that is on record keeps its first
        provenance, and is returned with that. `now` is an aware UTC datetime. Raises UsageError
        for a source name not made of a-z, 0-9, `_`, `-`; LakeError where it cannot write.
        """
        distinct = _distinct(documents)
        if not distinct:
            return []
        with atomic.locked(FileLock(self.root / ".lock")):
            self._store_missing(distinct, now)
        return [
            _archived(self.provenance(key), document.content) for key, document in distinct.items()
        ]

    def keys(self) -> set[Key]:
        """Return (source, sha256) of every archived document; lists names, opens no file."""
        if not self.root.is_dir():
            return set()
        names = (_RECORD_NAME.fullmatch(path.name) for path in self.root.glob("??/*.json"))
        return {(found[2], found[1]) for found in names if found}

    def load(self, key: Key) -> Archived:
        """Return one document. Raises LakeError if it is not there or its bytes are damaged."""
        path = self._blob(key[1])
        try:
            content = gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise LakeError(f"The archived document {path} cannot be read: {error}.") from error
        if hashlib.sha256(content).hexdigest() != key[1]:
            raise LakeError(
                f"The archived document {path} is damaged: its SHA-256 differs. "
                "Remove it and take the document in again."
            )
        return _archived(self.provenance(key), content)

    def load_all(self) -> Iterator[Archived]:
        """Yield every document, sorted by (source, sha256). Raises LakeError as `load` does."""
        for key in sorted(self.keys()):
            yield self.load(key)

    def provenance(self, key: Key) -> Provenance:
        """Return a document's record without opening the document. Raises LakeError if missing."""
        path = self._record(key)
        try:
            found = json.loads(path.read_bytes())
            return Provenance(
                **found
                | {
                    "published_on": _parsed(date.fromisoformat, found["published_on"]),
                    "fetched_at": _parsed(datetime.fromisoformat, found["fetched_at"]),
                    "archived_at": datetime.fromisoformat(found["archived_at"]),
                }
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LakeError(f"The provenance record {path} cannot be read: {error}.") from error

    def _store_missing(self, distinct: dict[Key, Document], now: datetime) -> None:
        blobs = {self._blob(sha256): document for (_, sha256), document in distinct.items()}
        blobs = {path: document for path, document in blobs.items() if not path.exists()}
        records = {self._record(key): document for key, document in distinct.items()}
        records = {path: document for path, document in records.items() if not path.exists()}
        for folder in sorted({path.parent for path in (*blobs, *records)}):
            atomic.sweep(folder)
        atomic.write_many({p: gzip.compress(d.content, mtime=0) for p, d in blobs.items()})
        # The bytes are durable by now: a record never names a document that a crash has lost.
        atomic.write_many({p: _record(d, now) for p, d in records.items()})

    def _blob(self, sha256: str) -> Path:
        return self.root / sha256[:2] / f"{sha256}.gz"

    def _record(self, key: Key) -> Path:
        source, sha256 = key
        return self.root / sha256[:2] / f"{sha256}.{source}.json"


def _distinct(documents: Sequence[Document]) -> dict[Key, Document]:
    """One document per key; of copies the same one is taken whatever the order they come in."""
    found: dict[Key, Document] = {}
    for document in documents:
        if not _SOURCE_NAME.fullmatch(document.source):
            raise UsageError(
                f"{document.source!r} cannot be the name of a source: "
                "use up to 64 of the characters a-z, 0-9, _ and -."
            )
        key = document.source, document.sha256
        found[key] = min(found.get(key, document), document, key=_copy_order)
    return found


def _copy_order(document: Document) -> tuple[bool, date, str]:
    return document.published_on is None, document.published_on or date.max, document.url


def _record(document: Document, now: datetime) -> bytes:
    provenance = Provenance(
        source=document.source,
        url=document.url,
        media_type=document.media_type,
        published_on=document.published_on,
        fetched_at=document.fetched_at,
        archived_at=now,
        sha256=document.sha256,
        size=len(document.content),
        tool_version=_tool_version(),
    )
    return json.dumps(asdict(provenance), indent=1, default=_iso).encode() + b"\n"


def _archived(provenance: Provenance, content: bytes) -> Archived:
    document = Document(
        source=provenance.source,
        url=provenance.url,
        content=content,
        media_type=provenance.media_type,
        published_on=provenance.published_on,
        fetched_at=provenance.fetched_at,
    )
    return Archived(document, provenance.archived_at)


def _iso(value: date) -> str:
    return value.isoformat()


def _parsed(parse: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else parse(text)


@cache
def _tool_version() -> str:
    try:
        return version("tallybook")
    except PackageNotFoundError:
        return "unknown"
