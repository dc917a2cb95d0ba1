"""One run, from finding documents to the summary: ordinary functions that the flows wire up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from flows.archive.store import Archive
from flows.errors import LakeError, NotPublishedYet, SourceError, UsageError
from flows.lake.lake import Lake, open_lake
from flows.lake.window import read_window
from flows.parse.bulletin import read_all
from flows.parse.reader import DocumentReader
from flows.progress import follow, step
from flows.publish.publish import Publication, publish, run_input
from flows.reconcile.decide import reconcile
from flows.redact import redacted, shown
from flows.report.run_summary import SourceOutcome, Summary
from flows.settings import SourceConfig, kyiv_date, load_sources
from flows.sources import choose, kind_of
from flows.sources.base import Fetch, Found
from flows.validate.audit import audit
from flows.validate.gate import validate
from schemas.codes import Outcome
from schemas.records import Archived, Document, Reading, Verdict
from schemas.registry import load_registry

BATCH = 100
"""Documents are archived while others are still being found, this many at a time."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do.

    `sources` are searched for report dates from `since` to `until` (None: no bound); `order` names
    the configured sources, the preferred one first. `now` is the aware UTC moment of the run.
    """

    kind: str
    run_id: str
    lake: str
    now: datetime
    order: tuple[str, ...] = ()
    sources: tuple[SourceConfig, ...] = ()
    since: date | None = None
    until: date | None = None

    def searching(
        self,
        names: Sequence[str] | None,
        archive: str | None,
        url: str | None,
        *,
        since: date | None,
        until: date | None,
    ) -> "Job":
        """Return the same job with sources, as `flows.sources.choose` takes them, and dates.

        Raises UsageError for a source that is not configured.
        """
        chosen = choose(load_sources(), names, archive=archive, url=url)
        return replace(self, sources=chosen, since=since, until=until)


def run(job: Job, fetch: Fetch) -> tuple[Summary, BaseException | None]:
    """Do the job; return its summary, which is in the lake's runs/ too, and what broke it off.

    Raises an interruption, after the summary is written, and LakeError or UsageError if there is
    no lake that could keep a summary.
    """
    lake = open_lake(job.lake, create=True, older=job.kind == "rebuild")
    draft = Summary(
        job.kind, job.run_id, job.now, job.now, str(lake.root), since=job.since, until=job.until
    )
    broken: BaseException | None = None
    try:
        for grown in _stages(job, lake, fetch, draft):
            draft = grown
    except BaseException as error:  # whatever it is, the run leaves a summary that names it
        broken = error
        draft = replace(draft, error=redacted(f"{type(error).__name__}: {error}"))
    summary = replace(draft, finished_at=datetime.now(UTC))
    lake.write_run(summary.to_json())
    if broken and not isinstance(broken, Exception):
        raise broken
    return summary, broken


def _stages(job: Job, lake: Lake, fetch: Fetch, draft: Summary) -> Iterator[Summary]:
    """Yield the summary as it grows, so that a failed run still says how far it came."""
    taken: list[Archived] = []
    for config in job.sources:
        found = _collect(config, job, fetch, lake.archive)
        taken += found.taken
        draft = replace(draft, sources=(*draft.sources, found.outcome))
        yield draft
    with lake.lock():
        verdicts = _judge(_with_pending(taken, lake, whole=job.kind == "rebuild"), job.now)
        draft = replace(draft, verdicts=tuple(verdicts))
        yield draft
        draft = replace(draft, publication=_publish(lake, verdicts, job))
        yield draft
    yield replace(draft, ledger=audit(draft.rows, registry=load_registry()).findings)


@dataclass(frozen=True, slots=True)
class _Collected:
    taken: list[Archived]
    outcome: SourceOutcome


def _collect(config: SourceConfig, job: Job, fetch: Fetch, archive: Archive) -> _Collected:
    """Archive what a source has for the job before anything else is done with it.

    A source that breaks is a source that gave nothing: it does not stop the others. Raises
    LakeError, and UsageError for the one source of a job.
    """
    taken: list[Archived] = []
    problems: list[SourceError] = []
    kind = kind_of(config)
    expected = kind.expected(config, job.since, job.until or kyiv_date(job.now))
    found = kind.find(config, job.since, job.until, fetch, DocumentReader())
    try:
        text = f"Collecting documents from {config.name}"
        for batch in _batches(follow(found, text, expected)):
            problems += [error for error in batch if isinstance(error, SourceError)]
            documents = [document for document in batch if isinstance(document, Document)]
            taken += archive.store(documents, job.now)
    except SourceError as error:
        problems.append(error)
    except Exception as error:
        if isinstance(error, LakeError) or (isinstance(error, UsageError) and _alone(job)):
            raise
        problems.append(SourceError(_unexpected(error)))
    return _Collected(taken, _outcome(config, job.now, taken, problems))


def _alone(job: Job) -> bool:
    return len(job.sources) == 1


def _unexpected(error: Exception) -> str:
    said = shown(str(error))
    return said if isinstance(error, UsageError) else f"{type(error).__name__}: {said}"


def _batches(found: Iterator[Found]) -> Iterator[list[Found]]:
    """Yield what was found in batches; a page from the network is not left waiting for others.

    What it took to fetch it is not spent again when the run is killed.
    """
    batch: list[Found] = []
    try:
        for one in found:
            batch.append(one)
            fetched = isinstance(one, Document) and one.fetched_at is not None
            if fetched or len(batch) >= BATCH:
                yield batch
                batch = []
    except SourceError as error:
        batch.append(error)
    if batch:
        yield batch


def _outcome(
    config: SourceConfig, now: datetime, taken: Sequence[Archived], problems: Sequence[SourceError]
) -> SourceOutcome:
    documents = len(taken)
    if not documents and not problems:
        where = redacted(str(config.url or config.path))
        return SourceOutcome(config.name, Outcome.NOT_PUBLISHED_YET, f"nothing found in {where}")
    if not problems:
        same = all(one.document.fetched_at and one.archived_at != now for one in taken)
        return SourceOutcome(
            config.name, Outcome.UNCHANGED if same else Outcome.OK, None, documents
        )
    # A page that is simply not out yet is no news beside one that could not be had.
    worst = min(problems, key=lambda error: isinstance(error, NotPublishedYet))
    every = "; ".join(dict.fromkeys(str(problem) for problem in (worst, *problems)))
    return SourceOutcome(config.name, worst.outcome, every, documents)


def _with_pending(taken: Sequence[Archived], lake: Lake, *, whole: bool) -> list[Archived]:
    """Return the run's documents and those that an interrupted run left, or all for a rebuild."""
    if whole:
        return list(lake.archive.load_all())
    seen = {(archived.document.source, archived.document.sha256) for archived in taken}
    return [*taken, *(lake.archive.load(key) for key in lake.archive.pending() if key not in seen)]


def _judge(archived: Sequence[Archived], now: datetime) -> list[Verdict]:
    reading = follow(archived, "Reading documents", len(archived))
    readings = [Reading(one, bulletin) for one in reading for bulletin in read_all(one.document)]
    with step("Checking figures"):
        return validate(readings, registry=load_registry(), today=kyiv_date(now))


def _publish(lake: Lake, verdicts: Sequence[Verdict], job: Job) -> Publication:
    registry = load_registry()
    with step("Publishing tables"):
        given = run_input(lake, verdicts, whole=job.kind == "rebuild")
        window = read_window(lake, given, registry)
        decision = reconcile(window, given, registry=registry, source_order=job.order, now=job.now)
        return publish(lake, decision, given, verdicts)
