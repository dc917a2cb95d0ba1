"""What a decision is made from: the part of the series that the documents of a run can change.

A figure counts for the choice of its own day and of some around it, those for the rows after them,
and those for the diagnoses of some more days around. So a run reads and decides the days around
its own, and leaves the rest of the series alone.
"""

from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from flows.reconcile.diagnose import REACH as DIAGNOSED
from flows.reconcile.speakers import CHOICE_REACH
from schemas.records import Candidate, Cell, Key, Reading, Recency
from schemas.tables import FigureRow, LossRow, RevisionRow

REACH = CHOICE_REACH + 1 + DIAGNOSED
"""Days on either side of a report date that are decided anew with it: its figures may change the
choice of days around it, and that the row after, and those rows what `diagnose` says."""

SIGHT = 2 * REACH
"""Days on either side whose figures are read for that: enough for the outermost decision."""

CHOSEN = SIGHT - CHOICE_REACH
"""Days on either side of a report date for which all that has a say in their choice is read. Of the
days beyond, up to the last that is seen, what is published is taken as it is."""

Part = tuple[Key, date]
"""One report date of a document."""

Candidates = dict[Cell, list[Candidate]]
Totals = Mapping[str, Mapping[date, int]]
"""Totals on record by category and report date."""


@dataclass(frozen=True, slots=True)
class RunInput:
    """The documents of a run: the keys of all, the readings of the accepted bulletins in them.

    `gone` are those of the keys that are on record, but not in the archive any more. `whole`: all
    that is on record is decided anew. `years` are those whose partitions may hold rows of them.
    Where a run is decided in stretches, `accepted` are the readings on the dates that one sees, and
    `reread` the documents that do not print all of what is on record of them any more, on whichever
    date.
    """

    keys: Set[Key]
    accepted: Sequence[Reading]
    gone: frozenset[Key] = frozenset()
    whole: bool = False
    years: Container[int] = range(1, 10000)
    reread: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Stretch:
    """The report dates from `first` until before `end`, decided in one go: a run's, or some of it.

    `at_stake` are the dates that the run's documents are about, in it and as far beyond it as they
    matter for it. `leaning` are cells in it that a stretch before has touched; those in `told` are
    reported, too. However a run is divided, it decides the same.
    """

    at_stake: frozenset[date]
    first: date = date.min
    end: date | None = None
    leaning: frozenset[Cell] = frozenset()
    told: frozenset[Cell] = frozenset()

    def holds(self, day: date) -> bool:
        """Whether a report date is decided in it, if at all."""
        return self.first <= day and not self.is_before(day)

    def is_before(self, day: date) -> bool:
        """Whether a report date comes after it."""
        return self.end is not None and self.end <= day


@dataclass(frozen=True, slots=True)
class Window:
    """What is on record around the report dates of a stretch that the documents of a run touch.

    `seen` are those at stake and the days around whose figures are in `figures`, by document;
    `recency` orders the documents of those figures. `totals` are the published totals on the dates
    seen, and each category's nearest before and after. `published` are the rows of `losses` on the
    dates seen and on those whose rows lean on them, `revisions` those on record of the same dates.
    """

    stretch: Stretch
    seen: frozenset[date]
    figures: Mapping[Key, Sequence[FigureRow]]
    recency: Mapping[Part, Recency]
    totals: Totals
    published: Mapping[Cell, LossRow]
    revisions: Sequence[RevisionRow]


def around(dates: frozenset[date], reach: int) -> frozenset[date]:
    """Return the dates and those up to so many days before and after each."""
    steps = [timedelta(days=step) for step in range(-reach, reach + 1)]
    return frozenset(day + step for day in dates for step in steps)


def figure_rows(reading: Reading) -> list[FigureRow]:
    """Return the rows of `figures` of an accepted bulletin, in the order of its text."""
    source, sha256 = reading.key
    return [
        FigureRow(
            source=source,
            report_date=reading.report_date,
            category=figure.category,
            total=figure.total,
            delta=figure.delta,
            approximate=figure.approximate,
            label=figure.label,
            start=figure.start,
            end=figure.end,
            decided_by=figure.decided_by,
            document_sha256=sha256,
        )
        for figure in reading.bulletin.figures
    ]
