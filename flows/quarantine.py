"""The quarantine: what is not published, each document in a folder with the reason."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flows import atomic, rows
from flows.archive import Key
from flows.errors import LakeError
from schemas.records import Verdict

_FOLDER = "quarantine"
_REASON = "reason.json"
_EXTENSIONS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/pdf": ".pdf",
}


def folder(key: Key) -> str:
    """Return a document's quarantine folder inside the lake."""
    source, sha256 = key
    return f"{_FOLDER}/{sha256}.{source}"


def put(root: Path, verdicts: Iterable[Verdict], temporary_folder: Path) -> None:
    """Keep each document in quarantine, with its reason; the document is there first.

    Only under the lake's lock. Raises LakeError where it cannot be written.
    """
    documents: dict[Path, bytes] = {}
    reasons: dict[Path, bytes] = {}
    for verdict in verdicts:
        place = root / folder(verdict.reading.key)
        document = verdict.reading.archived.document
        extension = _EXTENSIONS.get(document.media_type.partition(";")[0].strip().lower(), ".bin")
        documents[place / f"document{extension}"] = document.content
        reasons[place / _REASON] = atomic.as_json(_reason(verdict))
    for files in (documents, reasons):
        atomic.write_many({p: c for p, c in files.items() if not _is(p, c)}, temporary_folder)


def release(root: Path, keys: Iterable[Key]) -> None:
    """Remove documents from quarantine; those that are not there are no error. Raises LakeError."""
    for key in keys:
        place = root / folder(key)
        if place.is_dir():
            for path in sorted(place.iterdir(), key=lambda path: path.name != _REASON):
                atomic.remove(path)
            atomic.remove(place / _REASON)


def keys(root: Path) -> set[Key]:
    """Return (source, sha256) of every quarantined document."""
    names = (path.name.partition(".") for path in (root / _FOLDER).glob("*"))
    return {(source, sha256) for sha256, _, source in names}


def reasons(root: Path) -> list[dict[str, Any]]:
    """Return the content of every reason.json, sorted by folder. Raises LakeError if damaged."""
    found = []
    for path in sorted((root / _FOLDER).glob(f"*/{_REASON}")):
        try:
            found.append(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise LakeError(f"{path} cannot be read: {error}. Run `tallybook rebuild`.") from error
    return found


def _reason(verdict: Verdict) -> dict[str, Any]:
    archived = verdict.reading.archived
    document, bulletin = archived.document, verdict.reading.bulletin
    return {
        "status": rows.status(verdict),
        "reason": rows.reason(verdict),
        "report_date": bulletin.report_date,
        "findings": [asdict(finding) for finding in verdict.findings],
        "provenance": {
            "source": document.source,
            "url": document.url,
            "media_type": document.media_type,
            "published_on": document.published_on,
            "fetched_at": document.fetched_at,
            "archived_at": archived.archived_at,
            "sha256": document.sha256,
            "size": len(document.content),
        },
    }


def _is(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content
