"""Verifying the archive: every hash, every provenance record, and what belongs to nothing."""

import hashlib
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from flows.archive import provenance
from flows.archive.attempts import PENDING
from flows.archive.store import FOLDER, RECORD_NAME, Archive, content_path
from flows.errors import LakeError
from flows.storage.storage import Storage

_CONTENT_NAME = re.compile(r"([0-9a-f]{64})\.gz")
"""The name of a document's bytes: their SHA-256."""

_CHUNK = 2**20
"""Bytes that are unpacked at a time: a damaged file can unfold to any size."""


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with one file; `path` is inside the lake."""

    path: str
    problem: str


class Verification(msgspec.Struct, frozen=True):
    """How many documents and provenance records are whole, the documents' bytes, and the rest."""

    documents: int
    records: int
    bytes: int
    problems: tuple[Problem, ...]


def verify(archive: Archive) -> Verification:
    """Read the whole archive, one document at a time in memory. Raises LakeError if it cannot."""
    check = _Check(archive.storage)
    for path in archive.storage.folders(FOLDER):
        name = path.rpartition("/")[2]
        if _CONTENT_NAME.fullmatch(name) or RECORD_NAME.fullmatch(name):
            check.report(path, "is a folder where a file should be; move it elsewhere")
    for path in archive.storage.names(FOLDER):
        folder, _, name = path.rpartition("/")
        if not name.startswith(".") and folder != PENDING:
            check.look_at(path)
    check.match()
    return Verification(
        documents=len(check.sizes),
        records=len(check.records),
        bytes=sum(check.sizes.values()),
        problems=tuple(sorted(check.problems, key=lambda problem: problem.path)),
    )


class _Check:
    """What is known so far: the size of each whole document, the size that each record gives."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.sizes: dict[str, int] = {}
        self.contents: set[str] = set()
        self.records: dict[str, tuple[str, int]] = {}
        self.problems: list[Problem] = []

    def look_at(self, path: str) -> None:
        """Look at one file."""
        folder, _, last = path.rpartition("/")
        content, record = _CONTENT_NAME.fullmatch(last), RECORD_NAME.fullmatch(last)
        if (name := content or record) is None or folder != f"{FOLDER}/{name[1][:2]}":
            self.report(path, "is no part of an archive; move it elsewhere")
        elif content:
            self.contents.add(content[1])
            with self._opening(path):
                self._look_at_content(path, content[1])
        elif record:
            with self._opening(path):
                self._look_at_record(path, sha256=record[1], source=record[2])

    @contextmanager
    def _opening(self, path: str) -> Iterator[None]:
        """Report a file that the system does not let us open: it may be whole."""
        try:
            yield
        except OSError as error:
            self.report(path, f"cannot be opened: {error.strerror or error}; it may be whole")

    def match(self) -> None:
        """Match documents and records, both ways."""
        named = {sha256 for sha256, _ in self.records.values()}
        for path, (sha256, size) in self.records.items():
            if sha256 not in self.contents:
                self.report(path, "the document that it is about is not there")
            elif self.sizes.get(sha256, size) != size:
                self.report(path, f"gives {size} bytes, the document has {self.sizes[sha256]}")
        for sha256 in self.contents - named:
            self.report(content_path(sha256), "no provenance record is about it")

    def _look_at_content(self, path: str, sha256: str) -> None:
        digest, size = hashlib.sha256(), 0
        try:
            for chunk in _unpacked(self._storage.read(path)):
                digest.update(chunk)
                size += len(chunk)
        except (EOFError, zlib.error) as error:
            self.report(path, f"cannot be unpacked: {error}")
            return
        if digest.hexdigest() == sha256:
            self.sizes[sha256] = size
        else:
            self.report(path, "is damaged: its SHA-256 is not the one in its name")

    def _look_at_record(self, path: str, *, sha256: str, source: str) -> None:
        try:
            record = provenance.load(self._storage.read(path), path.rpartition("/")[2])
        except LakeError as error:
            self.report(path, str(error))
            return
        self.records[path] = sha256, record.size
        if (record.sha256, record.source) != (sha256, source):
            self.report(path, f"is about another document: {record.source} {record.sha256}")

    def report(self, path: str, problem: str) -> None:
        """Note what is wrong with a file."""
        self.problems.append(Problem(path.encode("utf-8", "replace").decode(), problem))


def _unpacked(packed: bytes) -> Iterator[bytes]:
    """Yield a gzip file's content, whatever its size, a piece at a time."""
    inflate = zlib.decompressobj(wbits=31)
    for start in range(0, len(packed), _CHUNK):
        part = packed[start : start + _CHUNK]
        while part:
            yield inflate.decompress(part, _CHUNK)
            part = inflate.unconsumed_tail
    yield inflate.flush()
    if not inflate.eof or inflate.unused_data:
        raise EOFError("it ends too early, or more follows it")
