"""Records as rows of the published tables, and back; every row lists its values in column order."""

from dataclasses import fields
from datetime import UTC, date, datetime, time
from operator import attrgetter
from typing import Any

from schemas.fields import LOSSES, REVISIONS
from schemas.records import Bulletin, Candidate, LossRow, Reading, RevisionRow, Verdict

Recency = tuple[datetime, datetime, str, str]
"""What orders the documents of a source, newest last; see `Candidate`."""

Row = tuple[Any, ...]
"""A row's values in column order."""

losses_row = attrgetter(*LOSSES.columns)
revisions_row = attrgetter(*REVISIONS.columns)

LOSSES_COLUMNS = tuple(field.name for field in fields(LossRow))
"""The columns of `losses` in the order of the record's fields, to read rows as records."""

REVISIONS_COLUMNS = tuple(field.name for field in fields(RevisionRow))


def status(verdict: Verdict) -> str:
    """Return "refused" (by the parser), "quarantined" (by the gate) or "accepted"."""
    if not verdict.reading.bulletin.accepted:
        return "refused"
    return "quarantined" if verdict.blocked else "accepted"


def reason(verdict: Verdict) -> str | None:
    """Why a document is not published, in one line; None if it is."""
    return verdict.reason or verdict.reading.bulletin.reason


def report_date(bulletin: Bulletin) -> date:
    """The report date of an accepted bulletin. Raises ValueError where it has none."""
    if bulletin.report_date is None:
        raise ValueError("an accepted bulletin has a report date")
    return bulletin.report_date


def recency(
    report_date: date,
    published_at: datetime | None,
    published_on: date | None,
    archived_at: datetime,
    url: str,
    sha256: str,
) -> Recency:
    """Return a document's place in time: publication as far as it is known, then archiving."""
    day = datetime.combine(published_on or report_date, time(), UTC)
    return published_at or day, archived_at, url, sha256


def recency_of(reading: Reading) -> Recency:
    """Return the place in time of an accepted bulletin."""
    archived, bulletin = reading.archived, reading.bulletin
    document = archived.document
    return recency(
        report_date(bulletin),
        bulletin.published_at,
        document.published_on,
        archived.archived_at,
        document.url,
        document.sha256,
    )


def figures_rows(reading: Reading) -> list[Row]:
    """Return the rows of `figures` of an accepted bulletin, in the order of its text."""
    day = report_date(reading.bulletin)
    sha256 = reading.archived.document.sha256
    return [
        (day, f.category, f.total, f.delta, f.approximate, f.label, f.start, f.end, sha256)
        for f in reading.bulletin.figures
    ]


def candidate(figure: Row, source: str, recency: Recency) -> Candidate:
    """Return a row of `figures` as a candidate for `losses`."""
    day, category, total, delta, approximate, _, _, _, sha256 = figure
    return Candidate(day, category, total, delta, approximate, source, sha256, recency)


def bulletins_row(verdict: Verdict, bulletins: int) -> Row:
    """Return a bulletin's row of `bulletins`, one of so many in its document."""
    document, bulletin = verdict.reading.archived.document, verdict.reading.bulletin
    remarks = [f.sentence for f in verdict.findings if f.severity == "warning"]
    return (
        bulletin.report_date,
        bulletin.war_day,
        document.source,
        document.url,
        bulletin.title,
        bulletin.headlines,
        bulletin.language,
        bulletin.complete,
        len(bulletin.figures),
        bulletins,
        bulletin.published_at,
        document.published_on,
        document.fetched_at,
        status(verdict),
        reason(verdict),
        tuple(dict.fromkeys((*bulletin.warnings, *remarks))),
        document.sha256,
    )


def bulletins_year(verdict: Verdict) -> str:
    """Return the partition of `bulletins` that holds a bulletin: see the table's description."""
    archived, bulletin = verdict.reading.archived, verdict.reading.bulletin
    day = (
        bulletin.report_date
        or bulletin.published_at
        or archived.document.published_on
        or archived.archived_at
    )
    return str(day.year)
