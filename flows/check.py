"""What is on record, from the published tables: `tallybook check`, `status` and `show`.

Each report is a JSON object with stable keys, null where there is nothing, dates in ISO 8601; each
has its text for a person, from `flows/recorded.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from flows.days import days, in_order
from flows.errors import LakeError, UsageError
from flows.lake import Lake
from flows.publish import pending
from flows.recorded import check_text, show_text, status_text
from flows.summary import as_json
from flows.words import plain
from schemas.fields import DELTA_STATUSES, DOCUMENT_STATUSES, SCHEMA_VERSION
from schemas.records import LossRow
from schemas.registry import load_registry

__all__ = ["check_report", "check_text", "show_day", "show_text", "status_report", "status_text"]

Report = dict[str, Any]
"""A JSON object."""

_LAST_RUN = ("run_id", "kind", "state", "exit_status", "started_at", "finished_at", "error")
_DOCUMENT = ("source", "url", "title", "headlines", "language", "status", "reason", "warnings")


def check_report(lake: Lake, since: date | None, until: date | None) -> Report:
    """Return what does not add up or could not be checked from `since` to `until`, inclusive.

    `mismatches`, `gaps`, `falling` (totals below the one before) and `disagreeing` (sources) list
    rows of losses; `missing` the categories that a day does not print, `missing_days` the days
    without any row, `warnings` the documents that the gate or the parser remarked on,
    `quarantined` those of these dates, or of no date, that are not published. `remarks` says it
    in words, day by day. Raises UsageError if `since` is after `until`.
    """
    if since and until and since > until:
        raise UsageError(f"The first date, {since}, is after the last one, {until}.")
    rows = lake.losses(since, until)
    recorded = _dates(rows)
    return {
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "days": len(recorded),
        "rows": len(rows),
        "by_status": _counted(DELTA_STATUSES, (row.delta_status for row in rows)),
        "mismatches": [as_json(row) for row in rows if row.delta_status == "mismatch"],
        "gaps": [as_json(row) for row in rows if row.delta_status == "gap"],
        "falling": [as_json(row) for row in rows if row.total < (row.previous_total or 0)],
        "disagreeing": [as_json(row) for row in rows if row.sources_agreeing < row.sources_total],
        "missing": _missing(rows, recorded),
        "missing_days": [day.isoformat() for day in _days_between(recorded)],
        "warnings": [
            {"report_date": one["report_date"].isoformat()}
            | {key: one[key] for key in ("source", "url", "warnings")}
            for one in lake.bulletins(since, until)
            if one["status"] == "accepted" and one["warnings"]
        ],
        "quarantined": [
            one for one in _quarantined(lake) if _within(one["report_date"], since, until)
        ],
        "remarks": [
            {
                "report_date": day.report_date.isoformat(),
                "alarms": list(day.alarms),
                "notes": list(day.notes),
            }
            for day in days(rows, load_registry())
            if day.alarms or day.notes
        ],
    }


def status_report(lake: Lake) -> Report:
    """Return what the lake holds and how the last run ended; `last_run` is null before the first.

    `pending` counts archived documents that an interrupted run has not published.
    """
    rows = lake.losses()
    recorded = _dates(rows)
    runs = lake.runs(limit=1)
    return {
        "lake": str(lake.root),
        "schema_version": SCHEMA_VERSION,
        "days": len(recorded),
        "first_date": recorded[0].isoformat() if recorded else None,
        "last_date": recorded[-1].isoformat() if recorded else None,
        "missing_days": len(_days_between(recorded)),
        "rows": len(rows),
        "by_status": _counted(DELTA_STATUSES, (row.delta_status for row in rows)),
        "documents": _counted(DOCUMENT_STATUSES, (one["status"] for one in lake.bulletins())),
        "pending": len(pending(lake)),
        "quarantined": _quarantined(lake),
        "last_run": {key: runs[0].get(key) for key in _LAST_RUN} if runs else None,
    }


def show_day(lake: Lake, day: date | None) -> Report:
    """Return one published day, the latest for None: its rows, its documents, and what to say.

    `figures`, `checked` and `adding_up` count rows. Raises LakeError if it is not on record.
    """
    rows = lake.losses(day, day)
    if not rows:
        raise LakeError(_why_absent(lake, day))
    registry = load_registry()
    latest = rows[-1].report_date
    rows = [row for row in rows if row.report_date == latest]
    (told,) = days(rows, registry)
    return {
        "report_date": latest.isoformat(),
        "war_day": rows[0].war_day,
        "figures": told.figures,
        "checked": told.checked,
        "adding_up": told.adding_up,
        "alarms": list(told.alarms),
        "notes": list(told.notes),
        "rows": [as_json(row) for row in in_order(rows, registry)],
        "documents": [
            {key: one[key] for key in _DOCUMENT} for one in lake.bulletins(latest, latest)
        ],
    }


def _dates(rows: Iterable[LossRow]) -> list[date]:
    return sorted({row.report_date for row in rows})


def _days_between(recorded: Sequence[date]) -> list[date]:
    """Return the days between the first and the last one that are not among them."""
    if not recorded:
        return []
    known, length = set(recorded), (recorded[-1] - recorded[0]).days
    between = (recorded[0] + timedelta(days=n) for n in range(length))
    return [day for day in between if day not in known]


def _missing(rows: Iterable[LossRow], recorded: Iterable[date]) -> list[Report]:
    registry = load_registry()
    printed: dict[date, set[str]] = defaultdict(set)
    for row in rows:
        printed[row.report_date].add(row.category)
    absent = {day: registry.required(day) - printed[day] for day in recorded}
    return [
        {"report_date": day.isoformat(), "categories": sorted(names, key=registry.order)}
        for day, names in absent.items()
        if names
    ]


def _quarantined(lake: Lake) -> list[Report]:
    return [
        {
            "report_date": one["report_date"],
            "source": one["provenance"]["source"],
            "url": one["provenance"]["url"],
            "sha256": one["provenance"]["sha256"],
            "status": one["status"],
            "reason": one["reason"],
        }
        for one in lake.quarantined()
    ]


def _within(day: str | None, since: date | None, until: date | None) -> bool:
    """Whether a date lies in the range; None, an unknown one, always may."""
    return day is None or (
        (since is None or since.isoformat() <= day) and (until is None or day <= until.isoformat())
    )


def _counted(names: Iterable[str], found: Iterable[str]) -> dict[str, int]:
    counts = Counter(found)
    return {name: counts[name] for name in names}


def _why_absent(lake: Lake, day: date | None) -> str:
    if day is None:
        return "No day is on record yet; `tallybook run` or `tallybook backfill` adds some."
    held = [one["reason"] for one in _quarantined(lake) if one["report_date"] == day.isoformat()]
    if held:
        return f"{day} is not published; its document is in quarantine: {plain(held[0])}"
    return f"{day} is not on record; `tallybook status` says which days are."
