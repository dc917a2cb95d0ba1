"""What is on record, as text for a person: the reports of `flows/check.py` in words."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flows.days import STATUS_WORDS, span, title
from flows.words import WIDTH, plain
from schemas.registry import load_registry
from schemas.suites import INCOMPLETE

Report = dict[str, Any]
"""A JSON object."""


def check_text(report: Report) -> str:
    """Return a check report as text, day by day."""
    return "\n".join(_check_lines(report))


def status_text(report: Report) -> str:
    """Return a status report as text."""
    return "\n".join(_status_lines(report))


def show_text(report: Report) -> str:
    """Return a day as a table, one line per category."""
    return "\n".join(_show_lines(report))


def _check_lines(report: Report) -> Iterator[str]:
    if not report["days"]:
        yield "No day is on record in this range."
    else:
        yield f"{report['days']:,} days on record, {report['rows']:,} figures:"
        yield from _status_counts(report["by_status"])
    for told in report["remarks"]:
        yield ""
        yield told["report_date"]
        yield from (_wrapped(text, "  ! ") for text in told["alarms"])
        yield from (_wrapped(text, "    ") for text in told["notes"])
    yield from _section("Not on record at all:", _runs(report["missing_days"]))
    yield from _section("Remarks on documents:", _remarks(report["warnings"]))
    yield from _section("In quarantine, not published:", _held(report["quarantined"]))


def _status_lines(report: Report) -> Iterator[str]:
    yield f"Lake: {report['lake']} (schema {report['schema_version']})"
    if report["days"]:
        missing = f", {report['missing_days']:,} between them missing" * bool(
            report["missing_days"]
        )
        first, last = report["first_date"], report["last_date"]
        yield f"Days on record: {report['days']:,}, {first} to {last}{missing}"
        yield f"Figures: {report['rows']:,}"
        yield from _status_counts(report["by_status"])
    else:
        yield "No day is on record yet."
    counts = ", ".join(f"{number:,} {name}" for name, number in report["documents"].items())
    yield f"Documents: {counts}"
    if report["pending"]:
        yield f"Left by an interrupted run: {report['pending']:,}; the next run takes them up"
    run = report["last_run"]
    if run:
        error = f": {plain(run['error'])}" if run["error"] else ""
        yield f"Last run: {run['kind']}, {run['state']}, {run['finished_at']}{error}"
    yield from _section("In quarantine, not published:", _held(report["quarantined"]))


def _show_lines(report: Report) -> Iterator[str]:
    registry = load_registry()
    names = [title(row["category"], registry) for row in report["rows"]]
    width = max(map(len, names))
    yield f"Report date {report['report_date']}, day {report['war_day']} of the war"
    yield ""
    yield f"{'':{width}}  {'Total':>11}  {'Printed':>8}  {'Change':>8}"
    for name, row in zip(names, report["rows"], strict=True):
        total = f"{'~' * row['approximate']}{row['total']:,}"
        numbers = f"{total:>11}  {_signed(row['delta']):>8}  {_signed(row['change']):>8}"
        yield f"{name:{width}}  {numbers}  {STATUS_WORDS[row['delta_status']]}"
    yield from _section("Remarks:", report["alarms"] + report["notes"])
    documents = (f"{one['source']}: {one['url']} ({one['status']})" for one in report["documents"])
    yield from _section("Documents:", documents)


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    for place, line in enumerate(lines):
        if place == 0:
            yield ""
            yield heading
        yield _wrapped(line, "  ")


def _wrapped(text: str, indent: str) -> str:
    rest = " " * len(indent)
    return textwrap.fill(plain(text), WIDTH, initial_indent=indent, subsequent_indent=rest)


def _status_counts(counts: dict[str, int]) -> Iterator[str]:
    for status, number in counts.items():
        if number:
            yield f"  {number:>8,}  {STATUS_WORDS[status]} ({status})"


def _remarks(warnings: Iterable[Report]) -> Iterator[str]:
    for one in warnings:
        for sentence in one["warnings"]:
            if not sentence.startswith(INCOMPLETE):  # said of the day already
                yield f"{one['report_date']} {one['source']} {one['url']}: {sentence}"


def _held(quarantined: Iterable[Report]) -> Iterator[str]:
    for one in quarantined:
        day = one["report_date"] or "no date"
        yield f"{day} {one['source']} {one['url']}: {one['reason']}"


def _signed(number: int | None) -> str:
    return "" if number is None else f"{number:+,}" if number else "0"


def _runs(isoformat: Sequence[str]) -> Iterator[str]:
    """Yield the days as runs of consecutive ones."""
    found = [date.fromisoformat(day) for day in isoformat]
    starts = [d for d in found if d - timedelta(days=1) not in found]
    ends = [d for d in found if d + timedelta(days=1) not in found]
    yield from (span(first, last) for first, last in zip(starts, ends, strict=True))
