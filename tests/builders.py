"""Builds the records that the tests of the gate, the summary and the check feed to the stages."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from schemas.codes import DailyBasis, DeltaStatus
from schemas.records import Archived, Bulletin, Document, Figure, Reading, war_day
from schemas.registry import load_registry
from schemas.tables import LossRow

DAY = date(2023, 10, 9)
NOW = datetime(2023, 10, 10, 9, 0, tzinfo=UTC)


def figure(category: str = "tanks", total: int | None = 4823, delta: int | None = 2) -> Figure:
    """Return one figure as the parser reads it."""
    return Figure(category, total, delta, approximate=False, label=category, start=10, end=30)


def complete_figures(day: date = DAY, **totals: int) -> tuple[Figure, ...]:
    """Return a figure for every required category of that day: 10 with no change, or as given."""
    names = sorted(load_registry().required(day))
    return tuple(figure(name, totals.get(name, 10), 0) for name in names)


def bulletin(day: date | None = DAY, **changes: Any) -> Bulletin:
    """Return an accepted, complete bulletin of that day, with the given fields changed."""
    sound = Bulletin(
        status="accepted",
        report_date=day,
        date_evidence=(f"as of {day}",),
        war_day=war_day(day) if day else None,
        language="en",
        complete=True,
        figures=complete_figures(day or DAY),
    )
    return replace(sound, **changes)


def refused(reason: str = "no figures: no known label was found") -> Bulletin:
    """Return what the parser makes of a text that is not the bulletin."""
    return Bulletin(status="refused", reason=reason)


def reading(parsed: Bulletin, name: str = "a.txt", source: str = "folder") -> Reading:
    """Return a reading of a document whose bytes, hence identity, follow from its name."""
    document = Document(source, name, name.encode(), media_type="text/plain")
    return Reading(Archived(document, NOW), parsed)


def loss_row(day: date = DAY, category: str = "tanks", **changes: Any) -> LossRow:
    """Return a row that adds up: 4823 tanks, 2 more than the day before, as printed.

    What follows from the numbers that are changed, and is not given, follows.
    """
    sound = LossRow(
        report_date=day,
        loss_date=date.fromordinal(day.toordinal() - 1),
        war_day=war_day(day),
        category=category,
        total=4823,
        delta=2,
        approximate=False,
        daily=2,
        daily_basis=DailyBasis.PRINTED,
        previous_date=date.fromordinal(day.toordinal() - 1),
        previous_total=4821,
        days_missing=0,
        change=2,
        discrepancy=0,
        delta_status=DeltaStatus.OK,
        diagnosis=None,
        suggested_total=None,
        hint=None,
        source="folder",
        sources_agreeing=1,
        sources_total=1,
        url="a.txt",
        document_sha256="0" * 64,
    )
    row = replace(sound, **changes)
    if isinstance(row.total, int) and row.previous_total is not None and row.days_missing == 0:
        row = replace(row, **{"change": row.total - row.previous_total} | changes)
    if row.change is None or row.delta is None:
        return replace(row, **{"discrepancy": None} | changes)
    discrepancy = row.change - row.delta
    status = DeltaStatus.MISMATCH if discrepancy else DeltaStatus.OK
    follows: dict[str, Any] = {
        "discrepancy": discrepancy,
        "delta_status": status,
        "daily": row.delta,
    }
    return replace(row, **follows | changes)
