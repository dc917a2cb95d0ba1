"""The decision of a run: what the figures around its report dates become in `losses`.

Pure functions over records: no file is read or written, no clock is asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter

from flows.reconcile.consensus import choose
from flows.reconcile.daily import with_daily
from flows.reconcile.diagnose import Explained, diagnose
from flows.reconcile.neighbours import cell_of
from flows.reconcile.revisions import CellHistory, rediagnosed, revisions, unrecorded
from flows.reconcile.series import ConsensusFigure, Series, checked_rows
from flows.reconcile.speakers import CHOICE_REACH, Overruled, Speakers
from flows.reconcile.window import (
    CHOSEN,
    REACH,
    Candidates,
    Part,
    RunInput,
    Stretch,
    Totals,
    Window,
    around,
    figure_rows,
)
from schemas.codes import RevisionCause
from schemas.records import Candidate, Cell, Key, Recency
from schemas.registry import Registry
from schemas.tables import FigureRow, LossRow, RevisionRow

FiguresByDocument = Mapping[Key, Sequence[FigureRow]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run publishes, or a stretch of it: every row of `losses` on the `dates`, revisions.

    `at_stake` are the dates in it that the run's documents are about. `touched` are the rows at
    stake, those after them that were decided again, and those around that are not what they were.
    `reread` are the documents on record whose figures are not what they were. `revisions` are those
    that are not on record yet. `overruled` are figures that do not count, as another document of
    their source does: those around the dates at stake that are their source's newest and that the
    days on both sides contradict, and those that arrive when a newer one is there. `leaning` and
    `told` are for the stretches after it: see `Stretch`.
    """

    at_stake: frozenset[date]
    dates: frozenset[date]
    rows: Sequence[LossRow]
    touched: Sequence[LossRow]
    revisions: Sequence[RevisionRow]
    reread: frozenset[Key]
    overruled: Sequence[Overruled]
    leaning: frozenset[Cell] = frozenset()
    told: frozenset[Cell] = frozenset()


def reconcile(
    window: Window,
    given: RunInput,
    *,
    registry: Registry,
    source_order: Sequence[str],
    now: datetime,
) -> Decision:
    """Decide the rows at stake, those that come after them and those around, anew.

    `given` are the documents that `window` was read for, or some of them. `source_order` names the
    sources, the preferred one first. `now` is an aware UTC datetime, kept only as the time of
    revisions that no new document caused. The same documents in any order, in one run or in many,
    give the same rows.
    """
    stretch = window.stretch
    evidence = _Evidence(window, given)
    decidable = around(stretch.at_stake, CHOSEN)
    chosen = [one for one in evidence.choices(source_order) if one.report_date in decidable]
    series = Series(_renewed(window.totals, decidable, chosen), registry)
    redecided = around(stretch.at_stake, REACH)
    touched = series.affected(evidence.cells_on(around(stretch.at_stake, CHOICE_REACH)))
    touched |= stretch.leaning
    dates = frozenset(filter(stretch.holds, redecided | {day for day, _ in touched}))
    published = {cell: row for cell, row in window.published.items() if cell[0] in dates}
    beyond = [
        ConsensusFigure.of(row) for cell, row in published.items() if cell[0] not in decidable
    ]
    rows = checked_rows([*chosen, *beyond], series)
    explained = diagnose(rows, evidence.other_deltas(chosen))
    del chosen  # thousands of figures, all of them in the rows now
    final = with_daily(
        sorted(
            (_explained(row, explained, window.published, redecided) for row in rows), key=cell_of
        )
    )
    final = [row for row in final if row.report_date in dates]
    at_stake = series.affected(evidence.cells_on(stretch.at_stake)) | stretch.told
    changed = unrecorded(
        _revisions(evidence, published, final, redecided & dates, source_order, now),
        window.revisions,
    )
    own = frozenset(filter(stretch.holds, stretch.at_stake))
    return Decision(
        at_stake=own,
        dates=dates,
        rows=final,
        touched=[row for row in final if cell_of(row) in at_stake or _is_new(row, published)],
        revisions=changed,
        reread=evidence.reread,
        overruled=sorted(
            [
                *evidence.overruled(frozenset(filter(stretch.holds, around(stretch.at_stake, 1)))),
                *evidence.replaced(own, changed),
            ],
            key=attrgetter("figure.cell", "figure.source", "figure.document_sha256"),
        ),
        leaning=_after(stretch, touched),
        told=_after(stretch, at_stake),
    )


def _after(stretch: Stretch, cells: Iterable[Cell]) -> frozenset[Cell]:
    return frozenset(cell for cell in cells if stretch.is_before(cell[0]))


def _is_new(row: LossRow, published: Mapping[Cell, LossRow]) -> bool:
    return published.get(cell_of(row)) != row


def _revisions(
    evidence: "_Evidence",
    published: Mapping[Cell, LossRow],
    final: Iterable[LossRow],
    redecided: frozenset[date],
    source_order: Sequence[str],
    now: datetime,
) -> list[RevisionRow]:
    """Every published value that the run changes, by cell: its figures, then what is said of it."""
    cells = sorted(cell for cell in evidence.cells if cell[0] in redecided)
    figures = [
        revision
        for cell in cells
        for revision in revisions(evidence.history(cell, published.get(cell)), source_order, now)
    ]
    diagnoses = [
        revision
        for row in final
        if (old := published.get(cell_of(row)))
        for revision in rediagnosed(old, row, evidence.cause(cell_of(row), old), now)
    ]
    return sorted([*figures, *diagnoses], key=attrgetter("report_date", "category"))


class _Evidence:
    """The figures of each source, before and after a run, by report date and category.

    `_before` are the candidates on record, `_on_record` those same documents as they read now,
    `_arriving` the new ones in the order they came in. Where nothing is read otherwise than it is
    on record they are one and the same, and take the memory of one.
    """

    def __init__(self, window: Window, given: RunInput) -> None:
        self._window, self._whole = window, given.whole
        reads: dict[Key, list[FigureRow]] = defaultdict(list)
        recency = dict(window.recency)
        for reading in given.accepted:
            reads[reading.key] += figure_rows(reading)
            recency[reading.key, reading.report_date] = reading.recency
        on_record, arriving = _told_apart(window.figures, reads, given)
        self.reread = frozenset(
            key for key in given.keys if set(window.figures.get(key, ())) != set(reads.get(key, ()))
        )
        self._before = _by_cell(window.figures, recency)
        self._on_record = _by_cell(on_record, recency) if self.reread else self._before
        by_cell = _by_cell(arriving, recency)
        self._arriving = {cell: sorted(found, key=_arrival) for cell, found in by_cell.items()}
        now = dict(self._on_record)
        for cell, found in self._arriving.items():
            now[cell] = [*now[cell], *found] if cell in now else found
        self._now = now
        self.cells = self._before.keys() | now.keys()
        self._speakers = Speakers(now)
        self._speakers_before = Speakers(self._before) if self.reread else self._speakers

    def cells_on(self, dates: frozenset[date]) -> set[Cell]:
        """The cells on these dates that are on record, or were, or will be."""
        return {cell for cell in self.cells if cell[0] in dates} | {
            (day, category)
            for category, days in self._window.totals.items()
            for day in dates & days.keys()
        }

    def choices(self, source_order: Sequence[str]) -> list[ConsensusFigure]:
        """The figure to publish for every cell with a total."""
        days = ((cell, self._speakers[cell]) for cell in self._now)
        choices = (
            choose(day, self._speakers.beside(cell, day), source_order) for cell, day in days
        )
        return [choice for choice in choices if choice]

    def overruled(self, dates: frozenset[date]) -> list[Overruled]:
        """The newest figures on these dates that do not count, by date and category."""
        cells = sorted(cell for cell in self._now if cell[0] in dates)
        return [one for cell in cells for one in self._speakers.overruled(cell)]

    def replaced(self, dates: frozenset[date], changed: Iterable[RevisionRow]) -> list[Overruled]:
        """The figures that arrive on these dates after a newer one of their source.

        But for those that a revision tells of: they were published until the newer one came.
        """
        told = {(row.report_date, row.category, row.old_document_sha256) for row in changed}
        cells = sorted(cell for cell in self._arriving if cell[0] in dates)
        found = (self._speakers.replaced(cell, self._arriving[cell]) for cell in cells)
        return [
            one
            for in_cell in found
            for one in in_cell
            if (*one.figure.cell, one.figure.document_sha256) not in told
        ]

    def other_deltas(self, chosen: Iterable[ConsensusFigure]) -> dict[Cell, set[int]]:
        """The deltas that sources other than the published one print, by cell."""
        return {
            figure.cell: {
                candidate.delta
                for source, candidate in self._speakers[figure.cell].items()
                if source != figure.source and candidate.delta is not None
            }
            for figure in chosen
            if figure.sources_total > 1
        }

    def history(self, cell: Cell, published: LossRow | None) -> CellHistory:
        """All that happens to a cell in this run."""
        return CellHistory(
            published=ConsensusFigure.of(published) if published else None,
            before=self._before.get(cell, ()),
            on_record=self._on_record.get(cell, ()),
            arriving=self._arriving.get(cell, ()),
            cell=cell,
            speakers_before=self._speakers_before,
            speakers=self._speakers,
        )

    def cause(self, cell: Cell, published: LossRow) -> RevisionCause:
        """Why a cell's diagnosis changes: its own new documents, the parser, or the days beside."""
        arriving = self._arriving.get(cell)
        if arriving:
            same = all(candidate.source == published.source for candidate in arriving)
            return RevisionCause.NEWER_DOCUMENT if same else RevisionCause.OTHER_SOURCE
        return RevisionCause.PARSER if self._whole else RevisionCause.NEIGHBOUR_CHANGED


def _told_apart(
    recorded: FiguresByDocument, reads: FiguresByDocument, given: RunInput
) -> tuple[FiguresByDocument, FiguresByDocument]:
    """The figures of documents on record as they read now, and those of the documents that arrive.

    A run that crashed may have put some years of a document's figures on record and not the
    others: those days are still arriving.
    """
    on_record = {key: figures for key, figures in recorded.items() if key not in given.keys}
    arriving = {}
    for key in given.keys:
        before, now = recorded.get(key, ()), reads.get(key, ())
        days = {figure.report_date for figure in before}
        if key in given.reread or not set(before) <= set(now):
            days |= {figure.report_date for figure in now}
        on_record[key] = [figure for figure in now if figure.report_date in days]
        arriving[key] = [figure for figure in now if figure.report_date not in days]
    return on_record, arriving


def _arrival(candidate: Candidate) -> tuple[datetime, Recency, str]:
    """When a document came in; of those of one run, when what it prints for this day came out.

    It does not ask what else the document holds: a stretch does not see all days of a long one.
    """
    return candidate.recency.archived_at, candidate.recency, candidate.source


def _by_cell(figures: FiguresByDocument, recency: Mapping[Part, Recency]) -> Candidates:
    return candidates_by_cell(
        (figure, recency[key, figure.report_date])
        for key, rows in figures.items()
        for figure in rows
    )


def candidates_by_cell(figures: Iterable[tuple[FigureRow, Recency]]) -> Candidates:
    """Return figures, each with its document's place in time, as candidates for `losses`."""
    cells: Candidates = defaultdict(list)
    for figure, recency in figures:
        cells[figure.report_date, figure.category].append(
            Candidate(
                report_date=figure.report_date,
                category=figure.category,
                total=figure.total,
                delta=figure.delta,
                approximate=figure.approximate,
                source=figure.source,
                document_sha256=figure.document_sha256,
                recency=recency,
            )
        )
    return dict(cells)


def _explained(
    row: LossRow,
    explained: Mapping[Cell, Explained],
    published: Mapping[Cell, LossRow],
    redecided: frozenset[date],
) -> LossRow:
    """The row with its diagnosis; beyond the days around it is the one that it has."""
    source = explained if row.report_date in redecided else published
    verdict = source.get(cell_of(row))
    if verdict is None or verdict.diagnosis is None:
        return row
    return replace(
        row,
        diagnosis=verdict.diagnosis,
        suggested_total=verdict.suggested_total,
        hint=verdict.hint,
    )


def _renewed(
    totals: Totals, decidable: frozenset[date], chosen: Iterable[ConsensusFigure]
) -> dict[str, dict[date, int]]:
    """The totals, with those on these dates replaced by the figures chosen now."""
    renewed: dict[str, dict[date, int]] = defaultdict(dict)
    for category, days in totals.items():
        renewed[category] = {day: total for day, total in days.items() if day not in decidable}
    for figure in chosen:
        renewed[figure.category][figure.report_date] = figure.total
    return renewed
