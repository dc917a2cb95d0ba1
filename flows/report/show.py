"""One published day, now or as it stood: `tallybook show`."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from flows.errors import LakeError
from flows.lake.lake import Lake
from flows.redact import plain
from flows.report.as_of import first_records, rows_as_of
from flows.report.day_summary import days, in_order
from flows.report.known_errors import APPLIES, apply, note
from flows.report.run_summary import as_json
from flows.settings import load_sources
from schemas.corrections import load_corrections
from schemas.registry import load_registry
from schemas.tables import LossRow

Report = dict[str, Any]
"""A JSON object."""

_DOCUMENT = ("source", "url", "title", "headlines", "language", "status", "reason", "warnings")


def show_day(lake: Lake, day: date | None, when: datetime | None = None) -> Report:
    """Return one published day, the latest for None: its rows, its documents, and what to say.

    `when` (aware) asks how it stood at that moment; its documents are those archived by then.
    `figures`, `checked` and `adding_up` count rows; `known_errors` are the entries of
    `schemas/corrections.toml` about it. Raises LakeError if it is not, or was not, on record.
    """
    rows = _rows(lake, day, when)
    registry = load_registry()
    latest = rows[0].report_date
    (told,) = days(rows, registry)
    return {
        "report_date": latest.isoformat(),
        "as_of": when and when.astimezone(UTC).isoformat(),
        "war_day": rows[0].war_day,
        "figures": told.figures,
        "checked": told.checked,
        "adding_up": told.adding_up,
        "alarms": list(told.alarms),
        "notes": list(told.notes),
        "known_errors": _known_errors(lake, latest),
        "rows": [as_json(row) for row in in_order(rows, registry)],
        "documents": _documents(lake, latest, when),
    }


def _rows(lake: Lake, day: date | None, when: datetime | None) -> list[LossRow]:
    if when:
        rows = rows_as_of(lake, day, when, load_registry(), tuple(load_sources()))
    else:
        rows = lake.losses(day, day)
        rows = [row for row in rows if row.report_date == rows[-1].report_date]
    if rows:
        return rows
    if when and lake.losses(day, day):
        what = f"{day} was not" if day else "No day was"
        raise LakeError(f"{what} on record yet at {when:%Y-%m-%d %H:%M:%S %Z}.")
    raise LakeError(_why_absent(lake, day))


def _known_errors(lake: Lake, day: date) -> list[str]:
    given = [one for one in load_corrections() if one.report_date == day]
    return [
        f"{one.correction.category}: {note(one.correction)}"
        for one in apply(lake, given)
        if one.outcome == APPLIES
    ]


def _documents(lake: Lake, day: date, when: datetime | None) -> list[Report]:
    found = lake.bulletins(day, day)
    if when:
        early = {s for s, record in first_records(lake).items() if record.archived_at <= when}
        found = [one for one in found if one.document_sha256 in early]
    return [{key: value for key, value in asdict(one).items() if key in _DOCUMENT} for one in found]


def _why_absent(lake: Lake, day: date | None) -> str:
    if day is None:
        return "No day is on record yet; `tallybook run` or `tallybook backfill` adds some."
    held = [one["reason"] for one in lake.quarantined() if one["report_date"] == day.isoformat()]
    if held:
        return f"{day} is not published; its document is in quarantine: {plain(held[0])}"
    return f"{day} is not on record; `tallybook status` says which days are."
