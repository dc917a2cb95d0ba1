"""What does not add up in the published tables, and why: `tallybook check`.

The report is a JSON object with stable keys, null where there is nothing, dates in ISO 8601; its
text for a person is made of it by `flows/report/check_text.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from flows.errors import EXIT_FAILED, UsageError
from flows.lake.lake import Lake
from flows.report.day_summary import days, fell, in_order, is_odd, title
from flows.report.diagnosis_phrases import odd_words
from flows.report.known_errors import check_corrections, note
from flows.report.run_summary import as_json
from flows.report.source_conflicts import Dispute, dispute_words, disputes
from flows.settings import load_sources
from schemas.codes import CorrectionOutcome, DeltaStatus, Diagnosis, DocumentStatus, Reason
from schemas.corrections import Correction, load_corrections
from schemas.registry import load_registry
from schemas.tables import BulletinRow, LossRow

Report = dict[str, Any]
"""A JSON object."""

PATIENCE = 2
"""Days on record after a row that may pass until it is decided: the next day decides most rows, and
one that is late is mostly there a day later."""


def check_report(
    lake: Lake, since: date | None, until: date | None, known: Sequence[Correction] | None = None
) -> Report:
    """Return what does not add up or could not be checked from `since` to `until`, inclusive.

    - `exit_status`: 0, or 1 where a row is `undecided` for more than two days, counted to the
      latest report date on record, a known error of a source fails, or Tallybook makes a mistake
      on a document (`reader_error`).
    - `mismatches`, `gaps`, `falling` (totals below the one before) and `disagreeing` (sources)
      list rows of losses; `by_status` and `by_diagnosis` count them.
    - `explanations`: a sentence for each row that does not add up or is misprinted, with the
      `known_errors` about it. `undecided`: those rows, how many `days` it is to the latest
      date on record, and whether that is too long (`overdue`).
    - `disagreements`: for each row that a source contradicts every total with who prints it, what
      else supports it, and the `reason` of the choice.
    - `missing`: the categories that a day does not print; `missing_days`: days without any row.
    - `unrecognized`: items whose label the registry does not know; `warnings`: all that the gate
      or the parser remarked on documents, a code and a text each; `quarantined`: documents of these
      dates, or of no date, that are not published.
    - `corrections`: the known errors (`known`; None: those of `schemas/corrections.toml`) that
      apply and that fail, and how many are about bulletins that are not on record.
    - `remarks`: all that is to say day by day, in words; `notes`: those of them that tell what
      could not be checked or is not printed, with their codes.

    Raises UsageError if `since` is after `until`.
    """
    if since and until and since > until:
        raise UsageError(f"The first date, {since}, is after the last one, {until}.")
    registry = load_registry()
    rows = sorted(in_order(lake.losses(since, until), registry), key=attrgetter("report_date"))
    recorded = sorted({row.report_date for row in rows})
    undecided = _undecided(rows, lake)
    errors = _known_errors(lake, load_corrections() if known is None else known, since, until)
    bulletins = lake.bulletins(since, until)
    accepted = [row for row in bulletins if row.status == DocumentStatus.ACCEPTED]
    overdue = any(row["overdue"] for row in undecided)
    summaries = days(rows, registry)
    held = [d for d in quarantined(lake) if _within(d["report_date"], since, until)]
    mistaken = any(d["reason_code"] == Reason.READER_ERROR for d in held)
    return {
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "exit_status": EXIT_FAILED if overdue or errors["failed"] or mistaken else 0,
        "days": len(recorded),
        "first_date": recorded[0].isoformat() if recorded else None,
        "last_date": recorded[-1].isoformat() if recorded else None,
        "rows": len(rows),
        "by_status": _counted(DeltaStatus, (row.delta_status for row in rows)),
        "by_diagnosis": _counted(Diagnosis, (row.diagnosis for row in rows)),
        "mismatches": [as_json(r) for r in rows if r.delta_status == DeltaStatus.MISMATCH],
        "explanations": _explanations(rows, errors["applied"]),
        "undecided": undecided,
        "gaps": [as_json(row) for row in rows if row.delta_status == DeltaStatus.GAP],
        "falling": [as_json(row) for row in rows if fell(row)],
        "disagreeing": [as_json(row) for row in rows if row.sources_agreeing < row.sources_total],
        "disagreements": [
            _disagreement(dispute) for dispute in disputes(lake, rows, tuple(load_sources()))
        ],
        "missing": _missing(rows, recorded),
        "missing_days": [day.isoformat() for day in days_between(recorded)],
        "unrecognized": _unrecognized(accepted),
        "warnings": _warnings(accepted),
        "quarantined": held,
        "corrections": errors,
        "remarks": [
            {
                "report_date": day.report_date.isoformat(),
                "alarms": list(day.alarms),
                "notes": [note.text for note in day.notes],
            }
            for day in summaries
            if day.alarms or day.notes
        ],
        "notes": [
            {"report_date": day.report_date.isoformat(), "code": note.code, "text": note.text}
            for day in summaries
            for note in day.notes
        ],
    }


def days_between(recorded: Sequence[date]) -> list[date]:
    """Return the days between the first and the last of sorted days that are not among them."""
    if not recorded:
        return []
    known, length = set(recorded), (recorded[-1] - recorded[0]).days
    between = (recorded[0] + timedelta(days=n) for n in range(length))
    return [day for day in between if day not in known]


def quarantined(lake: Lake) -> list[Report]:
    """Return what is in quarantine, in short."""
    return [
        {
            "report_date": document["report_date"],
            "source": document["provenance"]["source"],
            "url": document["provenance"]["url"],
            "sha256": document["provenance"]["sha256"],
            "status": document["status"],
            "reason_code": document["reason_code"],
            "reason": document["reason"],
        }
        for document in lake.quarantined()
    ]


def _undecided(rows: Sequence[LossRow], lake: Lake) -> list[Report]:
    undecided = [row for row in rows if row.diagnosis == Diagnosis.UNDECIDED]
    if not undecided:
        return []
    latest = max(row.report_date for row in lake.losses(since=undecided[-1].report_date))
    return [
        {
            "report_date": row.report_date.isoformat(),
            "category": row.category,
            "days": (days := (latest - row.report_date).days),
            "overdue": days > PATIENCE,
        }
        for row in undecided
    ]


def _explanations(rows: Iterable[LossRow], known: Iterable[Report]) -> list[Report]:
    errors: dict[tuple[str, str], list[str]] = defaultdict(list)
    for error in known:
        errors[error["report_date"], error["category"]].append(error["note"])
    registry = load_registry()
    return [
        {
            "report_date": (day := row.report_date.isoformat()),
            "category": row.category,
            "sentence": f"{title(row.category, registry)}: {odd_words(row)}",
            "known_errors": errors[day, row.category],
        }
        for row in rows
        if is_odd(row)
    ]


def _disagreement(dispute: Dispute) -> Report:
    row = dispute.row
    return {
        "report_date": row.report_date.isoformat(),
        "category": row.category,
        "published": row.total,
        "source": row.source,
        "values": [as_json(scored) | {"weight": scored.weight} for scored in dispute.scored],
        "reason": dispute.why,
        "sentence": f"{title(row.category, load_registry())}: {dispute_words(dispute)}",
    }


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


def _warnings(bulletins: Iterable[BulletinRow]) -> list[Report]:
    return [
        _document(row) | {"warnings": [as_json(warning) for warning in row.warnings]}
        for row in bulletins
        if row.warnings
    ]


def _unrecognized(bulletins: Iterable[BulletinRow]) -> list[Report]:
    return [_document(row) | as_json(item) for row in bulletins for item in row.unrecognized]


def _document(row: BulletinRow) -> Report:
    day = row.report_date and row.report_date.isoformat()
    return {"report_date": day, "source": row.source, "url": row.url}


def _known_errors(
    lake: Lake, known: Sequence[Correction], since: date | None, until: date | None
) -> Report:
    entries = [entry for entry in known if _within(entry.report_date.isoformat(), since, until)]
    checked = check_corrections(lake, entries)
    return {
        "applied": [
            as_json(entry.correction) | {"note": note(entry.correction)}
            for entry in checked
            if entry.outcome is CorrectionOutcome.APPLIES
        ],
        "failed": [
            as_json(entry.correction) | {"message": entry.message}
            for entry in checked
            if entry.outcome is CorrectionOutcome.FAILED
        ],
        "not_applicable": len(entries) - len(checked),
    }


def _within(day: str | None, since: date | None, until: date | None) -> bool:
    """Whether a date lies in the range; None, an unknown one, always may."""
    return day is None or (
        (since is None or since.isoformat() <= day) and (until is None or day <= until.isoformat())
    )


def _counted(names: Iterable[str], values: Iterable[str | None]) -> dict[str, int]:
    counts = Counter(values)
    return {name: counts[name] for name in names}
