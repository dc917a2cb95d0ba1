"""A day as it stood at an earlier moment: what is published now, with later changes undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flows.archive.provenance import Provenance
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.lake.window import candidates_on
from flows.reconcile.consensus import NOBODY, LatestBySource, latest_by_source
from flows.reconcile.series import Cell, ConsensusFigure, Series, checked_rows
from flows.report.source_conflicts import around, weighed_in
from schemas.codes import Diagnosis
from schemas.records import Candidate
from schemas.registry import Registry
from schemas.tables import FIGURES, LossRow, RevisionRow

Documents = Mapping[str, Provenance]
"""The first record of each archived document, by SHA-256."""


@dataclass(slots=True)
class _Stood:
    """What was published of a cell; `total` None: nothing."""

    total: int | None = None
    delta: int | None = None
    diagnosis: Diagnosis | None = None
    suggested_total: int | None = None
    document_sha256: str = ""


def rows_as_of(
    lake: Lake, day: date | None, when: datetime, registry: Registry, source_order: Sequence[str]
) -> list[LossRow]:
    """Return a day's rows as they stood at `when` (aware), the latest day's of then for None.

    Later revisions are undone, and what was first archived later is left out; the checks are made
    anew with the totals of then. No rows: nothing of the day was on record yet. A figure that a
    newer parser found for the first time in an older document counts from the archiving on.
    Raises LakeError for a damaged lake.
    """
    now = {_cell(row): row for row in lake.losses(until=day)}
    revisions = lake.revisions(until=day)
    documents = first_records(lake)
    stood = _undone(now, revisions, when)
    seen = _seen(lake, now, revisions, documents, when)
    totals = _totals({cell: one for cell, one in stood.items() if cell in seen})
    latest = day or max((d for days in totals.values() for d in days), default=None)
    if latest is None:
        return []
    speaking = _speaking(lake, latest, documents, when)
    chosen = [
        _chosen((latest, category), stood[latest, category], speaking, documents, source_order)
        for category, days in totals.items()
        if latest in days
    ]
    rows = checked_rows(chosen, Series(totals, registry))
    return [_diagnosed(row, stood[_cell(row)], now.get(_cell(row))) for row in rows]


def first_records(lake: Lake) -> dict[str, Provenance]:
    """Return the earliest provenance record of each archived document, by SHA-256."""
    found: dict[str, Provenance] = {}
    for key in sorted(lake.archive.keys()):
        record = lake.archive.provenance(key)
        known = found.get(record.sha256, record)
        found[record.sha256] = min(known, record, key=lambda one: one.archived_at)
    return found


def _undone(
    now: Mapping[Cell, LossRow], revisions: Sequence[RevisionRow], when: datetime
) -> dict[Cell, _Stood]:
    """The published values with every revision after `when` taken back, the latest first."""
    names = _Stood.__slots__
    stood = {cell: _Stood(*(getattr(row, name) for name in names)) for cell, row in now.items()}
    for revision in reversed(revisions):
        if revision.seen_at > when:
            one = stood.setdefault((revision.report_date, revision.category), _Stood())
            text = revision.field == "diagnosis"
            setattr(one, revision.field, revision.old_text if text else revision.old_value)
            one.document_sha256 = revision.old_document_sha256
    return stood


def _seen(
    lake: Lake,
    now: Iterable[Cell],
    revisions: Iterable[RevisionRow],
    documents: Documents,
    when: datetime,
) -> set[Cell]:
    """The cells that a document of then prints, or printed as a revision says."""
    early = {sha256 for sha256, record in documents.items() if record.archived_at <= when}
    columns = ("report_date", "category", "document_sha256")
    found = {
        (row["report_date"], row["category"])
        for row in parquet.values(lake.root, FIGURES, columns)
        if row["document_sha256"] in early
    } & set(now)
    return found | {
        (one.report_date, one.category)
        for one in revisions
        if one.seen_at <= when or one.old_document_sha256 in early
    }


def _totals(stood: Mapping[Cell, _Stood]) -> dict[str, dict[date, int]]:
    totals: dict[str, dict[date, int]] = {}
    for (day, category), one in stood.items():
        if one.total is not None:
            totals.setdefault(category, {})[day] = one.total
    return totals


def _speaking(
    lake: Lake, day: date, documents: Documents, when: datetime
) -> dict[Cell, dict[str, Candidate]]:
    """Who had spoken by then, on the day and beside it."""
    return {
        cell: latest_by_source(
            one for one in found if documents[one.document_sha256].archived_at <= when
        )
        for cell, found in candidates_on(lake, around([day])).items()
    }


def _chosen(
    cell: Cell,
    stood: _Stood,
    speaking: Mapping[Cell, LatestBySource],
    documents: Documents,
    source_order: Sequence[str],
) -> ConsensusFigure:
    """The figure of then, from its document, or from another of then that prints the same."""
    assert stood.total is not None
    day = speaking.get(cell, NOBODY)
    alike = [one for one in day.values() if (one.total, one.delta) == (stood.total, stood.delta)]
    alike.sort(key=lambda one: one.document_sha256 != stood.document_sha256)
    sha256 = alike[0].document_sha256 if alike else stood.document_sha256
    record = documents.get(sha256)
    weighed = weighed_in(cell, speaking, source_order)
    agreeing = [len(one.sources + one.rounding) for one in weighed if one.total == stood.total]
    return ConsensusFigure(
        report_date=cell[0],
        category=cell[1],
        total=stood.total,
        delta=stood.delta,
        approximate=bool(alike) and alike[0].approximate,
        source=alike[0].source if alike else record.source if record else "-",
        sources_agreeing=agreeing[0] if agreeing else 1,
        sources_total=max(len(day), 1),
        url=record.url if record else "",
        document_sha256=sha256,
    )


def _diagnosed(row: LossRow, stood: _Stood, now: LossRow | None) -> LossRow:
    """The row with what was said of it then; its hint is known if the same is said still."""
    told = stood.total, stood.diagnosis, stood.suggested_total
    same = now is not None and told == (now.total, now.diagnosis, now.suggested_total)
    return replace(
        row,
        diagnosis=stood.diagnosis,
        suggested_total=stood.suggested_total,
        hint=now.hint if now and same else None,
    )


def _cell(row: LossRow) -> Cell:
    return row.report_date, row.category
