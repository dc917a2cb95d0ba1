"""A category's series as its page shows it: the curves, what is marked on them, the vintages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flows.report.day_summary import is_odd
from flows.report.diagnosis_phrases import odd_words
from flows.report.site.content import SiteContent
from schemas.codes import DeltaStatus, RevisionField
from schemas.tables import LossRow, RevisionRow

_STATUS_LETTERS = dict(zip(DeltaStatus, "abcdef", strict=True))
"""A letter for each status, so that a page's data stays small; `chart.js` has the same."""

_NOT_ON_RECORD = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    """A row that is marked on the curves: what kind of case it is, and the sentence about it."""

    row: LossRow
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class CategorySeries:
    """The rows of a category, oldest first."""

    rows: tuple[LossRow, ...]

    def data(self, unit: str, title: str) -> dict[str, Any]:
        """Return what the charts are drawn of: a value for each day, null where none is on record.

        `daily` is the column of that name, never a difference of totals.
        """
        first, last = self.rows[0].report_date, self.rows[-1].report_date
        by_date = {row.report_date: row for row in self.rows}
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        on = [by_date.get(day) for day in days]
        places = {day: place for place, day in enumerate(days)}
        return {
            "title": title,
            "unit": unit,
            "first": first.isoformat(),
            "total": [row and row.total for row in on],
            "delta": [row and row.delta for row in on],
            "daily": [row and row.daily for row in on],
            "status": "".join(
                _STATUS_LETTERS[row.delta_status] if row else _NOT_ON_RECORD for row in on
            ),
            "marks": [
                [places[mark.row.report_date], mark.kind, mark.sentence]
                for mark in marks_of(self.rows)
            ],
        }


@dataclass(frozen=True, slots=True)
class Vintage:
    """A day of a category whose published total or delta changed: each change, oldest first."""

    report_date: date
    changes: tuple[RevisionRow, ...]


def category_series(content: SiteContent, category: str) -> CategorySeries:
    """Return the series of a category."""
    return CategorySeries(
        tuple(one.row for day in content.days for one in day.rows if one.row.category == category)
    )


def marks_of(rows: Iterable[LossRow]) -> list[Mark]:
    """Return what is marked on the curves: every row that does not add up or is misprinted."""
    return [
        Mark(row, row.diagnosis.value if row.diagnosis else "undecided", odd_words(row))
        for row in rows
        if is_odd(row)
    ]


def vintages(revisions: Sequence[RevisionRow], category: str) -> list[Vintage]:
    """Return what was known when, for the days of a category whose numbers changed."""
    changes: dict[date, list[RevisionRow]] = defaultdict(list)
    for revision in revisions:
        if revision.category == category and revision.field in (
            RevisionField.TOTAL,
            RevisionField.DELTA,
        ):
            changes[revision.report_date].append(revision)
    return [Vintage(day, tuple(changes[day])) for day in sorted(changes, reverse=True)]
