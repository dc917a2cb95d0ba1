"""Known errors of sources, held against what is on record: they annotate, and change nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flows.lake.lake import Lake
from flows.lake.window import candidates_on
from flows.reconcile.window import Candidates
from schemas.codes import CorrectionOutcome, CorrectionStatus, DocumentStatus
from schemas.corrections import Correction


@dataclass(frozen=True, slots=True)
class CheckedCorrection:
    """An entry whose source and date are on record: its outcome; of a failed one `message` why."""

    correction: Correction
    outcome: CorrectionOutcome
    message: str | None = None


def check_corrections(lake: Lake, corrections: Sequence[Correction]) -> list[CheckedCorrection]:
    """Return the entries about bulletins on record with their outcomes, in the given order.

    An entry is not applicable, and left out, where the lake holds no accepted bulletin of its
    source for its date.
    """
    if not corrections:
        return []
    held = _held(lake, corrections)
    applicable = [entry for entry in corrections if (entry.source, entry.report_date) in held]
    dates = {entry.report_date for entry in applicable}
    printed = candidates_on(lake, dates) if dates else {}
    return [_checked(entry, _printed_number(entry, printed)) for entry in applicable]


def note(correction: Correction) -> str:
    """Say in a sentence what is known to be wrong."""
    meant = "" if correction.correct is None else f" where {correction.correct:,} is meant"
    return (
        f"known error ({correction.status}): {correction.source} prints "
        f"{correction.expect:,}{meant}: {correction.what}"
    )


def _held(lake: Lake, corrections: Iterable[Correction]) -> set[tuple[str, date]]:
    days = [entry.report_date for entry in corrections]
    return {
        (row.source, row.report_date)
        for row in lake.bulletins(min(days), max(days))
        if row.report_date and row.status == DocumentStatus.ACCEPTED
    }


def _printed_number(correction: Correction, printed: Candidates) -> int | None:
    """What the newest document of the source prints there; None where none prints it."""
    candidates = [
        candidate
        for candidate in printed.get((correction.report_date, correction.category), ())
        if candidate.source == correction.source
        and getattr(candidate, correction.field) is not None
    ]
    if not candidates:
        return None
    newest = max(candidates, key=lambda candidate: candidate.recency)
    number: int = getattr(newest, correction.field)
    return number


def _checked(entry: Correction, printed: int | None) -> CheckedCorrection:
    fixed = entry.status == CorrectionStatus.FIXED and printed == entry.correct
    if printed == entry.expect or fixed:
        return CheckedCorrection(entry, CorrectionOutcome.APPLIES)
    if printed is None:
        problem = (
            f"no {entry.field} is printed there: the entry is wrong, or the source has changed"
        )
    elif printed == entry.correct:
        problem = f'the source prints the right {entry.field} now: set its status to "fixed"'
    else:
        problem = f"the {entry.field} is {printed:,}, and the entry expects {entry.expect:,}"
    cell = f"{entry.report_date} {entry.category} ({entry.source})"
    message = f"schemas/corrections.toml, {cell}: {problem}"
    return CheckedCorrection(entry, CorrectionOutcome.FAILED, message)
