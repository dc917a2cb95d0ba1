"""The quarantine: what is not published, each document in a folder with the reason.

A document that holds many days is there if any of them is not published.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from flows.files import as_json, seal_holds, sealed
from flows.storage.storage import Storage
from schemas.codes import DocumentStatus
from schemas.records import Finding, Key, Verdict
from schemas.typed import Moment

_FOLDER = "quarantine"
_REASON = "reason.json"
_DOCUMENT = "document"
_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9_-]{1,64})")
"""The name of a document's folder: SHA-256 and source. Others were not made here."""

_EXTENSIONS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/pdf": ".pdf",
}


class HeldProvenance(msgspec.Struct, frozen=True):
    """Where a quarantined document came from; times in UTC, size in bytes.

    Of a record that is damaged only the document is known.
    """

    source: str
    url: str
    media_type: str | None
    published_on: date | None
    fetched_at: Moment | None
    archived_at: Moment | None
    sha256: str
    size: int | None


class Held(msgspec.Struct, frozen=True):
    """What `reason.json` says: why a document is not published, and where it came from.

    `report_date` is null where it has none, or several. `reason_code` is that of the first bulletin
    that holds it, null in files of older versions; `parser` is the version that makes a mistake on
    it, null where none does; `findings` are the broken rules with their rows.
    """

    status: DocumentStatus
    reason: str
    report_date: date | None
    findings: tuple[Finding, ...]
    provenance: HeldProvenance
    reason_code: str | None = None
    parser: str | None = None


def folder(key: Key) -> str:
    """Return a document's quarantine folder inside the lake."""
    source, sha256 = key
    return f"{_FOLDER}/{sha256}.{source}"


def put(
    storage: Storage,
    held: Iterable[Sequence[Verdict]],
    mistakes: Mapping[Key, str],
    content_of: Callable[[str], bytes],
) -> None:
    """Keep documents in quarantine, each with the verdicts that hold it; its bytes are there first.

    `content_of` gives the bytes of an archived document by its SHA-256, or raises LakeError.
    `mistakes` are the documents that Tallybook makes a mistake on, with the version of the parser
    that does. Only under the lake's lock. Raises LakeError where it cannot be written, too.
    """
    documents: dict[str, bytes] = {}
    reasons: dict[str, bytes] = {}
    for verdicts in held:
        key = verdicts[0].reading.key
        place = folder(key)
        document = verdicts[0].reading.archived.document
        extension = _EXTENSIONS.get(document.media_type.partition(";")[0].strip().lower(), ".bin")
        content = content_of(document.sha256)
        documents[f"{place}/{_DOCUMENT}{extension}"] = content
        reasons[f"{place}/{_REASON}"] = sealed(
            as_json(_held(verdicts, mistakes.get(key), len(content)))
        )
    for contents in (documents, reasons):
        new = {name: c for name, c in contents.items() if not _is(storage, name, c)}
        storage.write_many(new, apart=True)


def release(storage: Storage, keys: Iterable[Key]) -> None:
    """Remove documents from quarantine; those that are not there are no error. Raises LakeError.

    Other files in their folders were not made here, and stay.
    """
    made = sorted(f"{_DOCUMENT}{extension}" for extension in {*_EXTENSIONS.values(), ".bin"})
    for key in keys:
        there = set(storage.names(folder(key)))
        for name in (f"{folder(key)}/{name}" for name in (_REASON, *made)):
            if name in there:
                storage.remove(name)


def keys(storage: Storage) -> set[Key]:
    """Return (source, sha256) of every quarantined document; other folders are none of ours."""
    names = (_NAME.fullmatch(name.split("/")[1]) for name in storage.names(_FOLDER))
    return {(name[2], name[1]) for name in names if name}


def by_content(storage: Storage) -> dict[str, list[Key]]:
    """Return the keys of the quarantined documents by their SHA-256."""
    found: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(keys(storage)):
        found[key[1]].append(key)
    return dict(found)


def reasons_of(storage: Storage, documents: Iterable[Key]) -> Iterator[Held]:
    """Yield the content of the reason.json of these documents, where there is one."""
    for key in documents:
        if storage.exists(f"{folder(key)}/{_REASON}"):
            yield _read(storage, key)


def reasons(storage: Storage) -> list[Held]:
    """Return the content of every reason.json, sorted by folder.

    Of one that is damaged, or cannot be opened, the record says so in its place.
    """
    return [
        _read(storage, (name[2], name[1]))
        for path in storage.names(_FOLDER)
        if path.endswith(f"/{_REASON}") and (name := _NAME.fullmatch(path.split("/")[1]))
    ]


def _read(storage: Storage, key: Key) -> Held:
    source, sha256 = key
    place = f"{folder(key)}/{_REASON}"
    try:
        content = storage.read(place)
        held = msgspec.json.decode(content, type=Held)
        if not seal_holds(content):
            problem = "was changed since it was written; `tallybook rebuild` writes it anew"
        elif (held.provenance.source, held.provenance.sha256) == key:
            return held
        else:
            problem = "is about another document; `tallybook rebuild` writes it anew"
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        problem = f"is damaged ({type(error).__name__}); `tallybook rebuild` writes it anew"
    return Held(
        status=DocumentStatus.QUARANTINED,
        reason=f"{place} {problem}",
        report_date=None,
        findings=(),
        provenance=HeldProvenance(source, place, None, None, None, None, sha256, None),
    )


def reason(verdicts: Sequence[Verdict]) -> str:
    """Return why a document is held, in one line; of several days each with its own reason."""
    sentences = dict.fromkeys(
        f"{_day(verdict)}: {_why(verdict)}" if len(verdicts) > 1 else _why(verdict)
        for verdict in verdicts
    )
    return "; ".join(sentences)


def _day(verdict: Verdict) -> str:
    return str(verdict.reading.bulletin.report_date or "no date")


def _why(verdict: Verdict) -> str:
    return verdict.reason or "no reason given"


def _held(verdicts: Sequence[Verdict], parser: str | None, size: int) -> Held:
    archived = verdicts[0].reading.archived
    document = archived.document
    dates = {verdict.reading.bulletin.report_date for verdict in verdicts}
    return Held(
        status=verdicts[0].status,
        reason_code=verdicts[0].reason_code,
        reason=reason(verdicts),
        parser=parser,
        report_date=dates.pop() if len(dates) == 1 else None,
        findings=tuple(finding for verdict in verdicts for finding in verdict.findings),
        provenance=HeldProvenance(
            source=document.source,
            url=document.url,
            media_type=document.media_type,
            published_on=document.published_on,
            fetched_at=document.fetched_at,
            archived_at=archived.archived_at,
            sha256=document.sha256,
            size=size,
        ),
    )


def _is(storage: Storage, name: str, content: bytes) -> bool:
    try:
        return storage.read(name) == content
    except FileNotFoundError:
        return False
