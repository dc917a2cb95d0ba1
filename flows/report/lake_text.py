"""What is on record, as text for a person: what `status` and `show` report."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from flows.redact import plain
from flows.report.day_summary import MARKS, STATUS_PHRASES, state_of, title
from flows.report.diagnosis_phrases import signed
from flows.report.freshness import LOOKED_AT, freshness_words
from flows.report.phrases import counted, kyiv_time, utc_time
from flows.report.text_layout import (
    STATE_TONES,
    STATUS_TONES,
    Part,
    Table,
    Tone,
    Toned,
    as_plain,
    counts,
    on_days,
    section,
)
from schemas.codes import RunState
from schemas.registry import load_registry

if TYPE_CHECKING:
    from flows.report.check import HeldDocument
    from flows.report.show import DayReport
    from flows.report.status import StatusReport

ABOUT = '~ about: the bulletin prints a rounded number ("about 4,800").'


def status_text(report: "StatusReport") -> str:
    """Return a status report as text."""
    return as_plain(status_parts(report))


def show_text(report: "DayReport") -> str:
    """Return a day as a table, one line per category."""
    return as_plain(show_parts(report))


def status_parts(report: "StatusReport", *, strip: bool = False) -> Iterator[Part]:
    """Yield a status report; with a `strip` of the last days, where a terminal shows it."""
    yield f"Lake: {report.lake} (schema {report.schema_version})"
    if report.days:
        missing = f", {report.missing_days:,} between them missing" * bool(report.missing_days)
        first, last = report.first_date, report.last_date
        yield f"Days on record: {report.days:,}, {first} to {last}{missing}"
        yield f"Figures: {report.rows:,}"
        yield from counts(report.by_status, STATUS_PHRASES, STATUS_TONES)
    else:
        yield "No day is on record yet."
    fresh = report.freshness
    if fresh.newest:
        yield Toned(freshness_words(fresh), Tone.BAD if fresh.stale else Tone.GOOD)
    if strip and report.first_date:
        days = on_days(LOOKED_AT, fresh.today, report.first_date, fresh.missing)
        yield f"The {LOOKED_AT} days before {fresh.today}: {days}  (■ on record, · missing)"
    documents = [f"{number:,} {name}" for name, number in report.documents.items() if number]
    yield f"Documents: {', '.join(documents) or 'none'}"
    if report.pending:
        yield f"Left by an interrupted run: {report.pending:,}; the next run takes them up"
    run = report.last_run
    if run:
        error = f": {plain(run.error)}" if run.error else ""
        when = kyiv_time(run.finished_at) if run.finished_at else "not finished"
        tone = Tone.BAD if run.state is RunState.FAILED else None
        yield Toned(f"Last run: {run.kind}, {run.state.words}, {when}{error}", tone)
    yield from section(held_heading(len(report.quarantined)), held(report.quarantined))
    strays = "Not made by Tallybook and passed over, but read by tools that read a whole folder:"
    yield from section(strays, report.strays)
    odd = (f"{plain(file.path)} {plain(file.problem)}" for file in report.odd_files)
    yield from section("Passed over:", odd)


def show_parts(
    report: "DayReport", curves: Mapping[str, str] | None = None, days: int = 0
) -> Iterator[Part]:
    """Yield a day as a table; with `curves` of so many days by category, where a terminal shows it.

    There the status stands as its code, which the lines below explain: it has to fit.
    """
    yield f"Report date {report.report_date}, day {report.war_day} of the war"
    if report.as_of:
        yield f"As published at {utc_time(report.as_of)}; what came later is taken back"
    yield ""
    yield _curved(report, curves, days) if curves is not None else _table(report)
    if curves is not None:
        yield ""
        of_days = f"Last {counted(days, 'day')}: the column `daily`, each row on its own scale."
        yield Toned(of_days, Tone.QUIET)
        for status in dict.fromkeys(row.delta_status for row in report.rows):
            yield Toned(f"{status.words}: {STATUS_PHRASES[status]}", Tone.QUIET)
    if any(row.approximate for row in report.rows):
        yield Toned(ABOUT, Tone.QUIET)
    yield from section("Remarks:", (*report.alarms, *report.notes, *report.known_errors))
    documents = (f"{row.source}: {row.url} ({row.status})" for row in report.documents)
    yield from section("Documents:", documents)


def _table(report: "DayReport") -> Table:
    rows = [
        (*numbers, STATUS_PHRASES[row.delta_status])
        for row, numbers in zip(report.rows, _numbers(report), strict=True)
    ]
    return Table(("", "Total", "Printed", "Change", ""), tuple(rows), frozenset({1, 2, 3}))


def _curved(report: "DayReport", curves: Mapping[str, str], days: int) -> Table:
    rows = []
    for row, numbers in zip(report.rows, _numbers(report), strict=True):
        state = state_of(row)
        check = Toned(f"{MARKS[state] or '✓'} {row.delta_status.words}", STATE_TONES[state])
        rows.append((*numbers, check, curves.get(row.category, "")))
    headings = ("", "Total", "Printed", "Change", "Check", f"Last {counted(days, 'day')}")
    return Table(headings, tuple(rows), frozenset({1, 2, 3}))


def _numbers(report: "DayReport") -> Iterator[tuple[str, str, str, str]]:
    registry = load_registry()
    for row in report.rows:
        total = f"{'~' * row.approximate}{row.total:,}"
        yield title(row.category, registry), total, _signed(row.delta), _signed(row.change)


def held_heading(number: int) -> str:
    """Return the heading of the documents in quarantine."""
    return f"In quarantine, not published ({number:,}):"


def held(quarantined: "Iterable[HeldDocument]") -> Iterator[str]:
    """Yield a line for each document in quarantine."""
    for document in quarantined:
        day = document.report_date or "no date"
        yield f"{day} {document.source} {document.url}: {document.reason}"


def _signed(number: int | None) -> str:
    return "" if number is None else signed(number)
