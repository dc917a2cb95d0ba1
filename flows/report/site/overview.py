"""The latest day at a glance, and what needs attention, in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flows.redact import plain
from flows.report.day_summary import span, title
from flows.report.phrases import counted
from flows.report.site.content import SiteContent
from schemas.codes import RunState
from schemas.tables import LossRow

WEEK = 7
_SPARK_DAYS = 60
_SPARK_WIDTH, _SPARK_HEIGHT = 120.0, 28.0


@dataclass(frozen=True, slots=True)
class Glance:
    """A category of the latest day. `mean` is that of `daily` over the last seven report dates,
    `mean_days` how many of them have one; `spark` is the path of a small curve of `daily`."""

    row: LossRow
    title: str
    unit: str
    mean: float | None
    mean_days: int
    spark: str


def glances(content: SiteContent) -> list[Glance]:
    """Return the categories of the latest day, in the registry's order; none without a day."""
    if not content.days:
        return []
    latest = content.days[-1]
    found = []
    since = latest.report_date - timedelta(days=_SPARK_DAYS - 1)
    recent = [day for day in content.days[-_SPARK_DAYS:] if day.report_date >= since]
    for one in latest.rows:
        known = content.registry.categories.get(one.row.category)
        daily = {
            day.report_date: row.row.daily
            for day in recent
            for row in day.rows
            if row.row.category == one.row.category and row.row.daily is not None
        }
        week = latest.report_date - timedelta(days=WEEK - 1)
        of_week = [value for day, value in daily.items() if day >= week]
        places = [((day - since).days, value) for day, value in daily.items()]
        found.append(
            Glance(
                row=one.row,
                title=title(one.row.category, content.registry),
                unit=known.unit if known else "",
                mean=round(sum(of_week) / len(of_week), 1) if of_week else None,
                mean_days=len(of_week),
                spark=_path(places),
            )
        )
    return found


def _path(places: Sequence[tuple[int, int]]) -> str:
    """Return the path through (day, value) as SVG has it, broken where a day is not on record.

    "" for fewer than two.
    """
    if len(places) < 2:
        return ""
    low, high = min(0, *(v for _, v in places)), max(1, *(v for _, v in places))
    steps = []
    for n, (day, value) in enumerate(places):
        x = day / (_SPARK_DAYS - 1) * _SPARK_WIDTH
        y = _SPARK_HEIGHT - (value - low) / (high - low) * (_SPARK_HEIGHT - 2) - 1
        goes_on = n > 0 and places[n - 1][0] == day - 1
        steps.append(f"L{x:.1f},{y:.1f}" if goes_on else f"M{x:.1f},{y:.1f}h0")
    return "".join(steps)


def attention(content: SiteContent) -> list[str]:
    """Return what a person should look at, in sentences; nothing where all is well."""
    return [*_of_run(content), *_of_days(content), *_of_documents(content)]


def _of_run(content: SiteContent) -> Iterator[str]:
    run = content.last_run
    if run and run.state is not RunState.COMPLETED:
        error = f": {plain(run.error)}" if run.error else ""
        yield f"The last run ended with: {run.state.words}{error}."
    for source in content.sources:
        if source.listed and (behind := source.listed.days_behind):
            yield f"{source.name} is {counted(behind, 'day')} behind the newest source."


def _of_days(content: SiteContent) -> Iterator[str]:
    if not content.days:
        yield "No day is on record yet."
        return
    check, latest = content.check, content.days[-1]
    for remark in latest.remarks:
        yield f"{latest.report_date}: {plain(remark)}."
    for row in check.undecided:
        if row.report_date != latest.report_date:
            name = title(row.category, content.registry)
            late = f", for {counted(row.days, 'day')}" if row.overdue else ""
            yield f"{row.report_date}: {name}: a mismatch is not decided{late}."
    if check.missing_days:
        first, last = check.missing_days[0], check.missing_days[-1]
        days = counted(len(check.missing_days), "day")
        yield f"{days} between the first and the last on record are missing ({span(first, last)})."


def _of_documents(content: SiteContent) -> Iterator[str]:
    check = content.check
    if check.quarantined:
        yield f"{counted(len(check.quarantined), 'document')} in quarantine, not published."
    if check.unrecognized:
        labels = sorted({plain(item.label) for item in check.unrecognized})
        yield f"Labels that nobody knows: {', '.join(labels[:5])}."
    for failed in check.corrections.failed:
        yield f"A known error of a source does not fit any more: {plain(failed.message)}."
