"""What a rebuild would change: `tallybook rebuild --dry-run`."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date

import msgspec

from flows.lake.lake import Lake
from flows.reconcile.decide import Decision
from flows.reconcile.neighbours import cell_of
from flows.report.day_summary import title
from flows.report.text_layout import section
from schemas.codes import RevisionCause
from schemas.records import Key
from schemas.registry import load_registry
from schemas.tables import LOSSES, LossRow, RevisionRow

_COLUMNS = tuple(field.name for field in fields(LossRow) if field.name not in LOSSES.sort_key)

_SHOWN = 50
"""Changes that are shown of each kind; the JSON has all."""


class ValueChange(msgspec.Struct, frozen=True):
    """A published value that would change; the values as text, null as they are in the table."""

    report_date: date
    category: str
    column: str
    old: str | None
    new: str | None


class RowChange(msgspec.Struct, frozen=True):
    """A row of `losses` that would come or go, with its total."""

    report_date: date
    category: str
    total: int


class RebuildPreview(msgspec.Struct, frozen=True):
    """What a rebuild would change in `losses`.

    `documents` are the archived ones that were read, `unread` those that could not be, and
    `read_otherwise` those whose figures are not what is on record of them. `changed` are values of
    rows that stay, `added` and `removed` rows. `revisions` would be recorded.
    """

    lake: str
    documents: int
    unread: int
    read_otherwise: int
    changed: tuple[ValueChange, ...]
    added: tuple[RowChange, ...]
    removed: tuple[RowChange, ...]
    revisions: tuple[RevisionRow, ...]


def preview_of(
    lake: Lake, decided: Iterable[Decision], documents: int, unread: int
) -> RebuildPreview:
    """Return how the rows of decisions on the whole lake differ from the published ones."""
    changed: list[ValueChange] = []
    added: list[RowChange] = []
    removed: list[RowChange] = []
    reread: set[Key] = set()
    revisions: list[RevisionRow] = []
    for decision in decided:
        published = {cell_of(row): row for row in lake.losses_on(decision.dates)}
        wanted = {cell_of(row): row for row in decision.rows}
        for cell in sorted(wanted.keys() & published.keys()):
            changed += _changes(published[cell], wanted[cell])
        added += (_row(wanted[cell]) for cell in sorted(wanted.keys() - published.keys()))
        removed += (_row(published[cell]) for cell in sorted(published.keys() - wanted.keys()))
        reread |= decision.reread
        revisions += decision.revisions
    return RebuildPreview(
        lake=str(lake.storage),
        documents=documents,
        unread=unread,
        read_otherwise=len(reread),
        changed=tuple(changed),
        added=tuple(added),
        removed=tuple(removed),
        revisions=tuple(revisions),
    )


def _changes(old: LossRow, new: LossRow) -> Iterator[ValueChange]:
    for name in _COLUMNS:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield ValueChange(old.report_date, old.category, name, _text(before), _text(after))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _row(row: LossRow) -> RowChange:
    return RowChange(row.report_date, row.category, row.total)


def preview_text(report: RebuildPreview) -> str:
    """Return a preview as text."""
    return "\n".join(_lines(report))


def _lines(report: RebuildPreview) -> Iterator[str]:
    registry = load_registry()
    if report.unread:
        yield f"Not readable in the archive: {report.unread:,}; what is on record of them stays."
    changed = [
        f"{one.report_date} {title(one.category, registry)}: "
        f"{one.column} {_or_null(one.old)} -> {_or_null(one.new)}"
        for one in report.changed
    ]
    yield from section(f"Values that would change ({len(changed):,}):", _some(changed))
    for what, rows in (("come", report.added), ("go", report.removed)):
        lines = [
            f"{one.report_date} {title(one.category, registry)}: {one.total:,}" for one in rows
        ]
        yield from section(f"Rows that would {what} ({len(lines):,}):", _some(lines))
    causes = [row.cause for row in report.revisions]
    by_parser = causes.count(RevisionCause.PARSER)
    yield (
        f"{report.documents:,} documents read, {report.read_otherwise:,} of them otherwise than "
        f"published; {len(causes):,} revisions would be recorded, {by_parser:,} of them because "
        "Tallybook reads differently now. Nothing was written."
    )


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"... and {more:,} more (--json has all)"]


def _or_null(value: str | None) -> str:
    return "null" if value is None else value
