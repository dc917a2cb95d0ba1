"""One published day, now or as it stood: `tallybook show`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec

from flows.errors import LakeError
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.reconcile.speakers import Overruled
from flows.redact import plain
from flows.report.as_of import rows_as_of
from flows.report.day_summary import days, in_order, overruled_words
from flows.report.known_errors import check_corrections, note
from flows.report.phrases import utc_time
from flows.report.source_conflicts import overruled_on
from flows.report.text_layout import curve
from schemas.codes import CorrectionOutcome, DocumentStatus
from schemas.corrections import load_corrections
from schemas.records import BulletinWarning, Unrecognized
from schemas.registry import load_registry
from schemas.tables import LOSSES, BulletinRow, LossRow
from schemas.typed import Moment


class ShownDocument(msgspec.Struct, frozen=True):
    """A document of a day: some columns of `bulletins`, as data/README.md describes them."""

    source: str
    url: str
    title: str | None
    headlines: tuple[str, ...]
    language: str | None
    status: DocumentStatus
    reason_code: str | None
    reason: str | None
    warnings: tuple[BulletinWarning, ...]
    unrecognized: tuple[Unrecognized, ...]


class DayReport(msgspec.Struct, frozen=True):
    """One published day: its rows of `losses`, its documents, and what to say.

    `as_of` is the moment (UTC) at which it is shown as it stood, null for now. `figures`, `checked`
    and `adding_up` count rows; `alarms` and `notes` are sentences; `known_errors` tell of the
    entries of `schemas/corrections.toml` about it.
    """

    report_date: date
    as_of: Moment | None
    war_day: int
    figures: int
    checked: int
    adding_up: int
    alarms: tuple[str, ...]
    notes: tuple[str, ...]
    known_errors: tuple[str, ...]
    rows: tuple[LossRow, ...]
    documents: tuple[ShownDocument, ...]


def show_day(
    lake: Lake, day: date | None, when: datetime | None = None, *, order: Sequence[str]
) -> DayReport:
    """Return one published day, the latest for None: its rows, its documents, and what to say.

    `when` (aware) asks how it stood at that moment; its documents are those archived by then.
    `order` names the sources, the preferred one first. Raises LakeError if it is not, or was not,
    on record.
    """
    rows = _rows(lake, day, when, order)
    registry = load_registry()
    latest = rows[0].report_date
    (summary,) = days(rows, registry)
    documents = _documents(lake, latest, when)
    overruled = _overruled(lake, latest, when, documents)
    return DayReport(
        report_date=latest,
        as_of=when and when.astimezone(UTC),
        war_day=rows[0].war_day,
        figures=summary.figures,
        checked=summary.checked,
        adding_up=summary.adding_up,
        alarms=(*summary.alarms, *(overruled_words(o, registry) for o in overruled if o.is_newest)),
        notes=(
            *(note.text for note in summary.notes),
            *(overruled_words(one, registry) for one in overruled if not one.is_newest),
        ),
        known_errors=tuple(_known_errors(lake, latest)),
        rows=tuple(in_order(rows, registry)),
        documents=tuple(documents),
    )


def daily_curves(lake: Lake, report: DayReport, number: int) -> dict[str, str]:
    """Return `daily` of the last days up to a shown one as a small curve, by category.

    Of the days before it is what is published now, whenever the day itself is shown as of.
    """
    days = [report.report_date - timedelta(days=n) for n in range(number - 1, -1, -1)]
    before = {(row.report_date, row.category): row.daily for row in lake.losses_on(days[:-1])}
    shown = {(row.report_date, row.category): row.daily for row in report.rows}
    return {
        row.category: curve((before | shown).get((day, row.category)) for day in days)
        for row in report.rows
    }


def _rows(
    lake: Lake, day: date | None, when: datetime | None, order: Sequence[str]
) -> list[LossRow]:
    if when:
        rows = rows_as_of(lake, day, when, load_registry(), order)
    else:
        latest = day or _latest(lake)
        rows = lake.losses_on([latest]) if latest else []
    if rows:
        return rows
    if when and (lake.losses_on([day]) if day else _latest(lake)):
        what = f"{day} was not" if day else "No day was"
        raise LakeError(
            f"{what} on record yet at {utc_time(when)}. --as-of asks what this lake had published "
            f"by then{_known_since(lake, day)}."
        )
    raise LakeError(_why_absent(lake, day))


def _known_since(lake: Lake, day: date | None) -> str:
    """Say since when a lake has documents of a day, where its archive tells."""
    documents = lake.bulletins(day, day) if day else []
    records = (lake.archive.first_record(document.document_sha256) for document in documents)
    times = [record.archived_at for record in records if record]
    return f"; its first document of that day came in at {utc_time(min(times))}" if times else ""


def _latest(lake: Lake) -> date | None:
    """The latest report date on record: it is in the last partition."""
    last = parquet.partitions(lake.storage, LOSSES)[-1:]
    (dates,) = parquet.counts(lake.storage, LOSSES, ("report_date",), last)
    return max(dates, default=None)


def _known_errors(lake: Lake, day: date) -> list[str]:
    entries = [entry for entry in load_corrections() if entry.report_date == day]
    return [
        f"{entry.correction.category}: {note(entry.correction)}"
        for entry in check_corrections(lake, entries)
        if entry.outcome is CorrectionOutcome.APPLIES
    ]


def _documents(lake: Lake, day: date, when: datetime | None) -> list[ShownDocument]:
    rows = lake.bulletins(day, day)
    if when:
        rows = [row for row in rows if _archived_by(when, row.document_sha256, lake)]
    return [_shown(row) for row in rows]


def _overruled(
    lake: Lake, day: date, when: datetime | None, documents: Iterable[ShownDocument]
) -> list[Overruled]:
    """Return which figures of a day do not count; looked for where a source has two documents."""
    accepted = [one.source for one in documents if one.status is DocumentStatus.ACCEPTED]
    if len(set(accepted)) == len(accepted):
        return []
    was_there = cache(lambda sha256: when is None or _archived_by(when, sha256, lake))
    return overruled_on(lake, day, was_there)


def _shown(row: BulletinRow) -> ShownDocument:
    return ShownDocument(**{name: getattr(row, name) for name in ShownDocument.__struct_fields__})


def _archived_by(when: datetime, sha256: str, lake: Lake) -> bool:
    record = lake.archive.first_record(sha256)
    return record is not None and record.archived_at <= when


def _why_absent(lake: Lake, day: date | None) -> str:
    if day is None:
        return "No day is on record yet; `tallybook run` or `tallybook backfill` adds some."
    for document in lake.quarantined():
        if document.report_date == day:
            reason = plain(document.reason)
            return f"{day} is not published; its document is in quarantine: {reason}"
    return f"{day} is not on record; `tallybook status` says which days are."
