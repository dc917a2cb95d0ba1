"""The quarantine: what is not published, each document in a folder with the reason.

A document that holds many days is there if any of them is not published.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flows import files
from flows.errors import LakeError
from schemas.records import Key, Verdict

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


def put(root: Path, held: Iterable[Sequence[Verdict]], temporary_folder: Path) -> None:
    """Keep documents in quarantine, each with the verdicts that hold it; its bytes are there first.

    Only under the lake's lock. Raises LakeError where it cannot be written.
    """
    documents: dict[Path, bytes] = {}
    reasons: dict[Path, bytes] = {}
    for verdicts in held:
        place = root / folder(verdicts[0].reading.key)
        document = verdicts[0].reading.archived.document
        extension = _EXTENSIONS.get(document.media_type.partition(";")[0].strip().lower(), ".bin")
        documents[place / f"document{extension}"] = document.content
        reasons[place / _REASON] = files.as_json(_record(verdicts))
    for contents in (documents, reasons):
        files.write_many({p: c for p, c in contents.items() if not _is(p, c)}, temporary_folder)


def release(root: Path, keys: Iterable[Key]) -> None:
    """Remove documents from quarantine; those that are not there are no error. Raises LakeError."""
    for key in keys:
        place = root / folder(key)
        if place.is_dir():
            for path in sorted(place.iterdir(), key=lambda path: path.name != _REASON):
                files.remove(path)
            files.remove(place / _REASON)


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


def _record(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    archived = verdicts[0].reading.archived
    document = archived.document
    dates = {verdict.reading.bulletin.report_date for verdict in verdicts}
    return {
        "status": verdicts[0].status,
        "reason_code": verdicts[0].reason_code,
        "reason": reason(verdicts),
        "report_date": dates.pop() if len(dates) == 1 else None,
        "findings": [asdict(finding) for verdict in verdicts for finding in verdict.findings],
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
