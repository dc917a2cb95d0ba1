"""Reconciling: what comes before a published figure, and whether its delta adds up.

Pure functions over records: no files, no clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.codes import DailyBasis, DeltaStatus
from schemas.records import Cell, war_day
from schemas.registry import Registry
from schemas.tables import LossRow


@dataclass(frozen=True, slots=True)
class ConsensusFigure:
    """The figure that is published for a report date and category, and how many sources agree."""

    report_date: date
    category: str
    total: int
    delta: int | None
    approximate: bool
    source: str
    sources_agreeing: int
    sources_total: int
    url: str
    document_sha256: str

    @property
    def cell(self) -> Cell:
        """What it is about."""
        return self.report_date, self.category

    @classmethod
    def of(cls, row: LossRow) -> "ConsensusFigure":
        """Return the figure of a published row."""
        return cls(*(getattr(row, name) for name in cls.__slots__))


class Series:
    """The published totals of every category by report date, and what comes before what."""

    def __init__(self, totals: Mapping[str, Mapping[date, int]], registry: Registry) -> None:
        self._totals = totals
        self._dates = {category: sorted(days) for category, days in totals.items() if days}
        self._predecessors = {c.id: c.predecessors for c in registry.categories.values()}
        self._successors: dict[str, list[str]] = {}
        for category, predecessors in self._predecessors.items():
            for predecessor in predecessors:
                self._successors.setdefault(predecessor, []).append(category)

    def previous(self, cell: Cell) -> tuple[date, int] | None:
        """Return the latest earlier (date, total) of a category; None where there is none.

        Before a category's first record it is its predecessors' last common day, added up.
        """
        day, category = cell
        dates = self._dates.get(category, [])
        place = bisect_left(dates, day)
        if place:
            return dates[place - 1], self._totals[category][dates[place - 1]]
        return self._merged(day, self._predecessors.get(category, ()))

    def affected(self, changed: Iterable[Cell]) -> set[Cell]:
        """Return the cells on record that are decided anew when the totals of `changed` changed.

        These are the cells themselves, the next record of each category, and the first record of
        a category that continues it.
        """
        return {
            cell
            for day, category in changed
            for cell in self._leaning_on(day, category)
            if cell[0] in self._totals.get(cell[1], {})
        }

    def _leaning_on(self, day: date, category: str) -> Iterator[Cell]:
        yield day, category
        dates = self._dates.get(category, [])
        place = bisect_right(dates, day)
        if place < len(dates):
            yield dates[place], category
        for successor in self._successors.get(category, ()):
            first = self._dates.get(successor, [day])[0]
            if first > day:
                yield first, successor

    def _merged(self, day: date, categories: Sequence[str]) -> tuple[date, int] | None:
        days = [set(self._totals.get(category, {})) for category in categories]
        common = [d for d in set.intersection(*days) if d < day] if days else []
        if not common:
            return None
        last = max(common)
        return last, sum(self._totals[category][last] for category in categories)


def checked_rows(chosen: Iterable[ConsensusFigure], series: Series) -> list[LossRow]:
    """Return the row of `losses` for each figure, checked against the totals on record.

    They are not diagnosed yet, and `daily` is not filled in.
    """
    return [
        _checked_row(figure, series.previous((figure.report_date, figure.category)))
        for figure in chosen
    ]


def _checked_row(figure: ConsensusFigure, previous: tuple[date, int] | None) -> LossRow:
    missing = (figure.report_date - previous[0]).days - 1 if previous else None
    change = figure.total - previous[1] if previous and not missing else None
    discrepancy = None if change is None or figure.delta is None else change - figure.delta
    return LossRow(
        report_date=figure.report_date,
        loss_date=figure.report_date - timedelta(days=1),
        war_day=war_day(figure.report_date),
        category=figure.category,
        total=figure.total,
        delta=figure.delta,
        approximate=figure.approximate,
        daily=None,
        daily_basis=DailyBasis.NONE,
        previous_date=previous[0] if previous else None,
        previous_total=previous[1] if previous else None,
        days_missing=missing,
        change=change,
        discrepancy=discrepancy,
        delta_status=status(missing, change, discrepancy),
        diagnosis=None,
        suggested_total=None,
        hint=None,
        source=figure.source,
        sources_agreeing=figure.sources_agreeing,
        sources_total=figure.sources_total,
        url=figure.url,
        document_sha256=figure.document_sha256,
    )


def status(missing: int | None, change: int | None, discrepancy: int | None) -> DeltaStatus:
    """Return the delta_status of a row with these values."""
    if missing is None:
        return DeltaStatus.FIRST
    if change is None:
        return DeltaStatus.GAP
    if discrepancy is None:
        return DeltaStatus.NOT_PRINTED if change else DeltaStatus.OK_UNPRINTED
    return DeltaStatus.MISMATCH if discrepancy else DeltaStatus.OK
