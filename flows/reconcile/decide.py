"""The ledger of a run: what the figures around its report dates become in `losses`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flows.lake import parquet, rows
from flows.lake.lake import Lake
from flows.reconcile.consensus import NOBODY, Speakers, choose, speakers
from flows.reconcile.diagnose import Explained, diagnose
from flows.reconcile.revisions import Story, rediagnosed, revisions
from flows.reconcile.series import Cell, Chosen, Series, decide
from flows.reconcile.window import Evidence, around, on_dates
from schemas.fields import LOSSES
from schemas.records import LossRow, RevisionRow
from schemas.registry import Registry

Totals = dict[str, dict[date, int]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run publishes: every row of `losses` on the `dates`, and the revisions it makes.

    `touched` are the rows at stake, those after them that were decided again, and those around
    that are not what they were.
    """

    dates: frozenset[date]
    rows: Sequence[LossRow]
    touched: Sequence[LossRow]
    revisions: Sequence[RevisionRow]


def settle(
    lake: Lake, evidence: Evidence, registry: Registry, source_order: Sequence[str], now: datetime
) -> Decision:
    """Decide the rows at stake, those that come after them and those around, anew."""
    voices = _Voices(evidence)
    chosen = voices.choices(source_order)
    totals = _totals(lake, evidence, registry)
    series = Series(_renewed(totals, evidence.seen, chosen), registry)
    affected = series.affected(_on(totals, evidence, around(evidence.given, 1)))
    dates = evidence.dates | {day for day, _ in affected}
    published = {_cell(row): row for row in _losses(lake, dates)}
    beyond = [Chosen.of(row) for cell, row in published.items() if cell[0] not in evidence.seen]
    decided = decide([*chosen, *beyond], series)
    explained = diagnose(decided, voices.other_deltas(chosen))
    final = sorted(
        (
            _explained(row, explained, published, evidence.dates)
            for row in decided
            if row.report_date in dates
        ),
        key=_cell,
    )
    at_stake = series.affected(_on(totals, evidence, evidence.given))
    return Decision(
        dates=dates,
        rows=final,
        touched=[
            row for row in final if _cell(row) in at_stake or published.get(_cell(row)) != row
        ],
        revisions=_revisions(voices, published, final, source_order, now),
    )


def _revisions(
    voices: "_Voices",
    published: Mapping[Cell, LossRow],
    final: Iterable[LossRow],
    source_order: Sequence[str],
    now: datetime,
) -> list[RevisionRow]:
    """Every published value that the run changes: figures first, then what is said of them."""
    stories = {cell: voices.story(cell, published.get(cell)) for cell in voices.cells}
    figures = [
        revision
        for cell in sorted(stories)
        for revision in revisions(stories[cell], source_order, now)
    ]
    said = [
        revision
        for row in final
        if (old := published.get(_cell(row)))
        for revision in rediagnosed(old, row, voices.cause(_cell(row), old), now)
    ]
    return figures + said


class _Voices:
    """The newest figures of each source, before and after a run, by report date and category."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        settled, arriving = evidence.settled, evidence.arriving
        self._after = {
            cell: speakers([*settled.get(cell, ()), *arriving.get(cell, ())])
            for cell in settled.keys() | arriving.keys()
        }
        self._before = {cell: speakers(found) for cell, found in evidence.before.items()}

    @property
    def cells(self) -> set[Cell]:
        """The cells on the dates that are decided anew that anybody prints or printed."""
        found = self._after.keys() | self._before.keys()
        return {cell for cell in found if cell[0] in self._evidence.dates}

    def choices(self, source_order: Sequence[str]) -> list[Chosen]:
        """The figure to publish for every cell with a total."""
        choices = (
            choose(found, *_beside(cell, self._after), source_order)
            for cell, found in self._after.items()
        )
        return [choice for choice in choices if choice]

    def other_deltas(self, chosen: Iterable[Chosen]) -> dict[Cell, set[int]]:
        """The deltas that sources other than the published one print, by cell."""
        return {
            (one.report_date, one.category): {
                candidate.delta
                for source, candidate in self._after[one.report_date, one.category].items()
                if source != one.source and candidate.delta is not None
            }
            for one in chosen
            if one.sources_total > 1
        }

    def story(self, cell: Cell, published: LossRow | None) -> Story:
        """All that happens to a cell in this run."""
        evidence = self._evidence
        return Story(
            published=Chosen.of(published) if published else None,
            before=evidence.before.get(cell, ()),
            settled=evidence.settled.get(cell, ()),
            arriving=evidence.arriving.get(cell, ()),
            beside_before=_beside(cell, self._before),
            beside=_beside(cell, self._after),
        )

    def cause(self, cell: Cell, published: LossRow) -> str:
        """Why a cell's diagnosis changes: its own new documents, the parser, or the days beside."""
        arriving = self._evidence.arriving.get(cell)
        if arriving:
            same = all(candidate.source == published.source for candidate in arriving)
            return "newer_document" if same else "other_source"
        return "parser" if self._evidence.whole else "days_beside"


def _beside(cell: Cell, voices: Mapping[Cell, Speakers]) -> tuple[Speakers, Speakers]:
    day, category = cell
    yesterday, tomorrow = day - timedelta(days=1), day + timedelta(days=1)
    return voices.get((yesterday, category), NOBODY), voices.get((tomorrow, category), NOBODY)


def _cell(row: LossRow) -> Cell:
    return row.report_date, row.category


def _on(totals: Totals, evidence: Evidence, dates: frozenset[date]) -> set[Cell]:
    """The cells on these dates that are on record, or were, or will be."""
    printed = evidence.before.keys() | evidence.settled.keys() | evidence.arriving.keys()
    return {cell for cell in printed if cell[0] in dates} | {
        (day, category) for category, days in totals.items() for day in dates & days.keys()
    }


def _explained(
    row: LossRow,
    explained: Mapping[Cell, Explained],
    published: Mapping[Cell, LossRow],
    dates: frozenset[date],
) -> LossRow:
    """The row with its diagnosis; beyond the days around it is the one that it has."""
    cell = _cell(row)
    said: Explained | LossRow | None = explained.get(cell)
    if row.report_date not in dates:
        said = published.get(cell)
    if said is None or said.diagnosis is None:
        return row
    return replace(
        row,
        diagnosis=said.diagnosis,
        suggested_total=said.suggested_total,
        hint=said.hint,
    )


def _totals(lake: Lake, evidence: Evidence, registry: Registry) -> Totals:
    """The totals on record on the dates seen, and each category's nearest before and after those.

    Only as many years are read as that takes.
    """
    first, last = min(evidence.seen, default=date.min), max(evidence.seen, default=date.max)
    on_record = sorted(int(year) for (year,) in parquet.partitions(lake.root, LOSSES))
    totals = _of_years(lake, {year for year in on_record if first.year <= year <= last.year})
    present = totals.keys() | {category for _, category in evidence.arriving}
    for year in reversed([year for year in on_record if year < first.year]):
        if all(min(totals[category], default=first) < first for category in present):
            break
        _add(totals, _of_years(lake, {year}))
    continued = {p for category in registry.categories.values() for p in category.predecessors}
    for year in (year for year in on_record if year > last.year):
        if not present & continued and all(
            max(totals[category], default=last) > last for category in present
        ):
            break
        _add(totals, _of_years(lake, {year}))
    return totals


def _of_years(lake: Lake, years: set[int]) -> Totals:
    totals: Totals = defaultdict(dict)
    columns = ("report_date", "category", "total")
    for _, (day, category, total) in parquet.select(lake.root, LOSSES, columns, years=years):
        totals[category][day] = total
    return totals


def _add(totals: Totals, more: Totals) -> None:
    for category, days in more.items():
        totals[category] |= days


def _renewed(totals: Totals, dates: frozenset[date], chosen: Iterable[Chosen]) -> Totals:
    """The totals, with those on the given dates replaced by the figures chosen now."""
    renewed: Totals = defaultdict(dict)
    for category, days in totals.items():
        renewed[category] = {day: total for day, total in days.items() if day not in dates}
    for figure in chosen:
        renewed[figure.category][figure.report_date] = figure.total
    return renewed


def _losses(lake: Lake, dates: frozenset[date]) -> Iterator[LossRow]:
    return (LossRow(*row) for _, row in on_dates(lake, LOSSES, rows.LOSSES_COLUMNS, dates))
