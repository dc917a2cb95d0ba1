"""Days as they stood at an earlier moment: what is published now, with later changes undone.

Only what the answer needs is read: the days and those beside them, and for a category that was not
there the day before as many earlier days as it takes to find it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count, islice

from flows.archive.provenance import Provenance
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.lake.window import candidates_on
from flows.reconcile.daily import with_daily
from flows.reconcile.series import ConsensusFigure, Series, checked_rows
from flows.reconcile.speakers import CHOICE_REACH, Speakers
from flows.reconcile.window import Candidates, around
from flows.report.source_conflicts import scored_totals
from schemas.codes import Diagnosis, RevisionField
from schemas.fields import Table
from schemas.records import Cell
from schemas.registry import Registry
from schemas.tables import FIGURES, LOSSES, REVISIONS, LossRow, RevisionRow


@dataclass(slots=True)
class _Published:
    """What was published of a cell at the moment; `total` None: nothing. `now` is today's row."""

    now: LossRow | None
    total: int | None = None
    delta: int | None = None
    diagnosis: Diagnosis | None = None
    suggested_total: int | None = None
    document_sha256: str = ""

    def undo(self, revision: RevisionRow) -> None:
        """Take a later revision back."""
        if revision.field is RevisionField.DIAGNOSIS:
            self.diagnosis = revision.old_text
        else:
            setattr(self, revision.field, revision.old_value)
        self.document_sha256 = revision.old_document_sha256


Cells = dict[Cell, _Published]


def rows_as_of(
    lake: Lake, day: date | None, when: datetime, registry: Registry, source_order: Sequence[str]
) -> list[LossRow]:
    """Return a day's rows as they stood at `when` (aware), the latest day's of then for None.

    Later revisions are undone, and what was first archived later is left out; the checks are made
    anew with the totals of then. No rows: nothing of the day was on record yet. A figure that a
    newer parser found for the first time in an older document counts from the archiving on.
    Raises LakeError for a damaged lake.
    """
    past = _Past(lake, when)
    cells = past.cells([day]) if day else past.latest_cells()
    return past.rows(cells, registry, source_order)


def series_as_of(
    lake: Lake,
    since: date | None,
    until: date | None,
    when: datetime,
    registry: Registry,
    source_order: Sequence[str],
) -> list[LossRow]:
    """Return the rows of all days from `since` to `until`, inclusive, as they stood at `when`.

    Each day's are those of `rows_as_of`, sorted by (report_date, category). Raises LakeError.
    """
    past = _Past(lake, when)
    recorded = past.recorded(until + timedelta(days=1) if until else date.max)
    cells = past.cells([day for day in recorded if day >= (since or date.min)])
    return past.rows(cells, registry, source_order)


class _Past:
    """A lake as it was at a moment; reads what it is asked for and remembers who printed it."""

    def __init__(self, lake: Lake, when: datetime) -> None:
        self._lake, self._when = lake, when
        self._first_records: dict[str, Provenance | None] = {}

    def cells(self, dates: Collection[date], categories: Collection[str] = ()) -> Cells:
        """Return what was on record of these dates, of some categories or of all."""
        if not dates:
            return {}
        dates = frozenset(dates)
        cells = {
            (row.report_date, row.category): _Published(
                row,
                row.total,
                row.delta,
                row.diagnosis,
                row.suggested_total,
                row.document_sha256,
            )
            for row in self._lake.losses_on(dates)
        }
        on_record = {cell for cell in self._printed(dates, categories) if cell in cells}
        for revision in reversed(self._lake.revisions(min(dates), max(dates))):
            cell = revision.report_date, revision.category
            if cell[0] not in dates or (categories and cell[1] not in categories):
                continue
            if revision.seen_at > self._when:
                cells.setdefault(cell, _Published(None)).undo(revision)
            if revision.seen_at <= self._when or self._was_there(revision.old_document_sha256):
                on_record.add(cell)
        return {
            cell: cells[cell]
            for cell in sorted(on_record)
            if cell in cells and cells[cell].total is not None
        }

    def rows(self, cells: Cells, registry: Registry, source_order: Sequence[str]) -> list[LossRow]:
        """Return the rows of days, checked with the totals of then; `cells` are all of them."""
        if not cells:
            return []
        dates = frozenset(day for day, _ in cells)
        earlier = self.before(cells, min(dates), registry)
        speakers = self.speakers(dates)
        known = sorted((earlier | cells).items())
        chosen = [self.figure(cell, one, speakers, source_order) for cell, one in known]
        checked = checked_rows(chosen, Series(_totals(known), registry))
        # `daily` looks at what the total of the day before was thought to be.
        rows = with_daily(
            _diagnosed(row, one) for row, (_, one) in zip(checked, known, strict=True)
        )
        return [row for row in rows if row.report_date in dates]

    def latest_cells(self) -> Cells:
        """Return what was on record of the latest day; empty where there was none."""
        for dates in _batches(self.recorded(date.max)):
            if cells := self.cells(dates):
                latest = max(day for day, _ in cells)
                return {cell: published for cell, published in cells.items() if cell[0] == latest}
        return {}

    def before(self, cells: Iterable[Cell], day: date, registry: Registry) -> Cells:
        """Return what was on record before a day, back to the nearest record of each category.

        Of a category without any it is all of what it continues.
        """
        earlier: Cells = {}
        missing = {category for _, category in cells}
        for dates in _batches(self.recorded(day)):
            known = missing & registry.categories.keys()
            continued = {
                p for category in known for p in registry.categories[category].predecessors
            }
            earlier |= self.cells(dates, missing | continued)
            missing -= {category for _, category in earlier}
            if not missing:
                break
        return earlier

    def speakers(self, dates: frozenset[date]) -> Speakers:
        """Return who had spoken by then on days; where they differ, on the days around too."""
        alone = self._candidates(dates)
        if all(len({one.total for one in candidates}) < 2 for candidates in alone.values()):
            return Speakers(alone)
        return Speakers(self._candidates(around(dates, CHOICE_REACH)))

    def figure(
        self,
        cell: Cell,
        published: _Published,
        speakers: Speakers,
        source_order: Sequence[str],
    ) -> ConsensusFigure:
        """Return a cell's figure, from its document or another of then that prints the same."""
        assert published.total is not None
        day = speakers[cell]
        alike = [
            candidate
            for candidate in day.values()
            if (candidate.total, candidate.delta) == (published.total, published.delta)
        ]
        alike.sort(key=lambda candidate: candidate.document_sha256 != published.document_sha256)
        printed = alike[0] if alike else None
        record = self._first_record(published.document_sha256)
        scored = scored_totals(cell, day, speakers, source_order)
        agreeing = [len(s.sources + s.rounding) for s in scored if s.total == published.total]
        return ConsensusFigure(
            report_date=cell[0],
            category=cell[1],
            total=published.total,
            delta=published.delta,
            approximate=bool(printed and printed.approximate),
            source=printed.source if printed else record.source if record else "-",
            sources_agreeing=agreeing[0] if agreeing else 1,
            sources_total=max(len(day), 1),
            url=printed.recency.url if printed else record.url if record else "",
            document_sha256=printed.document_sha256 if printed else published.document_sha256,
        )

    def _candidates(self, dates: frozenset[date]) -> Candidates:
        return {
            cell: [one for one in candidates if self._was_there(one.document_sha256)]
            for cell, candidates in candidates_on(self._lake, dates).items()
        }

    def _printed(self, dates: Collection[date], categories: Collection[str]) -> Iterator[Cell]:
        """Yield the cells that a document of then prints, as it is read today."""
        columns = ("report_date", "category", "document_sha256")
        among = parquet.partitions(self._lake.storage, FIGURES, {day.year for day in dates})
        on_dates = parquet.on_dates(dates)
        for row in parquet.values(self._lake.storage, FIGURES, columns, on_dates, among):
            wanted = not categories or row["category"] in categories
            if wanted and self._was_there(row["document_sha256"]):
                yield row["report_date"], row["category"]

    def recorded(self, before: date) -> Iterator[date]:
        """Yield the report dates before one that are, or were, on record, the latest first."""
        by_year: dict[int, list[tuple[Table, parquet.Partition]]] = defaultdict(list)
        for table in (LOSSES, REVISIONS):
            for partition in parquet.partitions(self._lake.storage, table):
                by_year[int(partition[-1])].append((table, partition))
        for year in sorted((year for year in by_year if year <= before.year), reverse=True):
            dates: set[date] = set()
            for table, partition in by_year[year]:
                dates.update(
                    *parquet.counts(self._lake.storage, table, ("report_date",), [partition])
                )
            yield from sorted((day for day in dates if day < before), reverse=True)

    def _was_there(self, sha256: str) -> bool:
        record = self._first_record(sha256)
        return record is not None and record.archived_at <= self._when

    def _first_record(self, sha256: str) -> Provenance | None:
        if sha256 not in self._first_records:
            self._first_records[sha256] = self._lake.archive.first_record(sha256)
        return self._first_records[sha256]


def _batches(dates: Iterator[date]) -> Iterator[list[date]]:
    """Yield dates in batches of 1, 2, 4, ...: mostly the first is enough."""
    for power in count():
        batch = list(islice(dates, 2**power))
        if not batch:
            return
        yield batch


def _totals(cells: Iterable[tuple[Cell, _Published]]) -> dict[str, dict[date, int]]:
    totals: dict[str, dict[date, int]] = {}
    for (day, category), published in cells:
        assert published.total is not None
        totals.setdefault(category, {})[day] = published.total
    return totals


def _diagnosed(row: LossRow, published: _Published) -> LossRow:
    """The row with what was said of it then; its hint is known if the same is said still."""
    now = published.now
    names = ("total", "diagnosis", "suggested_total")
    same = now and all(getattr(published, name) == getattr(now, name) for name in names)
    return replace(
        row,
        diagnosis=published.diagnosis,
        suggested_total=published.suggested_total,
        hint=now.hint if now and same else None,
    )
