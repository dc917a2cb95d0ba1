"""What does not add up in the published tables, and why: `tallybook check`.

The text of the report for a person is made by `flows/report/check_text.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from operator import attrgetter

import msgspec

from flows.errors import EXIT_FAILED, UsageError
from flows.lake.lake import Lake
from flows.report.day_summary import counted, days, fell, in_order, is_odd, title
from flows.report.diagnosis_phrases import odd_words
from flows.report.freshness import Freshness
from flows.report.known_errors import check_corrections, note
from flows.report.source_conflicts import Dispute, dispute_words, disputes
from schemas.codes import (
    CorrectionOutcome,
    DeltaStatus,
    Diagnosis,
    DocumentStatus,
    Reason,
)
from schemas.corrections import Correction, load_corrections
from schemas.records import BulletinWarning
from schemas.registry import load_registry
from schemas.tables import BulletinRow, LossRow

PATIENCE = 2
"""Days on record after a row that may pass until it is decided: the next day decides most rows, and
one that is late is mostly there a day later."""


class HeldDocument(msgspec.Struct, frozen=True):
    """A document in quarantine; `report_date` is null where it has none, or several.

    `reason_code` is a `Reason` or a `RuleName`, null in files of older versions.
    """

    report_date: date | None
    source: str
    url: str
    sha256: str
    status: DocumentStatus
    reason_code: str | None
    reason: str


class Explanation(msgspec.Struct, frozen=True):
    """A row that does not add up or is misprinted: why, and what is known to be wrong there."""

    report_date: date
    category: str
    sentence: str
    known_errors: tuple[str, ...]


class Undecided(msgspec.Struct, frozen=True):
    """A row that nothing explains yet: days to the latest on record, and if that is too long."""

    report_date: date
    category: str
    days: int
    overdue: bool


class PrintedTotal(msgspec.Struct, frozen=True):
    """A total of a disagreement: who prints it, who rounds to it, and what else supports it.

    See `flows.reconcile.consensus.ScoredTotal`; `weight` is how strong all that is together.
    """

    total: int
    sources: tuple[str, ...]
    rounding: tuple[str, ...]
    day_before: bool
    day_after: bool
    between: bool
    unchanged: bool
    weight: int


class Disagreement(msgspec.Struct, frozen=True):
    """A row that a source contradicts: what is published, of whom, every total, and why."""

    report_date: date
    category: str
    published: int
    source: str
    values: tuple[PrintedTotal, ...]
    reason: str
    sentence: str


class MissingCategories(msgspec.Struct, frozen=True):
    """The categories that a day on record does not print."""

    report_date: date
    categories: tuple[str, ...]


class UnrecognizedItem(msgspec.Struct, frozen=True):
    """An item of a bulletin whose label the registry does not know."""

    report_date: date
    source: str
    url: str
    label: str
    total: int | None
    delta: int | None


class DocumentWarnings(msgspec.Struct, frozen=True):
    """What the parser and the gate remarked on a bulletin."""

    report_date: date
    source: str
    url: str
    warnings: tuple[BulletinWarning, ...]


class AppliedError(Correction, frozen=True, kw_only=True):
    """A known error that is on record as it is known; `note` is the sentence about it."""

    note: str


class FailedError(Correction, frozen=True, kw_only=True):
    """A known error that does not fit any more; `message` says why."""

    message: str


class KnownErrors(msgspec.Struct, frozen=True):
    """The known errors that apply and that fail; the rest are about bulletins not on record."""

    applied: tuple[AppliedError, ...]
    failed: tuple[FailedError, ...]
    not_applicable: int


class DayRemarks(msgspec.Struct, frozen=True):
    """All that is to say of a day, in sentences."""

    report_date: date
    alarms: tuple[str, ...]
    notes: tuple[str, ...]


class DayNote(msgspec.Struct, frozen=True):
    """What could not be checked on a day or is not printed: a code and a sentence."""

    report_date: date
    code: str
    text: str


class CheckReport(msgspec.Struct, frozen=True):
    """What does not add up or could not be checked from `since` to `until`, inclusive.

    - `freshness` is that of the whole lake, null where that is not looked at.
    - `exit_status`: 0, or 1 where the lake is stale, a row is `undecided` for more than two days,
      counted to the latest report date on record, a known error of a source fails, or Tallybook
      makes a mistake on a document (`reader_error`).
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
    - `corrections`: the known errors of `schemas/corrections.toml` that apply and that fail, and
      how many are about bulletins that are not on record.
    - `remarks`: all that is to say day by day, in words; `notes`: those of them that tell what
      could not be checked or is not printed, with their codes.
    """

    since: date | None
    until: date | None
    exit_status: int
    days: int
    first_date: date | None
    last_date: date | None
    rows: int
    by_status: dict[DeltaStatus, int]
    by_diagnosis: dict[Diagnosis, int]
    mismatches: tuple[LossRow, ...]
    explanations: tuple[Explanation, ...]
    undecided: tuple[Undecided, ...]
    gaps: tuple[LossRow, ...]
    falling: tuple[LossRow, ...]
    disagreeing: tuple[LossRow, ...]
    disagreements: tuple[Disagreement, ...]
    missing: tuple[MissingCategories, ...]
    missing_days: tuple[date, ...]
    unrecognized: tuple[UnrecognizedItem, ...]
    warnings: tuple[DocumentWarnings, ...]
    quarantined: tuple[HeldDocument, ...]
    corrections: KnownErrors
    remarks: tuple[DayRemarks, ...]
    notes: tuple[DayNote, ...]
    freshness: Freshness | None


def check_report(
    lake: Lake,
    since: date | None,
    until: date | None,
    known: Sequence[Correction] | None = None,
    *,
    order: Sequence[str],
    freshness: Freshness | None = None,
    losses: Sequence[LossRow] | None = None,
) -> CheckReport:
    """Return what does not add up or could not be checked from `since` to `until`, inclusive.

    `known` are the known errors of sources (None: those of `schemas/corrections.toml`), `order`
    names the sources, the preferred one first; `freshness` is that of the lake, None where it does
    not matter; `losses` are the rows of these dates, for whom has them. Raises UsageError if
    `since` is after `until`.
    """
    if since and until and since > until:
        raise UsageError(f"The first date, {since}, is after the last one, {until}.")
    registry = load_registry()
    found = lake.losses(since, until) if losses is None else losses
    rows = sorted(in_order(found, registry), key=attrgetter("report_date"))
    recorded = sorted({row.report_date for row in rows})
    undecided = _undecided(rows, lake)
    errors = _known_errors(lake, load_corrections() if known is None else known, since, until)
    lake.revisions()  # nothing can rebuild them: a check says so while there is a backup
    bulletins = lake.bulletins(since, until)
    accepted = [row for row in bulletins if row.status == DocumentStatus.ACCEPTED]
    overdue = any(row.overdue for row in undecided)
    summaries = days(rows, registry)
    held = [one for one in quarantined(lake) if _within(one.report_date, since, until)]
    mistaken = any(one.reason_code == Reason.READER_ERROR for one in held)
    stale = freshness is not None and freshness.stale
    return CheckReport(
        since=since,
        until=until,
        exit_status=EXIT_FAILED if overdue or errors.failed or mistaken or stale else 0,
        days=len(recorded),
        first_date=recorded[0] if recorded else None,
        last_date=recorded[-1] if recorded else None,
        rows=len(rows),
        by_status=counted(DeltaStatus, (row.delta_status for row in rows)),
        by_diagnosis=counted(Diagnosis, (row.diagnosis for row in rows)),
        mismatches=tuple(r for r in rows if r.delta_status == DeltaStatus.MISMATCH),
        explanations=tuple(_explanations(rows, errors.applied)),
        undecided=tuple(undecided),
        gaps=tuple(row for row in rows if row.delta_status == DeltaStatus.GAP),
        falling=tuple(row for row in rows if fell(row)),
        disagreeing=tuple(row for row in rows if row.sources_agreeing < row.sources_total),
        disagreements=tuple(map(_disagreement, disputes(lake, rows, order))),
        missing=tuple(_missing(rows, recorded)),
        missing_days=tuple(days_between(recorded)),
        unrecognized=tuple(_unrecognized(accepted)),
        warnings=tuple(_warnings(accepted)),
        quarantined=tuple(held),
        corrections=errors,
        remarks=tuple(
            DayRemarks(day.report_date, day.alarms, tuple(note.text for note in day.notes))
            for day in summaries
            if day.alarms or day.notes
        ),
        notes=tuple(
            DayNote(day.report_date, note.code, note.text)
            for day in summaries
            for note in day.notes
        ),
        freshness=freshness,
    )


def days_between(recorded: Sequence[date]) -> list[date]:
    """Return the days between the first and the last of sorted days that are not among them."""
    if not recorded:
        return []
    known, length = set(recorded), (recorded[-1] - recorded[0]).days
    between = (recorded[0] + timedelta(days=n) for n in range(length))
    return [day for day in between if day not in known]


def quarantined(lake: Lake) -> list[HeldDocument]:
    """Return what is in quarantine, in short. Raises LakeError."""
    return [
        HeldDocument(
            report_date=document.report_date,
            source=document.provenance.source,
            url=document.provenance.url,
            sha256=document.provenance.sha256,
            status=document.status,
            reason_code=document.reason_code,
            reason=document.reason,
        )
        for document in lake.quarantined()
    ]


def _undecided(rows: Sequence[LossRow], lake: Lake) -> list[Undecided]:
    undecided = [row for row in rows if row.diagnosis == Diagnosis.UNDECIDED]
    if not undecided:
        return []
    latest = max(row.report_date for row in lake.losses(since=undecided[-1].report_date))
    return [
        Undecided(
            row.report_date,
            row.category,
            days=(days := (latest - row.report_date).days),
            overdue=days > PATIENCE,
        )
        for row in undecided
    ]


def _explanations(rows: Iterable[LossRow], known: Iterable[AppliedError]) -> list[Explanation]:
    errors: dict[tuple[date, str], list[str]] = defaultdict(list)
    for error in known:
        errors[error.report_date, error.category].append(error.note)
    registry = load_registry()
    return [
        Explanation(
            row.report_date,
            row.category,
            sentence=f"{title(row.category, registry)}: {odd_words(row)}",
            known_errors=tuple(errors[row.report_date, row.category]),
        )
        for row in rows
        if is_odd(row)
    ]


def _disagreement(dispute: Dispute) -> Disagreement:
    row = dispute.row
    return Disagreement(
        report_date=row.report_date,
        category=row.category,
        published=row.total,
        source=row.source,
        values=tuple(
            PrintedTotal(**asdict(scored), weight=scored.weight) for scored in dispute.scored
        ),
        reason=dispute.why,
        sentence=f"{title(row.category, load_registry())}: {dispute_words(dispute)}",
    )


def _missing(rows: Iterable[LossRow], recorded: Iterable[date]) -> list[MissingCategories]:
    registry = load_registry()
    printed: dict[date, set[str]] = defaultdict(set)
    for row in rows:
        printed[row.report_date].add(row.category)
    absent = {day: registry.required(day) - printed[day] for day in recorded}
    return [
        MissingCategories(day, tuple(sorted(names, key=registry.order)))
        for day, names in absent.items()
        if names
    ]


def _warnings(bulletins: Iterable[BulletinRow]) -> list[DocumentWarnings]:
    return [
        DocumentWarnings(row.report_date, row.source, row.url, row.warnings)
        for row in bulletins
        if row.warnings and row.report_date
    ]


def _unrecognized(bulletins: Iterable[BulletinRow]) -> list[UnrecognizedItem]:
    return [
        UnrecognizedItem(row.report_date, row.source, row.url, item.label, item.total, item.delta)
        for row in bulletins
        if row.report_date
        for item in row.unrecognized
    ]


def _known_errors(
    lake: Lake, known: Sequence[Correction], since: date | None, until: date | None
) -> KnownErrors:
    entries = [entry for entry in known if _within(entry.report_date, since, until)]
    checked = check_corrections(lake, entries)
    return KnownErrors(
        applied=tuple(
            AppliedError(**msgspec.structs.asdict(entry.correction), note=note(entry.correction))
            for entry in checked
            if entry.outcome is CorrectionOutcome.APPLIES
        ),
        failed=tuple(
            FailedError(**msgspec.structs.asdict(entry.correction), message=entry.message or "")
            for entry in checked
            if entry.outcome is CorrectionOutcome.FAILED
        ),
        not_applicable=len(entries) - len(checked),
    )


def _within(day: date | None, since: date | None, until: date | None) -> bool:
    """Whether a date lies in the range; None, an unknown one, always may."""
    return day is None or ((since or date.min) <= day <= (until or date.max))
