"""One published day, now or as it stood: `tallybook show`."""

from datetime import UTC, date, datetime
from typing import Any

from flows.errors import LakeError
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.redact import plain
from flows.report.as_of import rows_as_of
from flows.report.day_summary import days, in_order
from flows.report.known_errors import check_corrections, note
from flows.report.run_summary import as_json
from flows.settings import load_sources
from schemas.codes import CorrectionOutcome
from schemas.corrections import load_corrections
from schemas.registry import load_registry
from schemas.tables import LOSSES, LossRow

Report = dict[str, Any]
"""A JSON object."""

_DOCUMENT = (
    *("source", "url", "title", "headlines", "language", "status", "reason_code", "reason"),
    *("warnings", "unrecognized"),
)
"""What is shown of a document: some columns of `bulletins`."""


def show_day(lake: Lake, day: date | None, when: datetime | None = None) -> Report:
    """Return one published day, the latest for None: its rows, its documents, and what to say.

    `when` (aware) asks how it stood at that moment; its documents are those archived by then.
    `figures`, `checked` and `adding_up` count rows; `known_errors` are the entries of
    `schemas/corrections.toml` about it. Raises LakeError if it is not, or was not, on record.
    """
    rows = _rows(lake, day, when)
    registry = load_registry()
    latest = rows[0].report_date
    (summary,) = days(rows, registry)
    return {
        "report_date": latest.isoformat(),
        "as_of": when and when.astimezone(UTC).isoformat(),
        "war_day": rows[0].war_day,
        "figures": summary.figures,
        "checked": summary.checked,
        "adding_up": summary.adding_up,
        "alarms": list(summary.alarms),
        "notes": [note.text for note in summary.notes],
        "known_errors": _known_errors(lake, latest),
        "rows": [as_json(row) for row in in_order(rows, registry)],
        "documents": _documents(lake, latest, when),
    }


def _rows(lake: Lake, day: date | None, when: datetime | None) -> list[LossRow]:
    if when:
        rows = rows_as_of(lake, day, when, load_registry(), tuple(load_sources()))
    else:
        latest = day or _latest(lake)
        rows = lake.losses_on([latest]) if latest else []
    if rows:
        return rows
    if when and (lake.losses_on([day]) if day else _latest(lake)):
        what = f"{day} was not" if day else "No day was"
        raise LakeError(f"{what} on record yet at {when:%Y-%m-%d %H:%M:%S %Z}.")
    raise LakeError(_why_absent(lake, day))


def _latest(lake: Lake) -> date | None:
    """The latest report date on record: it is in the last partition."""
    last = parquet.partitions(lake.root, LOSSES)[-1:]
    (dates,) = parquet.counts(lake.root, LOSSES, ("report_date",), last)
    return max(dates, default=None)


def _known_errors(lake: Lake, day: date) -> list[str]:
    entries = [entry for entry in load_corrections() if entry.report_date == day]
    return [
        f"{entry.correction.category}: {note(entry.correction)}"
        for entry in check_corrections(lake, entries)
        if entry.outcome is CorrectionOutcome.APPLIES
    ]


def _documents(lake: Lake, day: date, when: datetime | None) -> list[Report]:
    rows = lake.bulletins(day, day)
    if when:
        rows = [row for row in rows if _archived_by(when, row.document_sha256, lake)]
    return [{name: values[name] for name in _DOCUMENT} for values in map(as_json, rows)]


def _archived_by(when: datetime, sha256: str, lake: Lake) -> bool:
    record = lake.archive.first_record(sha256)
    return record is not None and record.archived_at <= when


def _why_absent(lake: Lake, day: date | None) -> str:
    if day is None:
        return "No day is on record yet; `tallybook run` or `tallybook backfill` adds some."
    for document in lake.quarantined():
        if document["report_date"] == day.isoformat():
            reason = plain(document["reason"])
            return f"{day} is not published; its document is in quarantine: {reason}"
    return f"{day} is not on record; `tallybook status` says which days are."
