"""Revisions: which published values the documents of a run changed, and what caused it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flows.reconcile.consensus import Speakers, choose, speakers
from flows.reconcile.series import Chosen
from schemas.records import Candidate, LossRow, RevisionRow

_ANY_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Story:
    """All that happens to one report date and category in one run.

    `published` is what a reader saw until now; `before` are the candidates on record, `settled`
    those same documents as they read now, `arriving` the new ones in the order they came in.
    `beside_before` and `beside` are who speaks on the days beside it, before the run and after.
    """

    published: Chosen | None
    before: Sequence[Candidate]
    settled: Sequence[Candidate]
    arriving: Sequence[Candidate]
    beside_before: tuple[Speakers, Speakers]
    beside: tuple[Speakers, Speakers]

    def choose(self, candidates: Sequence[Candidate], source_order: Sequence[str]) -> Chosen | None:
        """The figure that these candidates give as things stand after the run."""
        return choose(speakers(candidates), *self.beside, source_order)


def revisions(story: Story, source_order: Sequence[str], now: datetime) -> list[RevisionRow]:
    """Replay a story and return every change of a published total or delta, in order.

    What a new document changed is dated by its archiving, anything else by `now`. A value that is
    published for the first time is no revision; one that is withdrawn is, to null.
    """
    if _nothing_changes(story):
        return []
    shown = _shown(story, source_order)
    found: list[RevisionRow] = []
    settled = story.choose(story.settled, source_order)
    if shown and settled:
        found += _changes(shown, settled, now, _cause_of_rereading(shown, settled, story))
    told = settled or shown
    found += _arrivals(story, told, source_order, now)
    if told and story.choose([*story.settled, *story.arriving], source_order) is None:
        found += _changes(told, None, now, "parser")
    return found


def _arrivals(
    story: Story, told: Chosen | None, source_order: Sequence[str], now: datetime
) -> list[RevisionRow]:
    """What the arriving documents change of what a reader was told.

    A source that revises itself is told each time. That sources arrive one after another is not:
    what none of them has published before is no revision.
    """
    found: list[RevisionRow] = []
    current, seen_at = told, now
    pool = list(story.settled)
    for candidate in story.arriving:
        pool.append(candidate)
        chosen = story.choose(pool, source_order)
        if chosen is None or (current and _values(chosen) == _values(current)):
            current = chosen or current
            continue
        if current and chosen.source == current.source:
            found += _replaced(told, current, seen_at)
            found += _changes(current, chosen, candidate.recency[1], "newer_document")
            told = chosen
        current, seen_at = chosen, candidate.recency[1]
    return found + _replaced(told, current, seen_at)


def _replaced(told: Chosen | None, current: Chosen | None, seen_at: datetime) -> list[RevisionRow]:
    """The change from what was told to what another source says now."""
    return _changes(told, current, seen_at, "other_source") if told and current else []


def _values(chosen: Chosen) -> tuple[int, int | None]:
    return chosen.total, chosen.delta


def rediagnosed(old: LossRow, new: LossRow, cause: str, now: datetime) -> list[RevisionRow]:
    """Return the changes of what is said of a published row: its diagnosis, its suggested total."""
    change = RevisionRow(
        report_date=new.report_date,
        category=new.category,
        field="diagnosis",
        old_value=None,
        new_value=None,
        old_text=old.diagnosis,
        new_text=new.diagnosis,
        seen_at=now,
        cause=cause,
        old_document_sha256=old.document_sha256,
        new_document_sha256=new.document_sha256,
    )
    found = [change] if old.diagnosis != new.diagnosis else []
    if old.suggested_total != new.suggested_total:
        found.append(
            replace(
                change,
                field="suggested_total",
                old_value=old.suggested_total,
                new_value=new.suggested_total,
                old_text=None,
                new_text=None,
            )
        )
    return found


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
    return row and replace(row, seen_at=_ANY_TIME)


def _nothing_changes(story: Story) -> bool:
    """A shortcut for the usual case: every document on record and arriving prints the same."""
    everything = [(c.total, c.delta) for c in (*story.before, *story.settled, *story.arriving)]
    if story.published:
        everything.append((story.published.total, story.published.delta))
    return len(set(everything)) < 2 and bool(story.settled or story.arriving)


def _shown(story: Story, source_order: Sequence[str]) -> Chosen | None:
    """What was published before this run, even if a crashed run has already put a new row there."""
    published = story.published
    if published and not any(_is_document(published, c) for c in story.before):
        return choose(speakers(story.before), *story.beside_before, source_order)
    return published


def _cause_of_rereading(old: Chosen, new: Chosen, story: Story) -> str:
    """What changed the choice among documents on record: the parser, unless they read as before.

    Then it was a day beside it, another order of the sources, or a page that its source shows
    again as it was before.
    """
    if story.beside != story.beside_before and set(story.settled) == set(story.before):
        return "days_beside"
    stands = any(_reads(old, c) for c in story.settled) and any(
        _reads(new, c) for c in story.before
    )
    if not stands:
        return "parser"
    return "other_source" if old.source != new.source else "newer_document"


def _is_document(chosen: Chosen, candidate: Candidate) -> bool:
    return (chosen.source, chosen.document_sha256) == (candidate.source, candidate.document_sha256)


def _reads(chosen: Chosen, candidate: Candidate) -> bool:
    values = candidate.total, candidate.delta
    return _is_document(chosen, candidate) and values == (chosen.total, chosen.delta)


def _changes(old: Chosen, new: Chosen | None, seen_at: datetime, cause: str) -> list[RevisionRow]:
    """One row per value that differs; a withdrawn figure counts as null, printed by nobody else."""
    values = {
        "total": (old.total, new.total if new else None),
        "delta": (old.delta, new.delta if new else None),
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
