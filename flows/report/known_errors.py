"""Known errors of sources, held against what is on record: they annotate, and change nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flows.lake.lake import Lake
from flows.lake.window import candidates_on
from flows.reconcile.window import Candidates
from schemas.codes import DocumentStatus
from schemas.corrections import Correction

APPLIES = "applies"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Applied:
    """An entry whose source and date are on record.

    `outcome` is "applies" (the source prints what the entry expects, or has been fixed and the
    entry says so) or "failed" with the `message` why.
    """

    correction: Correction
    outcome: str
    message: str | None = None


def apply(lake: Lake, corrections: Iterable[Correction]) -> list[Applied]:
    """Return the entries about bulletins on record with their outcomes, in the given order.

    An entry is not applicable, and left out, where the lake holds no accepted bulletin of its
    source for its date.
    """
    given = list(corrections)
    if not given:
        return []
    held = _held(lake, given)
    due = [one for one in given if (one.source, one.report_date) in held]
    printed = candidates_on(lake, {one.report_date for one in due}) if due else {}
    return [_applied(one, _number(one, printed)) for one in due]


def note(one: Correction) -> str:
    """Say in a sentence what is known to be wrong."""
    meant = "" if one.correct is None else f" where {one.correct:,} is meant"
    return f"known error ({one.status}): {one.source} prints {one.expect:,}{meant}: {one.what}"


def _held(lake: Lake, given: Sequence[Correction]) -> set[tuple[str, date]]:
    days = [one.report_date for one in given]
    return {
        (row.source, row.report_date)
        for row in lake.bulletins(min(days), max(days))
        if row.report_date and row.status == DocumentStatus.ACCEPTED
    }


def _number(one: Correction, printed: Candidates) -> int | None:
    """What the newest document of the source prints there; None where none prints it."""
    found = [
        candidate
        for candidate in printed.get((one.report_date, one.category), ())
        if candidate.source == one.source and getattr(candidate, one.field) is not None
    ]
    if not found:
        return None
    number: int = getattr(max(found, key=lambda candidate: candidate.recency), one.field)
    return number


def _applied(one: Correction, printed: int | None) -> Applied:
    if printed == one.expect or (one.status == "fixed" and printed == one.correct):
        return Applied(one, APPLIES)
    name = f"{one.report_date} {one.category} ({one.source})"
    if printed is None:
        said = f"no {one.field} is printed there: the entry is wrong, or the source has changed"
    elif printed == one.correct:
        said = f'the source prints the right {one.field} now: set its status to "fixed"'
    else:
        said = f"the {one.field} is {printed:,}, and the entry expects {one.expect:,}"
    return Applied(one, FAILED, f"schemas/corrections.toml, {name}: {said}")
