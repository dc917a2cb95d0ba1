"""The examples: documents of our own wording with a reviewed expectation beside each.

`tests/examples/LANGUAGE/NAME.txt` (or .html) and `NAME.json`; a new document gets its expectation
written from what is read today, marked as not reviewed, and its test fails until a person has
reviewed it and removed the mark.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.parse.bulletin import read
from schemas.records import Bulletin, Document

FOLDER = Path(__file__).parent / "examples"
MEDIA_TYPES = {".txt": "text/plain", ".html": "text/html"}


@dataclass(frozen=True, slots=True)
class Example:
    """A document and what a careful person reads in it."""

    path: Path
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        """LANGUAGE/NAME, as tests and tables show it."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def is_bulletin(self) -> bool:
        """Whether the document is a bulletin and no look-alike."""
        return bool(self.expected["status"] == "accepted")

    def read(self) -> Bulletin:
        """Read the document, its publication date given where the expectation names one."""
        return read(_document(self.path, self.expected.get("published")))


def _document(path: Path, published: str | None) -> Document:
    day = date.fromisoformat(published) if published else None
    return Document("folder", path.name, path.read_bytes(), MEDIA_TYPES[path.suffix], day)


def paths() -> list[Path]:
    """Return every document of the examples, in order."""
    return sorted(p for p in FOLDER.rglob("*") if p.suffix in MEDIA_TYPES)


def load(path: Path) -> Example:
    """Return a document with its expectation, written first where there is none."""
    expectation = path.with_suffix(".json")
    if not expectation.exists():
        expectation.write_text(_draft(path), "utf-8")
    return Example(path, json.loads(expectation.read_text("utf-8")))


def _draft(path: Path) -> str:
    bulletin = read(_document(path, None))
    draft = {"reviewed": False, "shape": "", "published": None} | outcome(bulletin)
    return json.dumps(draft, ensure_ascii=False, indent=1) + "\n"


def outcome(bulletin: Bulletin) -> dict[str, Any]:
    """Return what was read in the form of an expectation."""
    if not bulletin.accepted:
        return {
            "status": "refused",
            "reason_code": bulletin.reason_code,
            "reason": bulletin.reason,
        }
    return {
        "status": "accepted",
        "language": bulletin.language,
        "report_date": bulletin.report_date.isoformat() if bulletin.report_date else None,
        "figures": {f.category: [f.total, f.delta] for f in bulletin.figures},
        "approximate": sorted(f.category for f in bulletin.figures if f.approximate),
        "unrecognized": [
            {"label": u.label, "total": u.total, "delta": u.delta} for u in bulletin.unrecognized
        ],
    }
