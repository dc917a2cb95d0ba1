"""What `tallybook sources --test` does: ask one source now, say what it has, keep nothing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import msgspec

from flows.errors import EXIT_FAILED, EXIT_NOT_PUBLISHED, SourceError
from flows.extract.prefilter import may_hold_bulletin
from flows.fetch.fetcher import Fetcher
from flows.parse.reader import DocumentReader
from flows.report.day_summary import span
from flows.report.phrases import counted
from flows.settings import Settings, SourceConfig, kyiv_date
from flows.sources import choose, kind_of
from flows.sources.base import Found
from schemas.codes import Outcome
from schemas.parsed import ParsedBulletin, parsed
from schemas.records import Bulletin, Document


class TriedDocument(msgspec.Struct, frozen=True):
    """A document that a source gave: its size in bytes, and the days that it holds.

    `bulletin` is what it says of the day that was asked for, in the shape of `tallybook parse`.
    """

    url: str
    bytes: int
    media_type: str
    days: int
    first_date: date | None
    last_date: date | None
    bulletin: ParsedBulletin | None


class Trial(msgspec.Struct, frozen=True):
    """What a source has for a report date, asked now.

    `details` are the errors in sentences, `exit_status` is that of a run with this source alone;
    `verdict` says in words how fresh it is.
    """

    source: str
    kind: str
    report_date: date
    outcome: Outcome
    details: tuple[str, ...]
    exit_status: int
    seconds: float
    documents: tuple[TriedDocument, ...]
    verdict: str


def trial(settings: Settings, name: str, day: date | None) -> Trial:
    """Ask a configured source for a report date (None: today in Kyiv) and return what it has.

    Raises UsageError for an unknown source.
    """
    (config,) = choose(settings.sources, [name])
    started = datetime.now(UTC)
    day = day or kyiv_date(started)
    reader = DocumentReader()
    items = list(_ask(config, day, reader, settings.contact))
    seconds = (datetime.now(UTC) - started).total_seconds()
    errors = [item for item in items if isinstance(item, SourceError)]
    read = [(item, reader.read_all(item)) for item in items if isinstance(item, Document)]
    if any(_of(day, bulletins) for _, bulletins in read):
        outcome, exit_status = Outcome.OK, 0
    elif not read and not errors:
        outcome, exit_status = Outcome.NOT_PUBLISHED_YET, EXIT_NOT_PUBLISHED
    else:
        outcome = errors[0].outcome if errors else Outcome.NOTHING_FOUND
        exit_status = _exit_status(errors)
    return Trial(
        source=name,
        kind=config.kind,
        report_date=day,
        outcome=outcome,
        details=tuple(str(error) for error in errors),
        exit_status=exit_status,
        seconds=round(seconds, 3),
        documents=tuple(_document(document, bulletins, day) for document, bulletins in read),
        verdict=_verdict(day, kyiv_date(started), [b for _, found in read for b in found]),
    )


def _ask(config: SourceConfig, day: date, reader: DocumentReader, contact: str) -> Iterator[Found]:
    with Fetcher(may_hold_bulletin=may_hold_bulletin, contact=contact) as fetch:
        try:
            yield from kind_of(config).find(config, day, day, fetch, reader)
        except SourceError as error:
            yield error


def _exit_status(errors: Sequence[SourceError]) -> int:
    statuses = {error.exit_status for error in errors}
    return EXIT_NOT_PUBLISHED if statuses == {EXIT_NOT_PUBLISHED} else EXIT_FAILED


def _of(day: date, bulletins: Sequence[Bulletin]) -> Bulletin | None:
    return next((b for b in bulletins if b.accepted and b.report_date == day), None)


def _document(document: Document, bulletins: Sequence[Bulletin], day: date) -> TriedDocument:
    dates = sorted(b.report_date for b in bulletins if b.accepted and b.report_date)
    bulletin = _of(day, bulletins) or (bulletins[0] if len(bulletins) == 1 else None)
    return TriedDocument(
        url=document.url,
        bytes=len(document.content),
        media_type=document.media_type,
        days=len(dates),
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
        bulletin=parsed(bulletin) if bulletin else None,
    )


def _verdict(day: date, today: date, bulletins: Sequence[Bulletin]) -> str:
    if day > today:
        return f"{day} is in the future: today, in Kyiv, is {today}"
    dates = [b.report_date for b in bulletins if b.accepted and b.report_date]
    if day in dates:
        return f"fresh: it has the bulletin of {day}"
    if not dates:
        return f"no bulletin of {day}"
    if max(dates) > day:
        return f"it has bulletins up to {max(dates)}, but not that of {day}"
    return (
        f"stale: its latest bulletin is that of {max(dates)}, {(day - max(dates)).days} days older"
    )


def trial_text(report: Trial) -> str:
    """Return the report for people: the outcome, each document, the figures of the day."""
    return "\n".join(_lines(report))


def _lines(report: Trial) -> Iterator[str]:
    outcome = report.outcome.words
    yield (
        f"{report.source} ({report.kind}), {report.report_date}: {outcome} "
        f"in {report.seconds:.1f} s"
    )
    yield from (f"  {detail}" for detail in report.details)
    for document in report.documents:
        days = counted(document.days, "day")
        if document.first_date and document.last_date:
            days += f", {span(document.first_date, document.last_date)}"
        yield f"  {document.url}  {document.bytes:,} bytes, {document.media_type}; {days}"
        yield from _figures(document.bulletin)
    yield report.verdict


def _figures(bulletin: ParsedBulletin | None) -> Iterator[str]:
    if bulletin is None:
        return
    if bulletin.reason:
        yield f"    refused: {bulletin.reason}"
    for figure in bulletin.figures:
        total = "-" if figure.total is None else f"{figure.total:,}"
        delta = "" if figure.delta is None else f"({figure.delta:+,})"
        yield f"    {figure.category:<20} {total:>12} {delta}".rstrip()
    yield from (f"    unrecognized: {item.label}" for item in bulletin.unrecognized)
    yield from (f"    warning: {item.text}" for item in bulletin.warnings)
