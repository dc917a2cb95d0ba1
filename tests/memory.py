"""The ledger in memory: whole series of several sources, chosen, decided and diagnosed at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flows.reconcile.consensus import choose
from flows.reconcile.diagnose import Explained, diagnose
from flows.reconcile.series import Series, checked_rows
from flows.reconcile.speakers import Speakers
from schemas.records import Candidate, Cell, Recency
from schemas.registry import load_registry
from schemas.tables import LossRow
from tests import reference

_SOMETIME = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Who speaks for each cell, its row of `losses`, and why it does not add up, where it does not.

    The rows are without their diagnosis: that stands in `explained`.
    """

    voices: Speakers
    rows: Mapping[Cell, LossRow]
    explained: Mapping[Cell, Explained]

    @property
    def mismatches(self) -> set[Cell]:
        """The cells whose printed delta is not the change."""
        return {cell for cell, row in self.rows.items() if row.delta_status == "mismatch"}

    @property
    def flags(self) -> set[tuple[Cell, int]]:
        """What a reader is shown: the mismatches with their discrepancy, and the falling totals."""
        shown = self.mismatches | self.falls
        return {
            (cell, self.rows[cell].discrepancy or self.rows[cell].change or 0) for cell in shown
        }

    @property
    def falls(self) -> set[Cell]:
        """The cells whose total is lower than the day before."""
        return {cell for cell, row in self.rows.items() if (row.change or 0) < 0}


def said(cell: Cell, total: int | None, delta: int | None, source: str = "first") -> Candidate:
    """Return one source's figure for a cell."""
    when = Recency(_SOMETIME, _SOMETIME, "", "")
    return Candidate(*cell, total, delta, False, source, f"{cell[0]} {source}", when)


def told(
    series: Mapping[date, reference.Figures], source: str = "first", *, deltas: bool = True
) -> list[Candidate]:
    """Return all figures of a series as those of one source, with or without its deltas."""
    return [
        said((day, category), figure.total, figure.delta if deltas else None, source)
        for day, figures in series.items()
        for category, figure in figures.items()
    ]


def reconcile(candidates: Iterable[Candidate], order: Sequence[str] = ("first",)) -> Reconciled:
    """Do in memory what the ledger does with a lake: choose, decide, diagnose."""
    by_cell: dict[Cell, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_cell[candidate.report_date, candidate.category].append(candidate)
    voices = Speakers(by_cell)
    choices = (choose(voices[cell], voices.beside(cell, voices[cell]), order) for cell in by_cell)
    chosen = [choice for choice in choices if choice]
    totals: dict[str, dict[date, int]] = defaultdict(dict)
    for one in chosen:
        totals[one.category][one.report_date] = one.total
    rows = checked_rows(chosen, Series(totals, load_registry()))
    found = {(row.report_date, row.category): row for row in rows}
    return Reconciled(voices, found, diagnose(rows, _other_deltas(found, voices)))


def _other_deltas(rows: Mapping[Cell, LossRow], voices: Speakers) -> dict[Cell, set[int]]:
    return {
        cell: {
            candidate.delta
            for source, candidate in voices[cell].items()
            if source != row.source and candidate.delta is not None
        }
        for cell, row in rows.items()
        if row.sources_total > 1
    }
