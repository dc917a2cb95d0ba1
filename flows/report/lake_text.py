"""What is on record, as text for a person: what `status` and `show` report."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flows.redact import plain
from flows.report.day_summary import STATUS_PHRASES, title
from flows.report.diagnosis_phrases import signed
from flows.report.freshness import freshness_words
from flows.report.text_layout import counts, section
from schemas.registry import load_registry

if TYPE_CHECKING:
    from flows.report.check import HeldDocument
    from flows.report.show import DayReport
    from flows.report.status import StatusReport


def status_text(report: "StatusReport") -> str:
    """Return a status report as text."""
    return "\n".join(_status_lines(report))


def show_text(report: "DayReport") -> str:
    """Return a day as a table, one line per category."""
    return "\n".join(_show_lines(report))


def _status_lines(report: "StatusReport") -> Iterator[str]:
    yield f"Lake: {report.lake} (schema {report.schema_version})"
    if report.days:
        missing = f", {report.missing_days:,} between them missing" * bool(report.missing_days)
        first, last = report.first_date, report.last_date
        yield f"Days on record: {report.days:,}, {first} to {last}{missing}"
        yield f"Figures: {report.rows:,}"
        yield from counts(report.by_status, STATUS_PHRASES)
    else:
        yield "No day is on record yet."
    if report.freshness.newest:
        yield freshness_words(report.freshness)
    documents = (f"{number:,} {name}" for name, number in report.documents.items())
    yield f"Documents: {', '.join(documents)}"
    if report.pending:
        yield f"Left by an interrupted run: {report.pending:,}; the next run takes them up"
    run = report.last_run
    if run:
        error = f": {plain(run.error)}" if run.error else ""
        when = run.finished_at.isoformat() if run.finished_at else "not finished"
        yield f"Last run: {run.kind}, {run.state.words}, {when}{error}"
    yield from section("In quarantine, not published:", held(report.quarantined))
    strays = "Not made by Tallybook and passed over, but read by tools that read a whole folder:"
    yield from section(strays, report.strays)
    odd = (f"{plain(file.path)} {plain(file.problem)}" for file in report.odd_files)
    yield from section("Passed over:", odd)


def _show_lines(report: "DayReport") -> Iterator[str]:
    registry = load_registry()
    names = [title(row.category, registry) for row in report.rows]
    width = max(map(len, names))
    yield f"Report date {report.report_date}, day {report.war_day} of the war"
    if report.as_of:
        yield f"As it stood at {report.as_of.isoformat()}"
    yield ""
    yield f"{'':{width}}  {'Total':>11}  {'Printed':>8}  {'Change':>8}"
    for name, row in zip(names, report.rows, strict=True):
        total = f"{'~' * row.approximate}{row.total:,}"
        numbers = f"{total:>11}  {_signed(row.delta):>8}  {_signed(row.change):>8}"
        yield f"{name:{width}}  {numbers}  {STATUS_PHRASES[row.delta_status]}"
    yield from section("Remarks:", (*report.alarms, *report.notes, *report.known_errors))
    documents = (f"{row.source}: {row.url} ({row.status})" for row in report.documents)
    yield from section("Documents:", documents)


def held(quarantined: "Iterable[HeldDocument]") -> Iterator[str]:
    """Yield a line for each document in quarantine."""
    for document in quarantined:
        day = document.report_date or "no date"
        yield f"{day} {document.source} {document.url}: {document.reason}"


def _signed(number: int | None) -> str:
    return "" if number is None else signed(number)
