"""Collecting: what the sources of a run have is archived before anything else is done with it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from flows.archive.store import Archive
from flows.errors import (
    BudgetSpent,
    EngineFailed,
    LakeError,
    SourceError,
    StorageFailed,
    UnreadableDocument,
    UsageError,
)
from flows.job import Job
from flows.parse.reader import DocumentReader
from flows.progress import follow
from flows.redact import redacted, shown
from flows.report import run_sentences as sentences
from flows.report.run_summary import SourceOutcome
from flows.settings import SourceConfig, kyiv_date
from flows.sources import kind_of
from flows.sources.base import Fetch, Found
from schemas.codes import WAITING, Outcome
from schemas.records import Archived, Document, Key

T = TypeVar("T")

log = logging.getLogger(__name__)

_WAKE_UP = 0.5
"""Seconds after which a run that waits for its sources looks whether it is interrupted."""

BATCH = 100
"""Documents are archived, and read, this many at a time: a few seconds of work."""

HELD_BYTES = 16 * 2**20
"""So much of what the sources give is kept until it is read: a day's pages, and many months'. What
comes after that is loaded from the archive again, so that memory does not grow with a backfill."""

_RECORD_BYTES = 2_000
"""What is kept of a document beside its content: of bulletins of 1.5 kB it is the larger part."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a source gave, each document once, and how it did: all is archived.

    Of a document that is to be loaded again there is the key.
    """

    documents: tuple[Archived | Key, ...]
    outcome: SourceOutcome


def collect(
    config: SourceConfig, job: Job, archive: Archive, reader: DocumentReader, fetch: Fetch
) -> Collected:
    """Archive what a source has for the job, before anything else is done with it.

    A source that fails has given nothing, or what it gave so far: it does not stop the others.
    Raises LakeError, and UsageError for the one source of a job.
    """
    documents: dict[Key, Archived | Key] = {}
    problems: list[tuple[Outcome, str]] = []
    held = 0
    unchanged = True
    try:
        kind = kind_of(config)
        expected = kind.expected(config, job.since, job.until or kyiv_date(job.now))
        text = f"Collecting documents from {config.name}"
        found = kind.find(config, job.since, job.until, fetch, reader)
        for batch in _fetched_at_once(follow(found, text, expected)):
            problems += [(e.outcome, str(e)) for e in batch if isinstance(e, SourceError)]
            new = [document for document in batch if isinstance(document, Document)]
            unopened: list[UnreadableDocument] = []
            for archived in archive.store(new, job.now, unopened):
                held += len(archived.document.content) + _RECORD_BYTES
                kept = archived if held <= HELD_BYTES / len(job.sources) else archived.key
                documents.setdefault(archived.key, kept)
                before = archived.document.fetched_at and archived.archived_at != job.now
                unchanged = unchanged and bool(before)
            problems += [(Outcome.FAILED, shown(str(e))) for e in unopened]
    except (SourceError, BudgetSpent) as error:
        problems.append((error.outcome, str(error)))
    except (LakeError, StorageFailed, EngineFailed):
        raise
    except UsageError as error:
        if len(job.sources) == 1:
            raise
        problems.append((Outcome.MISCONFIGURED, shown(str(error))))
    except Exception as error:
        log.exception("%s: unexpected error, please report it", config.name)
        said = f"{type(error).__name__}: {shown(str(error))}"
        problems.append((Outcome.UNEXPECTED_ERROR, said))
    outcome = _outcome(config, len(documents), problems, unchanged=unchanged)
    log.log(logging.WARNING if outcome.failed else logging.INFO, sentences.collected(outcome))
    return Collected(tuple(documents.values()), outcome)


def side_by_side(calls: Sequence[Callable[[], T]]) -> Iterator[T]:
    """Yield what the calls return as each is done, all of them running at once.

    The first error is raised when all are done. The threads are daemons: a run that is interrupted
    does not wait for a server that will not answer.
    """
    done: SimpleQueue[Future[T]] = SimpleQueue()

    def work(call: Callable[[], T]) -> None:
        future: Future[T] = Future()
        try:
            future.set_result(call())
        except BaseException as error:  # for the thread that waits
            future.set_exception(error)
        done.put(future)

    for call in calls:
        Thread(target=copy_context().run, args=(work, call), daemon=True).start()
    errors = []
    for _ in calls:
        future = _taken(done)
        if error := future.exception():
            errors.append(error)
        else:
            yield future.result()
    if errors:
        raise errors[0]


def _taken(done: "SimpleQueue[Future[T]]") -> "Future[T]":
    """Wait for the next, and wake up now and then.

    A signal that arrives just before a wait begins is seen only when the wait ends.
    """
    while True:
        with suppress(Empty):
            return done.get(timeout=_WAKE_UP)


def _fetched_at_once(found: Iterator[Found]) -> Iterator[list[Found]]:
    """Yield what was found in batches; a page from the network is not left waiting for others.

    What it took to fetch it is not spent again when the run is killed. What was found before an
    error of any kind comes before it.
    """
    batch: list[Found] = []
    broken: Exception | None = None
    try:
        for item in found:
            batch.append(item)
            fetched = isinstance(item, Document) and item.fetched_at is not None
            if fetched or len(batch) >= BATCH:
                yield batch
                batch = []
    except Exception as error:
        broken = error
    if batch:
        yield batch
    if broken:
        raise broken


def _outcome(
    config: SourceConfig,
    documents: int,
    problems: Sequence[tuple[Outcome, str]],
    *,
    unchanged: bool,
) -> SourceOutcome:
    if not documents and not problems:
        where = redacted(str(config.url or config.path))
        return SourceOutcome(config.name, Outcome.NOT_PUBLISHED_YET, f"nothing found in {where}")
    if not problems:
        outcome = Outcome.UNCHANGED if unchanged else Outcome.OK
        return SourceOutcome(config.name, outcome, None, documents)
    # A page that is simply not out yet is no news beside one that could not be had.
    worst = min(problems, key=lambda problem: problem[0] in WAITING)
    details = dict.fromkeys(text for _, text in (worst, *problems))
    return SourceOutcome(config.name, worst[0], "; ".join(details), documents)
