"""How the sources did: freshness, agreement with each other, coverage by month."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flows.lake.lake import Lake
from flows.report.source_list import ListedSource, sources_report
from flows.settings import SourceConfig
from schemas.records import FIRST_REPORT, Cell
from schemas.tables import FigureRow, LossRow

Month = tuple[int, int]
"""(year, month)."""


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """One source: how it did last (None: it is not configured any more), and what it printed.

    `printed` counts its totals, `agreeing` those that are published; `disputed` are those of rows
    on which sources differ, `right` those of them that the evidence supports. `days_by_month` are
    the report dates that it has.
    """

    name: str
    listed: ListedSource | None
    printed: int
    agreeing: int
    disputed: int
    right: int
    days_by_month: Mapping[Month, int]


def standings(
    sources: Mapping[str, SourceConfig],
    lake: Lake,
    rows: Iterable[LossRow],
    figures: Iterable[FigureRow],
) -> list[SourceStanding]:
    """Return the sources that printed something or were asked, the preferred one first."""
    published = {(row.report_date, row.category): row for row in rows}
    # A page is read on any day: how old it is then is for the page to say.
    newest = max((day for day, _ in published), default=FIRST_REPORT)
    report = sources_report(sources, lake, newest, stale_after_days=0)
    listed = {one.source: one for one in report.sources}
    totals: dict[str, dict[Cell, set[int]]] = defaultdict(lambda: defaultdict(set))
    for figure in figures:
        if figure.total is not None:
            cell = figure.report_date, figure.category
            totals[figure.source][cell].add(figure.total)
    disputed = {cell for cell, row in published.items() if row.sources_agreeing < row.sources_total}
    asked = {name for name, one in listed.items() if one.last_run}
    names = [name for name in listed if name in totals or name in asked]
    return [
        _standing(name, listed.get(name), totals[name], published, disputed)
        for name in [*names, *sorted(totals.keys() - listed.keys())]
    ]


def _standing(
    name: str,
    listed: ListedSource | None,
    totals: Mapping[Cell, set[int]],
    published: Mapping[Cell, LossRow],
    disputed: set[Cell],
) -> SourceStanding:
    contested = totals.keys() & disputed
    return SourceStanding(
        name=name,
        listed=listed,
        printed=len(totals),
        agreeing=sum(
            published[cell].total in printed
            for cell, printed in totals.items()
            if cell in published
        ),
        disputed=len(contested),
        right=sum(_supported(published[cell]) in totals[cell] for cell in contested),
        days_by_month=_by_month({day for day, _ in totals}),
    )


def _supported(row: LossRow) -> int:
    """The total that the evidence supports: the published one, if it is not called a misprint."""
    return row.total if row.suggested_total is None else row.suggested_total


def _by_month(days: Iterable[date]) -> Mapping[Month, int]:
    return Counter((day.year, day.month) for day in days)
