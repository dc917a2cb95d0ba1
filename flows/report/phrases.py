"""The sentences of a run's report, shared by the terminal and the Markdown artifact."""

import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from flows.redact import plain
from flows.report.day_summary import Day, span
from flows.report.freshness import freshness_words
from flows.report.run_summary import SourceOutcome, Summary
from flows.settings import KYIV, kyiv_date
from schemas.codes import SUCCEEDED, Outcome, Severity

MOST_DAYS = 40
"""A report shows every day of a run this long; of a longer one those with something to say."""

DISCLAIMER = "The figures are one belligerent's claims and cannot be verified independently."
LEGEND = (
    '"Add up": the printed daily change equals the change in the totals since the day before. '
    "Where it does not, earlier days may have been corrected since, or a number is misprinted; "
    "what the days beside it and other sources tell of that stands with it."
)


def headline(summary: Summary) -> str:
    """Say in one line what ran, how it ended and which days it published."""
    read = counted(summary.documents.read, "document")
    days = [day for day in summary.days if not day.partial]
    again = [day for day in summary.days if day.partial]
    text = f"{summary.kind.capitalize()} run: {summary.state.words}; {read} read"
    text += f", {counted(len(days), 'day')} published"
    if days:
        text += f" ({span(days[0].report_date, days[-1].report_date)})"
    return text + (f", {counted(len(again), 'other day')} decided again" if again else "")


def totals(days: Sequence[Day]) -> str:
    """Say how many figures there are, how many could be checked and how many add up."""
    figures, checked = sum(d.figures for d in days), sum(d.checked for d in days)
    adding_up = sum(d.adding_up for d in days)
    if not checked:
        return f"{figures:,} figures; none could be checked against a day before."
    wrong = f"{checked - adding_up:,} do not" if checked > adding_up else "none does not"
    return (
        f"{figures:,} figures; {checked:,} could be checked: {adding_up:,} add up, {wrong}; "
        f"{figures - checked:,} could not be checked."
    )


def troubles(summary: Summary) -> Iterator[str]:
    """Yield what went wrong: the error, sources without a document, documents in quarantine."""
    if summary.error:
        yield f"The run failed: {plain(summary.error)}"
    if summary.late:
        yield f"Late: {late_words(summary)}."
    if ahead := ahead_words(summary):
        yield f"{ahead}."
    for source in summary.sources:
        # What none of its documents could be published for is said of each of them.
        if source.outcome not in SUCCEEDED | {Outcome.NONE_PUBLISHED}:
            yield _source(source)
    for finding in summary.ledger:
        if finding.severity == Severity.CRITICAL:
            yield f"The ledger is malformed: {plain(finding.sentence)}"
    yield from _held(summary)
    for left in summary.unread:
        yield (
            f"Not read ({left.code.words}): {left.source} {left.sha256}: {plain(left.problem)} "
            "What is on record of it stays as it is; `tallybook archive verify` checks the archive."
        )


def fresh(summary: Summary) -> Iterator[str]:
    """Yield how fresh the lake is, and which days a daily run does not catch up with."""
    if summary.freshness:
        yield freshness_words(summary.freshness)
    if summary.behind:
        first, last = summary.behind
        yield (
            f"Days from {first} to {last} are missing, too far back for a daily run: "
            f"`tallybook backfill --since {first} --until {last} --lake {nearby(summary.lake)}`"
        )


def late_words(summary: Summary) -> str:
    """Say that the day of a daily run is not there though it should be."""
    assert summary.deadline, "only a run with a deadline is late"
    return f"{summary.awaited} is not published; it should be since {summary.deadline:%H:%M} Kyiv"


def _held(summary: Summary) -> Iterator[str]:
    """Yield which documents are not published, and of a rebuild what that means."""
    for document in summary.quarantined:
        yield (
            f"Not published: {plain(document.url)} ({document.source}): {plain(document.reason)}. "
            f"It is kept in {nearby(summary.lake, document.path)}"
        )
    if summary.quarantined and summary.kind == "rebuild":
        yield (
            "A rebuild reads all that is archived: as long as one document is not published it "
            "counts as failed. What else there is has been written anew; `tallybook verify` proves "
            "it."
        )


def ahead_words(summary: Summary) -> str | None:
    """Say that a run was asked for days to come; None where it was not."""
    today = kyiv_date(summary.started_at)
    if summary.since is None or summary.since <= today:
        return None
    return f"{summary.since} is in the future: today, in Kyiv, is {today}"


def sources(summary: Summary) -> Iterator[str]:
    """Yield a line for each source that gave what it should; `troubles` has the others."""
    succeeded = [source for source in summary.sources if source.outcome in SUCCEEDED]
    if len(summary.sources) == 1 and all(s.outcome == Outcome.OK for s in succeeded):
        return  # the headline says it all
    yield from map(_source, succeeded)


def _source(source: SourceOutcome) -> str:
    documents = counted(source.documents, "document")
    detail = plain(source.detail) if source.detail else documents
    return f"Source {source.source}: {source.outcome.words}: {detail}"


def shown_days(days: Sequence[Day]) -> list[Day]:
    """Return the days that a report shows: all of a few, of many those with something to say."""
    if len(days) <= MOST_DAYS:
        return list(days)
    telling = [day for day in days if day.alarms or day.notes]
    if len(telling) > MOST_DAYS:
        telling = [day for day in days if day.alarms]
    return telling[-MOST_DAYS:]


def hidden_days(days: Sequence[Day]) -> str | None:
    """Say what the report leaves out; None where it shows every day."""
    hidden = len(days) - len(shown_days(days))
    if not hidden:
        return None
    visible = {day.report_date for day in shown_days(days)}
    alarming = sum(bool(day.alarms) for day in days if day.report_date not in visible)
    what = f"{alarming:,} of them with a !" if alarming else "nothing wrong"
    return f"{hidden:,} more days are not shown ({what}); `tallybook check` lists every case."


def adding_up(day: Day) -> str:
    """Say how many of a day's figures add up; a dash where none could be checked."""
    return f"{day.adding_up} of {day.checked}" if day.checked else "-"


def nearby(place: str, name: str = "") -> str:
    """Return a path, or that of a file in it, as one would type it here.

    It is relative where it lies below this folder; an address of object storage stays as it is.
    """
    if "://" in place:
        return f"{place}/{name}" if name else place
    path = Path(place, name)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


_EXAMPLE_COLUMNS = (
    *("report_date", "category", "total", "delta", "daily", "daily_basis", "delta_status"),
)
"""What the example prints: what was printed, what to plot, and whether it adds up."""


def example(summary: Summary) -> str:
    """Return a shell command of three lines that reads the published table."""
    python = nearby(os.path.abspath(sys.executable))  # noqa: PTH100  a venv's link is not followed
    path = json.dumps(nearby(summary.lake, "losses"), ensure_ascii=False)
    code = (
        "import pandas as pd\n"
        f"columns = {json.dumps(_EXAMPLE_COLUMNS)}\n"
        f"print(pd.read_parquet({path})[columns].tail(15).to_string())"
    )
    return f"{shlex.quote(python)} -c {shlex.quote(code)}"


def utc_time(moment: datetime) -> str:
    """Return a moment in UTC, and beside it as people in Kyiv say it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC ({kyiv_time(moment)})"


def kyiv_time(moment: datetime | None) -> str:
    """Return a moment as people in Kyiv say it, with the zone: "2023-10-09 12:30 EEST"."""
    return f"{moment.astimezone(KYIV):%Y-%m-%d %H:%M %Z}" if moment else "never"


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: "1 day", "1,587 days"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
