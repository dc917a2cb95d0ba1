"""Documents of a toy language (JSON), and what the stages before the ledger would make of them.

What a document says is all in its bytes, so that tests can take it in, lose it and read it again.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flows.lake.lake import Lake, open_lake
from flows.publish.publish import Quarantined, publish, run_input
from flows.publish.stretches import decisions
from flows.reconcile.decide import reconcile
from flows.reconcile.speakers import Overruled
from flows.validate.verdicts import Verdicts
from schemas.codes import RuleName, Severity
from schemas.records import (
    Archived,
    Bulletin,
    Document,
    Figure,
    Finding,
    Reading,
    Unrecognized,
    Verdict,
    war_day,
)
from schemas.registry import load_registry
from schemas.tables import LossRow, RevisionRow

NOW = datetime(2026, 11, 1, 9, 30, 0, 123456, tzinfo=UTC)
ORDER = ("first", "second")
TABLES = ("losses", "figures", "bulletins")

Printed = tuple[int | None, int | None]
"""The printed total and delta."""


@dataclass(frozen=True)
class Published:
    """What a run decided and wrote."""

    rows: tuple[LossRow, ...]
    revisions: tuple[RevisionRow, ...]
    overruled: tuple[Overruled, ...]
    quarantined: tuple[Quarantined, ...]
    partitions_written: tuple[str, ...]


def document(
    day: date,
    figures: Mapping[str, Printed],
    source: str = "first",
    published_at: datetime | None = None,
    reread: Mapping[str, Any] | None = None,
    **more: Any,
) -> Document:
    """Return a document that prints these figures for a day.

    `reread` replaces parts of its content for a newer parser; other parts of the content are
    `refused` and `blocked` (the reason), `warnings`, `unrecognized` (label, total and delta each),
    `tag` (anything), and `also`: the contents of further days that the same document holds.
    """
    text = {
        "day": day.isoformat(),
        "figures": figures,
        "published_at": published_at.isoformat() if published_at else None,
        "reread": reread or {},
        **more,
    }
    content = json.dumps(text).encode()
    name = f"{day}-{source}-{zlib.crc32(content)}.json"
    return Document(source, name, content, "application/json")


def verdicts(archived: Archived, parser: int = 1) -> list[Verdict]:
    """Return what the parser (1, or the newer 2) and the gate say about a document's days."""
    text = json.loads(archived.document.content)
    if parser > 1:
        text |= text["reread"]
    return [_verdict(archived, part) for part in (text, *text.get("also", ()))]


def _verdict(archived: Archived, text: Mapping[str, Any]) -> Verdict:
    if text.get("refused"):
        refused = Finding(RuleName.UNREADABLE, Severity.CRITICAL, text["refused"])
        return Verdict(Reading(archived, Bulletin("refused", text["refused"])), (refused,))
    findings = [
        *(
            Finding(RuleName.LABEL_UNRECOGNIZED, Severity.WARNING, sentence)
            for sentence in text.get("warnings", ())
        ),
        *(
            Finding(RuleName.TOTAL_NEGATIVE, Severity.CRITICAL, sentence, ({"total": -1},))
            for sentence in [text.get("blocked")]
            if sentence
        ),
    ]
    return Verdict(Reading(archived, _bulletin(text)), tuple(findings))


def _bulletin(text: Mapping[str, Any]) -> Bulletin:
    day = date.fromisoformat(text["day"])
    published_at = text.get("published_at")
    return Bulletin(
        status="accepted",
        report_date=day,
        war_day=war_day(day),
        language="en",
        complete=True,
        title=f"Day {war_day(day)}",
        published_at=datetime.fromisoformat(published_at) if published_at else None,
        headlines=("A headline", "Another"),
        figures=tuple(
            Figure(category, total, delta, category == "personnel", category, 20 * n, 20 * n + 9)
            for n, (category, (total, delta)) in enumerate(text["figures"].items())
        ),
        unrecognized=tuple(Unrecognized(*item) for item in text.get("unrecognized", ())),
    )


def take_in(
    root: Path | str,
    documents: Sequence[Document],
    *,
    now: datetime = NOW,
    parser: int = 1,
    order: Sequence[str] = ORDER,
) -> Published:
    """Do what a run does: archive the documents, publish them and what is pending."""
    lake = open_lake(root, create=True)
    stored = lake.archive.store(documents, now)
    known = {(a.document.source, a.document.sha256) for a in stored}
    stored += [lake.archive.load(key) for key in lake.archive.pending() if key not in known]
    found = [verdict for archived in stored for verdict in verdicts(archived, parser)]
    return published(lake, found, order=order, now=now)


def rebuilt(
    root: Path | str, *, now: datetime = NOW, parser: int = 1, order: Sequence[str] = ORDER
) -> Published:
    """Do what the rebuild flow does: read every archived document again and publish all anew.

    A lake of an older schema version is brought up to date by that.
    """
    lake = open_lake(root, older=True)
    stored = lake.archive.load_all()
    found = [verdict for archived in stored for verdict in verdicts(archived, parser)]
    return published(lake, found, order=order, now=now, whole=True)


def published(
    lake: Lake,
    found: Sequence[Verdict],
    *,
    order: Sequence[str] = ORDER,
    now: datetime = NOW,
    whole: bool = False,
) -> Published:
    """Reconcile and publish what the gate said of documents that are in the archive."""
    registry = load_registry()
    decide = partial(reconcile, registry=registry, source_order=order, now=now)
    verdicts = Verdicts(found)
    with lake.lock():
        given = run_input(lake, verdicts, whole=whole)
        decided = list(decisions(lake, given, verdicts, registry, decide))
        publication = publish(lake, decided, given, verdicts)
    return Published(
        rows=tuple(row for one in decided for row in one.touched),
        revisions=tuple(revision for one in decided for revision in one.revisions),
        overruled=tuple(figure for one in decided for figure in one.overruled),
        quarantined=publication.quarantined,
        partitions_written=publication.partitions_written,
    )


def days(first: date, *totals: int, source: str = "first") -> list[Document]:
    """Return one document a day with the tanks' totals and the deltas that fit."""
    before = (totals[0], *totals)
    return [
        document(first + timedelta(days=n), {"tanks": (total, total - before[n])}, source)
        for n, total in enumerate(totals)
    ]


def month(first: date, *totals: int, source: str = "first", **more: Any) -> Document:
    """Return one document that holds as many days, as `days` gives one each."""
    parts = [json.loads(one.content) for one in days(first, *totals)]
    return document(first, parts[0]["figures"], source, also=parts[1:], **more)


def statuses(root: Path | str, category: str = "tanks") -> list[str]:
    """Return the delta_status of each row of a category, by date."""
    found = open_lake(root).losses()
    return [row.delta_status for row in found if row.category == category]


def row(lake: Lake, day: date, category: str = "tanks") -> LossRow:
    """Return one row of `losses`."""
    (found,) = (r for r in lake.losses(day, day) if r.category == category)
    return found


def files(root: Path, folders: Iterable[str] = (*TABLES, "quarantine")) -> dict[str, bytes]:
    """Return the bytes of every file in these folders of a lake, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }
