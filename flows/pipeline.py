"""One run: collect, read, validate, reconcile, audit, publish, report, in this order.

Each stage is a plain function over plain records and can be called, tested and read alone. A flow
hands in the same functions as Prefect tasks (`flows/orchestration/tasks.py`).
"""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import TypeVar

import pyarrow as pa

from flows.archive.store import Archive
from flows.aside import Aside
from flows.collect import BATCH, Collected, collect, side_by_side
from flows.errors import (
    EXIT_FAILED,
    RuleNotEvaluated,
    UnreadableDocument,
)
from flows.job import Job
from flows.lake.lake import Lake
from flows.lake.recorded import is_on_record
from flows.parse.guard import parser_version
from flows.parse.reader import DocumentReader, Spread
from flows.progress import follow, step
from flows.publish.publish import fitting, publish, run_input
from flows.publish.stretches import decisions
from flows.reconcile.decide import Decision, reconcile
from flows.reconcile.window import RunInput
from flows.redact import redacted, shown
from flows.report import run_sentences as sentences
from flows.report.day_summary import span
from flows.report.freshness import lake_freshness
from flows.report.rebuild_preview import RebuildPreview, preview_of
from flows.report.run_summary import SourceOutcome, Summary, judged
from flows.report.told import ToldDocuments, ToldRows
from flows.settings import kyiv_date
from flows.sources.base import Fetch
from flows.validate.audit import Audit, audit, audited_together
from flows.validate.check import SuiteResult, joined
from flows.validate.gate import validate
from flows.validate.verdicts import Verdicts
from schemas.codes import Reason, RuleName, Severity, Unread
from schemas.records import Archived, Finding, Key, Reading, UnreadDocument

T = TypeVar("T")

log = logging.getLogger(__name__)

READ_AT_ONCE = 2_000
"""So many readings are validated at a time, and then put aside: more than a source has of the whole
war, because Great Expectations takes about the same time for one as for a hundred."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of a run's documents, from the number `first` to `last`, counted from 1."""

    first: int
    last: int
    documents: Iterable[Archived]

    def __str__(self) -> str:
        return f"{self.first}-{self.last}" if self.last > self.first else str(self.first)


def read(batch: Batch, reader: DocumentReader) -> list[Reading]:
    """Return what the documents print: a reading for each bulletin in them, refused ones too.

    Nobody needs their bytes after that: the readings leave them in the archive.
    """
    readings = [
        Reading(archived.without_content(), bulletin)
        for archived in batch.documents
        for bulletin in reader.read_all(archived.document)
    ]
    if log.isEnabledFor(logging.DEBUG):
        for reading in readings:
            log.debug(sentences.reading(reading))
    return readings


def report(lake: Lake, summary: Summary) -> str:
    """Write the summary into the lake's runs/; return its place. Raises LakeError."""
    return lake.write_run(summary.record())


class Stages:
    """The stages of a run, as a person sees them pass. A flow hands in tasks made of the same."""

    collect = staticmethod(collect)
    read = staticmethod(read)
    validate = staticmethod(step("Checking figures")(validate))
    reconcile = staticmethod(reconcile)
    audit = staticmethod(audit)
    publish = staticmethod(step("Publishing tables")(publish))
    report = staticmethod(report)


def run(
    job: Job,
    lake: Lake,
    fetch: Fetch,
    stages: type[Stages] = Stages,
    spread: Spread | None = None,
) -> Summary:
    """Do the job; return its summary, which is in the lake's runs/ too.

    `spread` has workers read the documents, in other processes; None: they are read here.
    The summary is written whatever happens, and names what broke the run off. Raises that: a
    TallybookError (LakeError, UsageError, RuleNotEvaluated), a programming error, an interruption.
    """
    # Arrow's own pool keeps some 25 MB that nobody uses, for tables that are small here.
    pa.set_memory_pool(pa.system_memory_pool())
    log.info(
        sentences.begun(
            sentences.run_name(job.kind, job.since, job.until), job.sources, str(lake.storage)
        )
    )
    summary = Summary(
        job.kind,
        job.run_id,
        job.now,
        job.now,
        str(lake.storage),
        job.since,
        job.until,
        awaited=job.awaited,
        deadline=job.deadline,
        behind=job.behind,
    )
    try:
        parser = parser_version()
        given_up = lake.archive.attempts.given_up(parser)
        reader = DocumentReader(lake.reader_errors(parser), given_up, spread)
        asked = [
            partial(stages.collect, config, job, lake.archive, reader, fetch)
            for config in job.sources
        ]
        collected: list[Collected] = []
        for source in side_by_side(asked):
            collected.append(source)
            summary = replace(summary, sources=_outcomes(collected, job))
            del source

        documents = _documents(collected, job, lake.archive)
        collected.clear()
        validated = _validated(documents, job, lake, reader, stages)
        lake.archive.attempts.note(validated.broken_off, parser)
        del asked, reader  # what it remembers is not needed any more
        verdicts = validated.verdicts
        summary = replace(
            summary,
            unread=tuple(validated.unread),
            documents=ToldDocuments.of(verdicts),
            sources=judged(summary.sources, verdicts),
            rules=joined(validated.rules),
        )

        with lake.lock():  # until all is written, nobody else may change what it is decided from
            if job.kind == "rebuild":
                lake.drop_damaged()
            decided, given, checked = _decided(job, lake, verdicts, stages)
            if verdicts.refused:
                summary = replace(summary, documents=ToldDocuments.of(verdicts))
            summary = replace(
                summary,
                ledger=checked.findings,
                rules=joined([*validated.rules, *checked.rules]),
            )
            publication = stages.publish(lake, decided, given, verdicts)
        summary = replace(
            summary,
            rows=ToldRows.of((one.touched for one in decided), summary.documents.published),
            revisions=tuple(revision for one in decided for revision in one.revisions),
            overruled=tuple(figure for one in decided for figure in one.overruled),
            quarantined=publication.quarantined,
            partitions_written=publication.partitions_written,
            arrived=job.awaited is not None and is_on_record(lake, job.awaited),
            freshness=lake_freshness(lake, kyiv_date(job.now), job.stale_after_days),
        )
        log.info(sentences.published(publication))
    except BaseException as error:
        summary = replace(summary, error=redacted(f"{type(error).__name__}: {error}"))
        raise
    finally:
        summary = replace(summary, finished_at=datetime.now(UTC))
        stages.report(lake, summary)
    failed = summary.exit_status == EXIT_FAILED
    log.log(logging.ERROR if failed else logging.INFO, sentences.ended(summary))
    return summary


def preview(job: Job, lake: Lake, stages: type[Stages] = Stages) -> RebuildPreview:
    """Return what a rebuild would change in `losses`; nothing is written.

    Raises LakeError for a damaged table, RuleNotEvaluated as `run` does.
    """
    parser = parser_version()
    reader = DocumentReader(lake.reader_errors(parser), lake.archive.attempts.given_up(parser))
    documents = _documents([], job, lake.archive)
    number = len(documents)
    validated = _validated(documents, job, lake, reader, stages)
    decided, _, _ = _decided(job, lake, validated.verdicts, stages)
    unread = len(validated.unread) - len(validated.broken_off)
    return preview_of(lake, decided, number - unread, unread)


@dataclass(frozen=True, slots=True)
class _Validated:
    """What was read of a run's documents and what the gate says of it.

    `unread` are the documents that could not be read, `broken_off` those of them whose reading was
    interrupted; `rules` are the results of the Checkpoints, in short.
    """

    verdicts: Verdicts
    unread: list[UnreadDocument]
    broken_off: list[Key]
    rules: list[SuiteResult]


def _validated(
    documents: deque[Archived | Key],
    job: Job,
    lake: Lake,
    reader: DocumentReader,
    stages: type[Stages],
) -> _Validated:
    """Read the documents, and validate what they print, some thousands at a time.

    `documents` is empty after that.
    """
    found = _Validated(Verdicts(), [], [], [])
    batches = _batches(documents, lake.archive, reader, found.unread)
    for readings in _some_at_once(stages.read(batch, reader) for batch in batches):
        whole = [r for r in readings if r.bulletin.reason_code is not Reason.INTERRUPTED]
        for reading in readings:
            if reading.bulletin.reason_code is Reason.INTERRUPTED:
                why = reading.bulletin.reason or ""
                found.broken_off.append(reading.key)
                found.unread.append(UnreadDocument(*reading.key, Unread.INTERRUPTED, why))
        log.info(sentences.read(whole))
        verdicts = stages.validate(
            whole, registry=job.registry, today=kyiv_date(job.now), keep=found.rules.append
        )
        verdicts = fitting(verdicts)
        log.info(sentences.validated(verdicts))
        found.verdicts.add(verdicts)
    return found


def _some_at_once(batches: Iterable[list[Reading]]) -> Iterator[list[Reading]]:
    """Yield the readings of some batches together; once at least, none where there are none."""
    readings: list[Reading] = []
    for batch in batches:
        if len(readings) >= READ_AT_ONCE:
            yield readings
            readings = []
        readings += batch
    yield readings


def _decided(
    job: Job, lake: Lake, verdicts: Verdicts, stages: type[Stages]
) -> tuple[Aside[Decision], RunInput, Audit]:
    """Decide what is published of the verdicts, those of days that fail the audit blocked.

    Raises RuleNotEvaluated.
    """
    given = run_input(lake, verdicts, whole=job.kind == "rebuild")
    decide = partial(stages.reconcile, registry=job.registry, source_order=job.order, now=job.now)
    while True:
        decided: Aside[Decision] = Aside(lambda _: (None, 0))
        audits = []
        for decision in decisions(lake, given, verdicts, job.registry, decide):
            log.info(sentences.reconciled(decision))
            audits.append(stages.audit(decision.touched, registry=job.registry))
            log.info(sentences.audited(audits[-1]))
            decided.add([decision])
            del decision  # those of other stretches wait in a file
        checked = audited_together(audits)
        if not _refuse(verdicts, checked):
            return decided, given, checked


def _outcomes(collected: Iterable[Collected], job: Job) -> tuple[SourceOutcome, ...]:
    """Return how the sources did, in the order of the job."""
    outcomes = {source.outcome.source: source.outcome for source in collected}
    return tuple(outcomes[config.name] for config in job.sources if config.name in outcomes)


def _documents(collected: Iterable[Collected], job: Job, archive: Archive) -> deque[Archived | Key]:
    """Return the run's documents and the keys of those that an interrupted run left.

    Those of the sources come in the order of the job, whichever was the first to answer. For a
    rebuild the keys of all that is archived.
    """
    if job.kind == "rebuild":
        return deque(sorted(archive.keys()))
    by_source = {source.outcome.source: source.documents for source in collected}
    documents = deque(one for config in job.sources for one in by_source[config.name])
    seen = {_key(one) for one in documents}
    documents.extend(key for key in archive.pending() if key not in seen)
    return documents


def _loaded(
    documents: deque[Archived | Key], archive: Archive, unread: list[UnreadDocument]
) -> Iterator[Archived]:
    """Yield the documents, each loaded when it is wanted, so that few are in memory at a time.

    They are taken out of `documents`: nobody needs them again. What cannot be loaded is added to
    `unread`: it is left as it is, and stops no other.
    """
    while documents:
        one = documents.popleft()
        if isinstance(one, Archived):
            yield one
            continue
        try:
            yield archive.load(one)
        except UnreadableDocument as error:
            unread.append(UnreadDocument(*one, _code_of(error), shown(str(error))))
            log.error("%s (SHA-256 %s) is left unread: %s", *one, error)


def _key(one: Archived | Key) -> Key:
    return one.key if isinstance(one, Archived) else one


def _code_of(error: UnreadableDocument) -> Unread:
    """Tell what the system does not let us open from what is damaged."""
    return Unread.UNREADABLE if isinstance(error.__cause__, PermissionError) else Unread.DAMAGED


def _batches(
    documents: deque[Archived | Key],
    archive: Archive,
    reader: DocumentReader,
    unread: list[UnreadDocument],
) -> Iterator[Batch]:
    number = len(documents)
    loaded = reader.ahead(_loaded(documents, archive, unread), attrgetter("document"))
    with closing(follow(loaded, "Reading documents", number)) as reading:
        for first in range(0, number, BATCH):
            last = min(first + BATCH, number)
            yield Batch(first + 1, last, islice(reading, BATCH))


def _refuse(verdicts: Verdicts, checked: Audit) -> bool:
    """Block the bulletins of the days that do not pass the audit; return whether there are any.

    Raises RuleNotEvaluated where that is of no use: a rule could not be evaluated on the only days
    that there are to publish, or on one beside them that is none of the run's.
    """
    refused: dict[date, Finding] = {}
    for finding in checked.findings:
        if finding.severity is Severity.CRITICAL:
            for row in finding.rows:
                refused.setdefault(date.fromisoformat(row["report_date"]), finding)
    for day, failure in checked.failed.items():
        sentence = f"{RuleName.AUDIT_FAILED.clause}: {failure.rule}"
        refused[day] = Finding(RuleName.AUDIT_FAILED, Severity.CRITICAL, sentence)
    any_blocked = verdicts.refuse(refused)
    if checked.failed and not (any_blocked and verdicts.figures):
        first, last = min(checked.failed), max(checked.failed)
        failure = checked.failed[first]
        raise RuleNotEvaluated(
            f"The audit could not evaluate the rule {failure.rule} on {span(first, last)} "
            f"({failure.problem}), and there is no other day to publish: nothing is published. "
            "The log has the traceback; the next run takes the documents up from the archive."
        )
    return any_blocked
