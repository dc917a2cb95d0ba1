"""Diagnosis: why a day's figures do not add up, as far as the days around and other sources tell.

Pure functions over the rows of `losses`; the rules are the table in `docs/reference/diagnosis.md`.
First the misprinted totals are found, then the misprinted deltas. What is left is judged on the
series as it reads without these misprints, so that a misprint does not hide a revision beside it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from flows.reconcile.digit_errors import slip, telling_slip
from flows.reconcile.misprints import REACH as MISPRINTS_REACH
from flows.reconcile.misprints import Explained, Explanations, mismatches, misprinted_totals
from flows.reconcile.neighbours import CLOSED, Days, before_of, cell_of
from flows.reconcile.series import status
from schemas.codes import DeltaStatus, Diagnosis, Hint
from schemas.records import Cell
from schemas.tables import LossRow

__all__ = ["REACH", "Explained", "diagnose"]

REACH = MISPRINTS_REACH + 3
"""What is said of a row depends on the rows of so many days before and after it: on the misprints
found around rows up to two days off, and those are found with the help of more days."""

UNDECIDED = Explained(Diagnosis.UNDECIDED)
SHIFTED = Explained(Diagnosis.UNDECIDED, None, Hint.DATE_SHIFTED)
_MISPRINTS = frozenset({Diagnosis.MISPRINTED_TOTAL, Diagnosis.MISPRINTED_DELTA})

_BY_DATE = attrgetter("report_date")

OtherDeltas = Mapping[Cell, Collection[int]]
Rows = Sequence[LossRow]


def diagnose(rows: Iterable[LossRow], other_deltas: OtherDeltas) -> Explanations:
    """Return the explanation of every mismatch, and of other rows whose total is misprinted.

    `rows` are whole days; those at either end of a series are explained only as far as their
    neighbours are given. `other_deltas` are the deltas that sources other than a row's own print.
    """
    series: dict[str, list[LossRow]] = {}
    every = sorted(rows, key=_BY_DATE)
    for row in every:
        series.setdefault(row.category, []).append(row)
    days = Days(every)
    explained = misprinted_totals(series.values(), days)
    for category in series.values():
        explained = _rest(category, explained, days, other_deltas) | explained
    return explained


def _rest(
    series: Rows, explained: Explanations, days: Days, other_deltas: OtherDeltas
) -> Explanations:
    """Explain the mismatches of a category that no misprinted total explains."""
    if not mismatches(series):
        return {}
    explained = {
        cell_of(series[index]): SHIFTED
        for index in mismatches(series)
        if days.shifted(series[index])
    } | explained
    clean = _mended(series, explained)
    deltas = {
        cell_of(clean[index]): explanation
        for index in mismatches(clean)
        if cell_of(clean[index]) not in explained
        if (explanation := _misprinted_delta(clean, index, days, other_deltas))
    }
    clean = _mended(clean, deltas)
    return (
        explained
        | deltas
        | {
            cell_of(clean[index]): _standing(clean, index, days)
            for index in mismatches(clean)
            if cell_of(clean[index]) not in explained
        }
    )


def _misprinted_delta(
    series: Rows, index: int, days: Days, other_deltas: OtherDeltas
) -> Explained | None:
    """The totals are confirmed, and the printed delta shows itself what happened to it."""
    row = series[index]
    others = other_deltas.get(cell_of(row), ())
    assert row.change is not None
    assert row.delta is not None
    confirmed = _continued(series, index) or _agreed(row)
    if row.change in others and confirmed and _founded(series, index, days):
        return Explained(Diagnosis.MISPRINTED_DELTA, None, slip(row.delta, row.change))
    if row.delta in others or _begins(series, index) or not _reached(series, index):
        return None
    hint = Hint.ROW_REPEATED if days.repeats(row) else telling_slip(row.delta, row.change)
    return Explained(Diagnosis.MISPRINTED_DELTA, None, hint) if hint else None


def _begins(series: Rows, index: int) -> bool:
    """Whether nothing says that the total of the day before is right: it is the first of many."""
    if not index:
        return False
    before = series[index - 1]
    return before.delta_status in (DeltaStatus.FIRST, DeltaStatus.GAP) and not _agreed(before)


def _standing(series: Rows, index: int, days: Days) -> Explained:
    """The new total stands: the past was revised. Undecided if the days beside do not bear it."""
    stands = _founded(series, index, days) and _continued(series, index)
    return Explained(Diagnosis.REVISION) if stands else UNDECIDED


def _founded(series: Rows, index: int, days: Days) -> bool:
    """Whether the total of the day before is known to be right: its own, or its predecessors'."""
    if not index:
        return days.sound_before(series[index])
    before = series[index - 1]
    return before.delta_status in CLOSED or _agreed(before)


def _continued(series: Rows, index: int) -> bool:
    """Whether the day after starts from the total, or several sources print both totals."""
    row, after = series[index], _after(series, index)
    if after is None:
        return False
    return after.delta_status in CLOSED or (_agreed(row) and _agreed(after))


def _agreed(row: LossRow) -> bool:
    """Whether several sources print the total, and none another."""
    return 1 < row.sources_agreeing == row.sources_total


def _reached(series: Rows, index: int) -> bool:
    """Whether the totals go on; across a mismatch, if the total does not look misprinted itself."""
    if _continued(series, index):
        return True
    row, after = series[index], _after(series, index)
    if after is None or after.delta is None or not _continued(series, index + 1):
        return False
    meant = (before_of(row) + (row.delta or 0), after.total - after.delta)
    return not any(slip(row.total, total) for total in meant)


def _after(series: Rows, index: int) -> LossRow | None:
    """The row of the day after; None where it is not on record."""
    after = series[index + 1] if index + 1 < len(series) else None
    return after if after and after.days_missing == 0 else None


def _mended(series: Rows, explained: Explanations) -> list[LossRow]:
    """The series as it would read without the misprints found; those rows add up in it."""
    mended: list[LossRow] = []
    for row in series:
        explanation = explained.get(cell_of(row))
        total = explanation.suggested_total if explanation else None
        total = row.total if total is None else total
        before = mended[-1].total if mended and row.days_missing == 0 else row.previous_total
        misprinted = explanation is not None and explanation.diagnosis in _MISPRINTS
        same = (total, before) == (row.total, row.previous_total) and not misprinted
        mended.append(row if same else _redecided(row, total, before, misprinted))
    return mended


def _redecided(row: LossRow, total: int, before: int | None, misprinted: bool) -> LossRow:
    """The row with these totals, and with the change as its delta where that is misprinted."""
    change = None if before is None or row.days_missing else total - before
    delta = change if misprinted else row.delta
    discrepancy = None if change is None or delta is None else change - delta
    return replace(
        row,
        total=total,
        previous_total=before,
        delta=delta,
        change=change,
        discrepancy=discrepancy,
        delta_status=status(row.days_missing, change, discrepancy),
    )
