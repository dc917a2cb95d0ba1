"""Revisions: which published values the documents of a run changed, and what caused it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flows.reconcile.consensus import choose
from flows.reconcile.series import ConsensusFigure
from flows.reconcile.speakers import Beside, Speakers
from schemas.codes import RevisionCause, RevisionField
from schemas.records import EARLIEST, Candidate, Cell
from schemas.tables import LossRow, RevisionRow


@dataclass(frozen=True, slots=True)
class CellHistory:
    """All that happens to one report date and category in one run.

    `published` is what a reader saw until now; `before` are the candidates on record, `on_record`
    those same documents as they read now, `arriving` the new ones in the order they came in.
    `speakers_before` and `speakers` are who speaks on its day and around, before the run and after.
    """

    cell: Cell
    published: ConsensusFigure | None
    before: Sequence[Candidate]
    on_record: Sequence[Candidate]
    arriving: Sequence[Candidate]
    speakers_before: Speakers
    speakers: Speakers

    def choose(
        self, candidates: Sequence[Candidate], source_order: Sequence[str]
    ) -> ConsensusFigure | None:
        """The figure that these candidates give as things stand after the run."""
        return _choice(self.cell, candidates, self.speakers, source_order)

    @property
    def same_beside(self) -> bool:
        """Whether the days beside say the same before the run and after."""
        return _beside(self.cell, self.before, self.speakers_before) == _beside(
            self.cell, self.on_record, self.speakers
        )


def _choice(
    cell: Cell, candidates: Sequence[Candidate], speakers: Speakers, source_order: Sequence[str]
) -> ConsensusFigure | None:
    day = speakers.among(cell, candidates)
    return choose(day, speakers.beside(cell, day), source_order)


def _beside(cell: Cell, candidates: Sequence[Candidate], speakers: Speakers) -> Beside:
    return speakers.beside(cell, speakers.among(cell, candidates))


def revisions(
    history: CellHistory, source_order: Sequence[str], now: datetime
) -> list[RevisionRow]:
    """Replay a history and return every change of a published total or delta, in order.

    What a new document changed is dated by its archiving, anything else by `now`. A value that is
    published for the first time is no revision; one that is withdrawn is, to null.
    """
    if _nothing_changes(history):
        return []
    shown = _shown(history, source_order)
    changes: list[RevisionRow] = []
    reread = history.choose(history.on_record, source_order)
    if shown and reread:
        changes += _changes(shown, reread, now, _cause_of_rereading(shown, reread, history))
    announced = reread or shown
    changes += _arrivals(history, announced, source_order, now)
    if announced and history.choose([*history.on_record, *history.arriving], source_order) is None:
        changes += _changes(announced, None, now, RevisionCause.PARSER)
    return changes


def _arrivals(
    history: CellHistory,
    announced: ConsensusFigure | None,
    source_order: Sequence[str],
    now: datetime,
) -> list[RevisionRow]:
    """What the arriving documents change of what a reader was told.

    A source that revises itself is told each time. That sources arrive one after another is not:
    what none of them has published before is no revision.
    """
    changes: list[RevisionRow] = []
    current, seen_at = announced, now
    pool = list(history.on_record)
    for candidate in history.arriving:
        pool.append(candidate)
        chosen = history.choose(pool, source_order)
        if chosen is None or (current and _values(chosen) == _values(current)):
            current = chosen or current
            continue
        if current and chosen.source == current.source:
            changes += _replaced(announced, current, seen_at)
            changes += _changes(
                current, chosen, candidate.recency.archived_at, RevisionCause.NEWER_DOCUMENT
            )
            announced = chosen
        current, seen_at = chosen, candidate.recency.archived_at
    return changes + _replaced(announced, current, seen_at)


def _replaced(
    announced: ConsensusFigure | None, current: ConsensusFigure | None, seen_at: datetime
) -> list[RevisionRow]:
    """The change from what was announced to what another source says now."""
    if announced is None or current is None:
        return []
    return _changes(announced, current, seen_at, RevisionCause.OTHER_SOURCE)


def _values(chosen: ConsensusFigure) -> tuple[int, int | None]:
    return chosen.total, chosen.delta


def rediagnosed(
    old: LossRow, new: LossRow, cause: RevisionCause, now: datetime
) -> list[RevisionRow]:
    """Return the changes of what is said of a published row: its diagnosis, its suggested total."""
    change = RevisionRow(
        report_date=new.report_date,
        category=new.category,
        field=RevisionField.DIAGNOSIS,
        old_value=None,
        new_value=None,
        old_text=old.diagnosis,
        new_text=new.diagnosis,
        seen_at=now,
        cause=cause,
        old_document_sha256=old.document_sha256,
        new_document_sha256=new.document_sha256,
    )
    changes = [change] if old.diagnosis != new.diagnosis else []
    if old.suggested_total != new.suggested_total:
        changes.append(
            replace(
                change,
                field=RevisionField.SUGGESTED_TOTAL,
                old_value=old.suggested_total,
                new_value=new.suggested_total,
                old_text=None,
                new_text=None,
            )
        )
    return changes


def unrecorded(found: Iterable[RevisionRow], recorded: Sequence[RevisionRow]) -> list[RevisionRow]:
    """Return the revisions that are not on record yet: a rerun after a crash finds some again.

    A row dated by the run's clock is the same event as the latest one of its kind on record if
    all but the date agrees.
    """
    known = set(recorded)
    latest = {_kind(row): row for row in recorded}
    return [
        row
        for row in found
        if row not in known and _undated(row) != _undated(latest.get(_kind(row)))
    ]


def _kind(row: RevisionRow) -> tuple[object, ...]:
    return row.report_date, row.category, row.field, row.cause


def _undated(row: RevisionRow | None) -> RevisionRow | None:
    return row and replace(row, seen_at=EARLIEST)


def _nothing_changes(history: CellHistory) -> bool:
    """A shortcut for the usual case: every document on record and arriving prints the same."""
    everything = [
        (c.total, c.delta) for c in (*history.before, *history.on_record, *history.arriving)
    ]
    if history.published:
        everything.append((history.published.total, history.published.delta))
    return len(set(everything)) < 2 and bool(history.on_record or history.arriving)


def _shown(history: CellHistory, source_order: Sequence[str]) -> ConsensusFigure | None:
    """What was published before this run, even if a crashed run has already put a new row there."""
    published = history.published
    if published and not any(_is_document(published, c) for c in history.before):
        return _choice(history.cell, history.before, history.speakers_before, source_order)
    return published


def _cause_of_rereading(
    old: ConsensusFigure, new: ConsensusFigure, history: CellHistory
) -> RevisionCause:
    """What changed the choice among documents on record: the parser, unless they read as before.

    Then it was a day beside it, another order of the sources, or a page that its source shows
    again as it was before.
    """
    if not history.same_beside and set(history.on_record) == set(history.before):
        return RevisionCause.NEIGHBOUR_CHANGED
    stands = any(_reads(old, c) for c in history.on_record) and any(
        _reads(new, c) for c in history.before
    )
    if not stands:
        return RevisionCause.PARSER
    return RevisionCause.OTHER_SOURCE if old.source != new.source else RevisionCause.NEWER_DOCUMENT


def _is_document(chosen: ConsensusFigure, candidate: Candidate) -> bool:
    return (chosen.source, chosen.document_sha256) == (candidate.source, candidate.document_sha256)


def _reads(chosen: ConsensusFigure, candidate: Candidate) -> bool:
    values = candidate.total, candidate.delta
    return _is_document(chosen, candidate) and values == (chosen.total, chosen.delta)


def _changes(
    old: ConsensusFigure, new: ConsensusFigure | None, seen_at: datetime, cause: RevisionCause
) -> list[RevisionRow]:
    """One row per value that differs; a withdrawn figure counts as null, printed by nobody else."""
    values = {
        RevisionField.TOTAL: (old.total, new.total if new else None),
        RevisionField.DELTA: (old.delta, new.delta if new else None),
    }
    return [
        RevisionRow(
            report_date=old.report_date,
            category=old.category,
            field=name,
            old_value=before,
            new_value=after,
            old_text=None,
            new_text=None,
            seen_at=seen_at,
            cause=cause,
            old_document_sha256=old.document_sha256,
            new_document_sha256=new.document_sha256 if new else old.document_sha256,
        )
        for name, (before, after) in values.items()
        if before != after
    ]
