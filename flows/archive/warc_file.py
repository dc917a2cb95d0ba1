"""The archive as a web archive (WARC 1.1), written for other tools and read back.

A fetched page is a `response` record, a file of one's own a `resource` record. Each is followed by
a `metadata` record with its provenance, without which it could not be put back as it was.
"""

import base64
import gzip
import hashlib
import io
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from flows import files
from flows.archive import provenance
from flows.archive.provenance import Provenance
from flows.archive.store import FOLDER, Archive, Key
from flows.errors import LakeError, UsageError
from flows.redact import plain, shown, told_apart
from flows.settings import SIZE_CAP, tool_version

PROVENANCE_TYPE = "application/vnd.tallybook.provenance+json"
"""By its type a provenance record is told from metadata that other tools write."""

LAKE_FILE_TYPE = "application/vnd.tallybook.lake-file"
"""The type of a file of the lake that no document gives anew, carried beside the documents."""

_LAKE_FILE = "urn:tallybook:lake:"
"""What stands before such a file's name where other records have an address."""

BATCH = 100
"""Documents are archived so many at a time: one flush of the disk for all, little memory."""

_LARGEST = SIZE_CAP + 2**16
"""Bytes of a record that are read: the largest document behind the head of its answer."""

_NAMESPACE = uuid.UUID("4e0c2c5c-6f0e-4a53-9d6b-6a1d8d1f6f0b")
"""Drawn once; the ids of records follow from it and their names, so that exports are the same."""

_DOCUMENTS = (WarcRecordType.response, WarcRecordType.resource)
"""The records that hold a document: a fetched page, a file of one's own."""

_NOT_OF_THE_COPY = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that were true of the answer, not of the decoded body that is kept."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many documents a file holds, how many of them are new here, and what is wrong with it.

    A document whose record here was damaged counts as new.
    """

    documents: int
    new: int
    problems: tuple[str, ...]


def export(archive: Archive, out: Path, beside: Iterable[tuple[str, bytes]] = ()) -> int:
    """Write all documents to `out`, gzip where its name ends so; return how many.

    `beside` are other files of the lake, by name, that are to be kept with them.

    The same archive gives the same bytes, and the file appears when it is whole. Raises LakeError
    for an empty or damaged archive and where the file cannot be written, UsageError for a name
    that is neither *.warc nor *.warc.gz.
    """
    if not out.name.lower().endswith((".warc", ".warc.gz")):
        raise UsageError(f"{out}: the name of a web archive ends in .warc or .warc.gz")
    keys = sorted(archive.keys())
    if not keys:
        raise LakeError(
            f"{archive.storage.where(FOLDER)} holds no documents; there is nothing to export."
        )
    with files.writing(out) as file:
        for record in _records(archive, keys):
            _write(record, file, packed=out.name.lower().endswith(".gz"))
        for name, content in beside:
            _write(_lake_file(name, content), file, packed=out.name.lower().endswith(".gz"))
    return len(keys)


def lake_files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the other files of a lake that an exported file holds, by name; damaged ones are not.

    Raises UsageError for a file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, max_content_length=_LARGEST):
                if record.headers.get("Content-Type") == LAKE_FILE_TYPE:
                    content = record.reader.read()
                    name = unquote(record.headers.get("WARC-Target-URI") or "")
                    if record.headers.get("WARC-Payload-Digest") == _digest(content):
                        yield name.removeprefix(_LAKE_FILE), content
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error


def import_file(archive: Archive, path: Path) -> Imported:
    """Put the documents of an exported file into an archive, each with the record it had.

    What is on record there stays as it is, but for what is damaged or lost. Raises UsageError for
    a file that cannot be read or holds nothing exported by Tallybook, LakeError where the archive
    cannot be written.
    """
    problems: list[str] = []
    documents = new = 0
    batch: list[tuple[Provenance, bytes]] = []
    for document in _documents(path, problems):
        documents += 1
        batch.append(document)
        if len(batch) == BATCH:
            new += archive.restore(batch)
            batch = []
    new += archive.restore(batch)
    if not documents and not problems:
        raise UsageError(
            f"{path}: holds no document that Tallybook exported; "
            "other web archives are read by: tallybook backfill --archive PATH"
        )
    return Imported(documents, new, tuple(problems))


def _records(archive: Archive, keys: list[Key]) -> Iterator[WarcRecord]:
    latest = max(archive.provenance(key).last_seen_at for key in keys)
    yield _info(len(keys), latest)
    for key in keys:
        record = archive.provenance(key)
        name = _id(f"{record.source} {record.sha256}")
        yield _document(record, archive.content(record.sha256), name)
        yield _provenance(record, name)


def _info(documents: int, moment: datetime) -> WarcRecord:
    lines = [
        f"software: Tallybook {tool_version()}",
        "format: WARC File Format 1.1",
        "description: the archive of a Tallybook lake; bodies are decoded as they were kept",
        f"documents: {documents}",
    ]
    body = "".join(f"{line}\r\n" for line in lines).encode()
    info = _record(WarcRecordType.warcinfo, _id(f"info {documents} {moment}"), moment, body)
    info.headers["Content-Type"] = "application/warc-fields"
    return info


def _document(record: Provenance, content: bytes, name: str) -> WarcRecord:
    moment = record.fetched_at or record.archived_at
    if record.exchange:
        body = _head(record, len(content)) + content
        warc_record = _record(WarcRecordType.response, name, moment, body)
        warc_record.headers["Content-Type"] = "application/http;msgtype=response"
    else:
        warc_record = _record(WarcRecordType.resource, name, moment, content)
        warc_record.headers["Content-Type"] = _line(record.media_type)
    warc_record.headers["WARC-Payload-Digest"] = _digest(content)
    warc_record.headers["WARC-Target-URI"] = _uri(record)
    return warc_record


def _head(record: Provenance, size: int) -> bytes:
    """Return the answer's head with the headers that are known, as they fit the decoded body."""
    sent = dict(record.exchange.response_headers) if record.exchange else {}
    headers = {name: value for name, value in sent.items() if name not in _NOT_OF_THE_COPY}
    headers |= {"content-type": record.media_type, "content-length": str(size)}
    lines = [f"{name.title()}: {_line(value)}" for name, value in headers.items()]
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode("latin-1", "replace")


def _lake_file(name: str, content: bytes) -> WarcRecord:
    if len(content) > _LARGEST:
        raise LakeError(f"{name} is too large for a web archive; copy it beside the export.")
    moment = datetime(1970, 1, 1, tzinfo=UTC)  # nothing says when it was written, nor has to
    record = _record(WarcRecordType.metadata, _id(f"lake {name}"), moment, content)
    record.headers["Content-Type"] = LAKE_FILE_TYPE
    record.headers["WARC-Target-URI"] = _LAKE_FILE + quote(name)
    record.headers["WARC-Payload-Digest"] = _digest(content)
    return record


def _digest(content: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(content).digest()).decode()}"


def _provenance(record: Provenance, about: str) -> WarcRecord:
    body = provenance.dump(record)
    name = _id(f"about {record.source} {record.sha256}")
    warc_record = _record(WarcRecordType.metadata, name, record.archived_at, body)
    warc_record.headers["Content-Type"] = PROVENANCE_TYPE
    warc_record.headers["WARC-Target-URI"] = _uri(record)
    warc_record.headers["WARC-Refers-To"] = about
    return warc_record


def _record(kind: WarcRecordType, name: str, moment: datetime, body: bytes) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(kind)
    record.headers["WARC-Record-ID"] = name
    record.headers["WARC-Date"] = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    record.set_bytes_content(body)
    return record


def _write(record: WarcRecord, file: BinaryIO, *, packed: bool) -> None:
    """Append a record; packed, each is a gzip member of its own, as readers that seek want it."""
    buffer = io.BytesIO()
    record.write(buffer, checksum_data=True)
    content = buffer.getvalue()
    file.write(gzip.compress(content, mtime=0) if packed else content)


def _id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, name)}>"


def _uri(record: Provenance) -> str:
    """Return the address; of a file of one's own a file:// address with its path below a root."""
    prefix = "" if record.fetched_at else "file:///"
    return prefix + quote(record.url, safe=":/?#[]@!$&'()*+,;=%~")


def _line(text: str) -> str:
    return " ".join(text.split())


def _documents(path: Path, problems: list[str]) -> Iterator[tuple[Provenance, bytes]]:
    """Yield the documents of a file that are whole; what is wrong is added to `problems`."""
    promised = whole = 0
    name, content = "", b""
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, max_content_length=_LARGEST):
                if record.record_type == WarcRecordType.warcinfo:
                    promised += _promised(record.reader.read())
                elif record.record_type in _DOCUMENTS:
                    name, content = record.record_id or "", record.reader.read()
                elif record.headers.get("Content-Type") == PROVENANCE_TYPE:
                    about = _provenance_of(record, name, content, problems)
                    if about:
                        whole += 1
                        yield about, content
    except OSError as error:
        if not path.is_file():
            raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
        problems.append(f"{path}: is damaged or no web archive: {plain(str(error))}")
    if whole < promised:
        problems.append(f"{path}: {whole} of its {promised} documents could be read")


def _provenance_of(
    record: WarcRecord, name: str, content: bytes, problems: list[str]
) -> Provenance | None:
    """Return the provenance of the document before it; None, and why, where it does not fit."""
    try:
        about = provenance.load(record.reader.read(), record.record_id)
    except LakeError as error:
        problems.append(plain(str(error)))
        return None
    if record.headers.get("WARC-Refers-To") == name and about.fits(content):
        return replace(about, url=told_apart(about.url)) if "://" in about.url else about
    problems.append(f"the document of {shown(about.url)} is not there, or damaged: not taken")
    return None


def _promised(body: bytes) -> int:
    """Return how many documents a file is to hold, by its first record; 0 where it does not say."""
    documents = re.search(rb"^documents: (\d{1,9})\r?$", body, re.MULTILINE)
    return int(documents[1]) if documents else 0
