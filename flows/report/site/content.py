"""What the site tells, read from a lake into plain records; `pages.py` renders them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flows.errors import LakeError
from flows.lake.lake import Lake
from flows.lake.runs import LastRun
from flows.report.check import CheckReport, check_report
from flows.report.compare import Comparison, against_report
from flows.report.day_summary import in_order, state_of
from flows.report.site.rule_results import RunRules, last_rules
from flows.report.site.standings import SourceStanding, standings
from flows.settings import SourceConfig
from schemas.codes import DayState, DocumentStatus
from schemas.records import Cell, Key
from schemas.registry import Registry, load_registry
from schemas.tables import BulletinRow, FigureRow, LossRow, RevisionRow

FEED_DAYS = 30
"""The latest days on record, which the feed tells of: of those it is known when they came in."""

_WORST = (DayState.OK, DayState.UNCHECKED, DayState.EXPLAINED, DayState.UNDECIDED)
"""The states of a day on record, the worst last."""


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A row of `losses`, and the figure of its document; None where `figures` has none of it."""

    row: LossRow
    figure: FigureRow | None


@dataclass(frozen=True, slots=True)
class SiteDay:
    """One day on record: its rows in the registry's order, its documents, what is to be said.

    `remarks` are sentences: what does not add up, what could not be checked, what is known to be
    wrong. `known_since` is when its first document was archived (UTC), read for the latest days.
    """

    report_date: date
    war_day: int
    state: DayState
    rows: tuple[PublishedRow, ...]
    documents: tuple[BulletinRow, ...]
    remarks: tuple[str, ...]
    known_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteContent:
    """All that the pages tell. `days` are those on record, oldest first; `missing` lie between.

    `categories` are those that have a row, in the registry's order, unknown ones last.
    """

    registry: Registry
    categories: tuple[str, ...]
    days: tuple[SiteDay, ...]
    missing: tuple[date, ...]
    revisions: tuple[RevisionRow, ...]
    check: CheckReport
    sources: tuple[SourceStanding, ...]
    last_run: LastRun | None
    rules: tuple[RunRules, ...]
    against: Comparison | None


def read_content(
    lake: Lake, sources: Mapping[str, SourceConfig], against: Path | None = None
) -> SiteContent:
    """Return what the site tells of a lake.

    `sources` are the configured ones, the preferred one first; `against` is a file of totals to
    compare with. Raises LakeError, and UsageError for a file of an unknown shape.
    """
    registry, order = load_registry(), tuple(sources)
    rows, figures, bulletins = lake.losses(), lake.figures(), lake.bulletins()
    check = check_report(lake, None, None, order=order, losses=rows)
    found = {row.category for row in rows}
    return SiteContent(
        registry=registry,
        categories=(
            *(name for name in registry.categories if name in found),
            *sorted(found - registry.categories.keys()),
        ),
        days=tuple(_days(lake, rows, figures, bulletins, check, registry)),
        missing=check.missing_days,
        revisions=tuple(lake.revisions()),
        check=check,
        sources=tuple(standings(sources, lake, rows, figures)),
        last_run=lake.last_runs().last,
        rules=last_rules(lake),
        against=against_report(lake, against, None, None, order=order) if against else None,
    )


def _days(
    lake: Lake,
    rows: Iterable[LossRow],
    figures: Iterable[FigureRow],
    bulletins: Iterable[BulletinRow],
    check: CheckReport,
    registry: Registry,
) -> Iterable[SiteDay]:
    by_date: dict[date, list[LossRow]] = defaultdict(list)
    for row in rows:
        by_date[row.report_date].append(row)
    printed = {(f.source, f.document_sha256, (f.report_date, f.category)): f for f in figures}
    documents: dict[date, list[BulletinRow]] = defaultdict(list)
    for bulletin in bulletins:
        if bulletin.report_date:
            documents[bulletin.report_date].append(bulletin)
    remarks = _remarks(check, registry)
    latest = set(sorted(by_date)[-FEED_DAYS:])
    lake.archive.read_ahead({key for day in latest for key in _accepted(documents[day])})
    for day in sorted(by_date):
        ordered = in_order(by_date[day], registry)
        yield SiteDay(
            report_date=day,
            war_day=ordered[0].war_day,
            state=max(map(state_of, ordered), key=_WORST.index),
            rows=tuple(
                PublishedRow(row, printed.get((row.source, row.document_sha256, _cell(row))))
                for row in ordered
            ),
            documents=tuple(documents[day]),
            remarks=tuple(remarks[day]),
            known_since=_known_since(lake, documents[day]) if day in latest else None,
        )


def _cell(row: LossRow) -> Cell:
    return row.report_date, row.category


def _remarks(check: CheckReport, registry: Registry) -> dict[date, list[str]]:
    remarks: dict[date, list[str]] = defaultdict(list)
    for day in check.remarks:
        remarks[day.report_date] += [*day.alarms, *day.notes]
    for dispute in check.disagreements:
        remarks[dispute.report_date].append(dispute.sentence)
    for error in check.corrections.applied:
        known = registry.categories.get(error.category)
        title = known.title if known else error.category
        remarks[error.report_date].append(f"{title}: {error.note}")
    return remarks


def _known_since(lake: Lake, documents: Sequence[BulletinRow]) -> datetime | None:
    moments = []
    for key in _accepted(documents):
        with suppress(LakeError):  # the day is published, though a record was lost since
            moments.append(lake.archive.provenance(key).archived_at)
    return min(moments, default=None)


def _accepted(documents: Sequence[BulletinRow]) -> set[Key]:
    return {(d.source, d.document_sha256) for d in documents if d.status is DocumentStatus.ACCEPTED}
