"""The summary of a run: what was read, published, flagged and refused, and how the run ended."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property

import msgspec

from flows.errors import EXIT_FAILED, EXIT_NOT_PUBLISHED
from flows.publish.publish import Quarantined
from flows.reconcile.speakers import Overruled, total_of
from flows.report.day_summary import (
    Day,
    Note,
    overruled_words,
    revision_words,
)
from flows.report.freshness import Freshness
from flows.report.told import NO_DOCUMENTS, NO_ROWS, ToldDocuments, ToldRows
from flows.validate.check import SuiteResult
from schemas.codes import (
    SUCCEEDED,
    WAITING,
    DeltaStatus,
    DocumentStatus,
    NoteCode,
    Outcome,
    RevisionField,
    RuleName,
    RunState,
    Severity,
)
from schemas.records import Finding, UnreadDocument, Verdict
from schemas.registry import load_registry
from schemas.tables import LossRow, RevisionRow
from schemas.typed import Moment

_STATES = {
    0: RunState.COMPLETED,
    EXIT_FAILED: RunState.FAILED,
    EXIT_NOT_PUBLISHED: RunState.NOT_PUBLISHED_YET,
}

_ALARMING = RuleName.LABEL_UNRECOGNIZED
"""A remark that is an alarm: a category may have been added that nobody counts yet."""

_TOLD_ELSEWHERE = (_ALARMING, RuleName.CATEGORIES_MISSING)
"""Remarks that are no notes: what a day does not print, its rows tell of all documents together."""


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """How one source did, the details in a sentence, and how many documents it gave."""

    source: str
    outcome: Outcome = Outcome.OK
    detail: str | None = None
    documents: int = 0

    @property
    def lost_some(self) -> bool:
        """Whether documents of a source that gave others could not be had or read."""
        return bool(self.documents) and self.failed

    @property
    def failed(self) -> bool:
        """Whether it did not do what it should; that it has nothing yet is in order.

        What became of its documents fails by itself: they are in quarantine.
        """
        return self.outcome not in SUCCEEDED | WAITING | {Outcome.NONE_PUBLISHED}


def judged(
    sources: Iterable[SourceOutcome], verdicts: Iterable[Verdict]
) -> tuple[SourceOutcome, ...]:
    """Return how the sources did, now that it is known what became of their documents."""
    refused: dict[str, str | None] = {}
    gave: set[str] = set()
    for verdict in verdicts:
        name = verdict.reading.key[0]
        if verdict.status is DocumentStatus.ACCEPTED:
            gave.add(name)
        else:
            refused.setdefault(name, verdict.reason)
    return tuple(
        replace(source, outcome=Outcome.NONE_PUBLISHED, detail=refused[source.source])
        if source.source in refused.keys() - gave and source.outcome in SUCCEEDED
        else source
        for source in sources
    )


@dataclass(frozen=True)
class Summary:
    """One run, finished or failed, put together from what its stages returned.

    `kind` is daily, backfill or rebuild. `since` and `until` are the report dates asked for, None
    for no bound. `documents` is what there was when the run ended; `rows`, `revisions`,
    `overruled`, `quarantined` and `partitions_written` are what it published; `error` is why it
    broke off, None if it did not; `unread` are documents of the archive that could not be read;
    `rules` are the results of the Checkpoints. `awaited` is the report date of a daily run,
    `arrived` whether it is on record now; `deadline` is when it is late, `behind` the first and the
    last missing day that the run does not ask for. `freshness` is that of the lake after the run,
    None where it broke off. The datetimes are aware.
    """

    kind: str
    run_id: str
    started_at: datetime
    finished_at: datetime
    lake: str
    since: date | None = None
    until: date | None = None
    sources: tuple[SourceOutcome, ...] = ()
    documents: ToldDocuments = NO_DOCUMENTS
    rows: ToldRows = NO_ROWS
    revisions: tuple[RevisionRow, ...] = ()
    overruled: tuple[Overruled, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    partitions_written: tuple[str, ...] = ()
    ledger: tuple[Finding, ...] = ()
    rules: tuple[SuiteResult, ...] = ()
    unread: tuple[UnreadDocument, ...] = ()
    error: str | None = None
    awaited: date | None = None
    arrived: bool = False
    deadline: datetime | None = None
    behind: tuple[date, date] | None = None
    freshness: Freshness | None = None

    @property
    def late(self) -> bool:
        """Whether the awaited day is not on record though it should be by now."""
        due = self.deadline is not None and self.started_at >= self.deadline
        return self.awaited is not None and not self.arrived and due

    @property
    def exit_status(self) -> int:
        """0 done, flags included; 1 failed, late or quarantined; 75 not published yet."""
        broken = any(finding.severity == Severity.CRITICAL for finding in self.ledger)
        if self.error or broken or self.unread or any(v.blocked for v in self.documents.telling):
            return EXIT_FAILED
        mistaken = any(source.outcome is Outcome.UNEXPECTED_ERROR for source in self.sources)
        if mistaken or any(source.lost_some for source in self.sources):
            return EXIT_FAILED
        if self.late:
            return EXIT_FAILED
        gave = not self.sources or any(source.documents for source in self.sources)
        if not gave and not all(source.outcome in WAITING for source in self.sources):
            return EXIT_FAILED
        done = gave if self.awaited is None else self.arrived
        return 0 if done else EXIT_NOT_PUBLISHED

    @property
    def state(self) -> RunState:
        """How the run ended."""
        return _STATES[self.exit_status]

    @cached_property
    def days(self) -> list[Day]:
        """The days of the published rows in plain words, oldest first."""
        registry = load_registry()
        remarks, changes = _remarks(self.documents), _labels(self.documents)
        for revision in self.revisions:
            # A suggested total comes and goes with a diagnosis, which is told.
            if revision.field != RevisionField.SUGGESTED_TOTAL:
                changes[revision.report_date].append(revision_words(revision, registry))
        for one in self.overruled:
            told = overruled_words(one, registry)
            if one.is_newest:
                changes[one.figure.report_date].append(told)
            else:
                remarks[one.figure.report_date].append(Note(NoteCode.OLDER_DOCUMENT, told))
        return [
            replace(
                day,
                alarms=(*day.alarms, *changes[day.report_date]),
                notes=(*day.notes, *remarks[day.report_date]),
            )
            for day in self.rows.days
        ]

    def record(self) -> "RunRecord":
        """Return what is kept in `runs/`."""
        mismatches = [r for r in self.rows.telling if r.delta_status == DeltaStatus.MISMATCH]
        return RunRecord(
            kind=self.kind,
            run_id=self.run_id,
            state=self.state,
            exit_status=self.exit_status,
            error=self.error,
            started_at=self.started_at.astimezone(UTC),
            finished_at=self.finished_at.astimezone(UTC),
            lake=self.lake,
            since=self.since,
            until=self.until,
            sources=self.sources,
            documents={status: self.documents.counts.get(status, 0) for status in DocumentStatus},
            days=tuple(day.report_date for day in self.days),
            rows={status: self.rows.counts.get(status, 0) for status in DeltaStatus},
            mismatches=tuple(mismatches),
            revisions=self.revisions,
            quarantined=self.quarantined,
            unread=self.unread,
            warnings=tuple(w for v in self.documents.telling if (w := _warnings(v)).codes),
            findings=tuple(
                LedgerFinding(f.rule, f.severity, f.sentence, len(f.rows)) for f in self.ledger
            ),
            rules=self.rules,
            overruled=tuple(
                OverruledFigure(
                    *one.figure.cell,
                    total_of(one.figure),
                    one.figure.source,
                    one.figure.document_sha256,
                    one.is_newest,
                )
                for one in self.overruled
            ),
            partitions_written=self.partitions_written,
            awaited=self.awaited,
            arrived=self.arrived,
            late=self.late,
            behind=self.behind,
            freshness=self.freshness,
        )


class DocumentWarnings(msgspec.Struct, frozen=True):
    """What parser and gate remarked on a published bulletin: the codes and a sentence each."""

    source: str
    sha256: str
    url: str
    codes: tuple[str, ...]
    sentences: tuple[str, ...]


class LedgerFinding(msgspec.Struct, frozen=True):
    """A rule of the audit that is broken; `rows` counts the rows that break it."""

    rule: RuleName
    severity: Severity
    sentence: str
    rows: int


class OverruledFigure(msgspec.Struct, frozen=True):
    """A printed total that does not count, and the document that prints it.

    `newest`: it is the newest of its source, and the days on both sides contradict it; else a newer
    one was there when it came.
    """

    report_date: date
    category: str
    total: int
    source: str
    sha256: str
    newest: bool = True


class RunRecord(msgspec.Struct, frozen=True):
    """The summary of a run as it is kept in `runs/`; times in UTC.

    `documents` counts accepted, refused and quarantined ones, `rows` the rows of each delta_status;
    `days` are the report dates that were published. `mismatches`, `revisions`, `quarantined`,
    `unread` (archived documents that could not be read) and `warnings` list each case, `findings`
    the broken rules of the audit, `rules` what the Checkpoint of each suite said, `overruled` the
    figures that do not count, as another document of their source does. `partitions_written` are
    folders in the lake whose bytes changed. `error` is what broke the run off, or null. `awaited`
    is the report date of a daily run, null of others: whether it is on record (`arrived`), or
    `late`. `behind` are the first and the last missing day that the run did not ask for;
    `freshness` is how fresh it left the lake, null where it broke off.
    """

    kind: str
    run_id: str
    state: RunState
    exit_status: int
    error: str | None
    started_at: Moment
    finished_at: Moment
    lake: str
    since: date | None
    until: date | None
    sources: tuple[SourceOutcome, ...]
    documents: dict[DocumentStatus, int]
    days: tuple[date, ...]
    rows: dict[DeltaStatus, int]
    mismatches: tuple[LossRow, ...]
    revisions: tuple[RevisionRow, ...]
    quarantined: tuple[Quarantined, ...]
    unread: tuple[UnreadDocument, ...]
    warnings: tuple[DocumentWarnings, ...]
    findings: tuple[LedgerFinding, ...]
    rules: tuple[SuiteResult, ...]
    overruled: tuple[OverruledFigure, ...]
    partitions_written: tuple[str, ...]
    awaited: date | None
    arrived: bool
    late: bool
    behind: tuple[date, date] | None
    freshness: Freshness | None


def _warnings(verdict: Verdict) -> DocumentWarnings:
    source, sha256 = verdict.reading.key
    notes = [] if verdict.blocked else _notes(verdict)
    return DocumentWarnings(
        source=source,
        sha256=sha256,
        url=verdict.reading.archived.document.url,
        codes=tuple(note.code for note in notes),
        sentences=tuple(note.text for note in notes),
    )


def _notes(verdict: Verdict) -> list[Note]:
    """Return what the gate and the parser remarked on a bulletin, each sentence once."""
    notes = [
        *(Note(finding.rule, finding.sentence) for finding in verdict.findings),
        *(Note(w.code, w.text) for w in verdict.reading.bulletin.warnings),
    ]
    first_of_each = {note.text: note for note in reversed(notes)}
    return [note for note in notes if first_of_each[note.text] is note]


def _remarks(documents: ToldDocuments) -> dict[date, list[Note]]:
    """Return by date what the gate and the parser remarked on published documents."""
    remarks: dict[date, list[Note]] = defaultdict(list)
    for day, verdict in _published(documents):
        remarks[day] += [note for note in _notes(verdict) if note.code not in _TOLD_ELSEWHERE]
    return remarks


def _labels(documents: ToldDocuments) -> dict[date, list[str]]:
    """Return by date what published documents print that nobody knows, with its values."""
    sentences: dict[date, list[str]] = defaultdict(list)
    for day, verdict in _published(documents):
        for finding in verdict.findings:
            if finding.rule == _ALARMING and finding.sentence not in sentences[day]:
                sentences[day].append(finding.sentence)
    return sentences


def _published(documents: ToldDocuments) -> Iterator[tuple[date, Verdict]]:
    for verdict in documents.telling:
        day = verdict.reading.bulletin.report_date
        if day and not verdict.blocked:
            yield day, verdict
