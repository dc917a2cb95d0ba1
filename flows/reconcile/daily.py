"""The day's losses as best known, and what they are made of: the column to plot.

Pure functions over the rows of `losses`.
"""

from collections.abc import Iterable
from dataclasses import replace

from schemas.codes import DailyBasis, Diagnosis
from schemas.tables import LossRow


def with_daily(rows: Iterable[LossRow]) -> list[LossRow]:
    """Return the rows with `daily` and `daily_basis`; they come sorted by date, diagnosed."""
    finished: list[LossRow] = []
    latest: dict[str, LossRow] = {}
    for row in rows:
        daily, basis = _daily(row, latest.get(row.category))
        same = (row.daily, row.daily_basis) == (daily, basis)
        finished.append(row if same else replace(row, daily=daily, daily_basis=basis))
        latest[row.category] = row
    return finished


def _daily(row: LossRow, earlier: LossRow | None) -> tuple[int | None, DailyBasis]:
    """Return the day's losses and their basis; `earlier` is the category's row before, if given."""
    if row.delta is not None and row.diagnosis != Diagnosis.MISPRINTED_DELTA:
        undecided = row.diagnosis == Diagnosis.UNDECIDED
        return row.delta, DailyBasis.PRINTED_UNDECIDED if undecided else DailyBasis.PRINTED
    if row.change is None:
        return None, DailyBasis.NONE
    before = row.previous_total
    if earlier and earlier.report_date == row.previous_date and earlier.suggested_total is not None:
        before = earlier.suggested_total
    assert before is not None
    total = row.total if row.suggested_total is None else row.suggested_total
    return total - before, DailyBasis.CHANGE
