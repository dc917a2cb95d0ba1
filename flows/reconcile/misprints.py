"""Misprinted totals: the rules that find them, in the order of `docs/reference/diagnosis.md`.

Pure functions over the rows of `losses`. Each rule looks at one row that does not add up, at the
days around it, and at the other categories of its day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flows.reconcile.digit_errors import slip, telling_slip
from flows.reconcile.neighbours import CLOSED, Days, before_of, cell_of
from schemas.codes import DeltaStatus, Diagnosis, Hint
from schemas.records import Cell
from schemas.tables import LossRow

AFTER = 3
"""How many days after a mismatch the totals may take to come back to the printed path."""

REACH = AFTER + 7
"""Rows of so many days before and after a row have a say in whether its total is misprinted: those
that its rule looks at, and those of the stronger rules that may have explained a row before it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a row does not add up: the columns diagnosis, suggested_total and hint of `losses`."""

    diagnosis: Diagnosis
    suggested_total: int | None = None
    hint: Hint | None = None


Explanations = dict[Cell, Explained]

FOLLOWS = Explained(Diagnosis.PREVIOUS_MISPRINTED)


def misprinted_totals(series: Iterable[Sequence[LossRow]], days: Days) -> Explanations:
    """Return what is said of misprinted totals, by cell: of the rows themselves, of those after.

    `series` are the rows of each category by date. The rules are tried in their order, each on all
    mismatches that none before it explains.
    """
    explained: Explanations = {}
    mismatched = [(rows, index) for rows in series for index in mismatches(rows)]
    for rule in _RULES:
        for rows, index in mismatched:
            if cell_of(rows[index]) not in explained:
                for cell, explanation in rule(rows, index, days).items():
                    explained.setdefault(cell, explanation)
    return explained


def mismatches(series: Sequence[LossRow]) -> list[int]:
    """The places of the rows that do not add up."""
    return [index for index, row in enumerate(series) if _is_mismatch(row)]


def _is_mismatch(row: LossRow) -> bool:
    return row.delta_status == DeltaStatus.MISMATCH


def _following(series: Sequence[LossRow], index: int) -> list[LossRow]:
    """The next rows, as long as no day is missing between them."""
    following: list[LossRow] = []
    for row in series[index + 1 : index + 1 + AFTER]:
        if row.days_missing != 0:
            break
        following.append(row)
    return following


def _stale(series: Sequence[LossRow], index: int, days: Days) -> Explanations:
    """The whole bulletin is that of the day before, or the bulletin of the day before was stale."""
    row, before, following = series[index], days.before(series[index]), _following(series, index)
    if before and days.stale(before) and days.meant(before) not in (None, before.total):
        return _again(before, row, days)
    if days.stale(row) and following and days.meant(row) not in (None, row.total):
        return _again(row, following[0], days)
    return {}


def _again(row: LossRow, after: LossRow, days: Days) -> Explanations:
    """The row was copied from the day before; the day after knows what it should have been."""
    explanation = Explained(Diagnosis.MISPRINTED_TOTAL, days.meant(row), Hint.ROW_REPEATED)
    return {cell_of(row): explanation, cell_of(after): FOLLOWS}


def _returns(series: Sequence[LossRow], index: int, days: Days) -> Explanations:
    """The totals come back to the path of the printed deltas: those off the path are misprinted.

    With the next day that is the exact opposite discrepancy. The path must come back through
    mismatches alone: a total that the day after continues from is no misprint.
    """
    row = series[index]
    path = before_of(row) + (row.delta or 0)
    off = {cell_of(row): _off(row, path, days)}
    for later in _following(series, index):
        path += later.delta or 0
        if later.total == path:
            return off | ({cell_of(later): FOLLOWS} if _is_mismatch(later) else {})
        if not _is_mismatch(later):
            break
        off[cell_of(later)] = _off(later, path, days)
    return {}


def _repeated(series: Sequence[LossRow], index: int, days: Days) -> Explanations:
    """Total and delta of the day before stand there again, and the next day knows better."""
    row, following = series[index], _following(series, index)
    meant = days.meant(row)
    if not days.repeats(row) or not following or meant is None or meant <= row.total:
        return {}
    return _again(row, following[0], days)


def _exchanged(series: Sequence[LossRow], index: int, days: Days) -> Explanations:
    """Two categories have each other's total, and perhaps each other's delta.

    Not if the day after starts from it: then they were exchanged on the day before.
    """
    row, following = series[index], _following(series, index)
    suggested = days.exchanged(row)
    if suggested is None or not following or days.meant(row) == row.total:
        return {}
    follows = _is_mismatch(following[0]) and days.meant(row) == suggested
    return {
        cell_of(row): Explained(Diagnosis.MISPRINTED_TOTAL, suggested, Hint.EXCHANGED),
        **({cell_of(following[0]): FOLLOWS} if follows else {}),
    }


def _one_day_before(series: Sequence[LossRow], index: int, days: Days) -> Explanations:
    """The day before printed no delta, and without its total nothing would have changed."""
    row, before = series[index], days.before(series[index])
    if before is None or before.delta is not None or before.sources_agreeing > 1:
        return {}
    suggested = days.meant(before)
    if suggested is None or suggested != before.previous_total:
        return {}
    return {cell_of(before): _off(before, suggested, days), cell_of(row): FOLLOWS}


def _slipped(series: Sequence[LossRow], index: int, days: Days) -> Explanations:
    """Beside a revision: two mismatches in a row that are no opposites, the total between slipped.

    It is a slip of what one of the days beside it says, and not of what the other says; the delta
    is none, and nothing is repeated. The day before adds up, and so does the second day after.
    """
    row, before, following = series[index], days.before(series[index]), _following(series, index)
    if before is None or before.delta_status not in CLOSED or len(following) < 2:
        return {}
    if not _is_mismatch(following[0]) or following[1].delta_status not in CLOSED:
        return {}
    assert row.delta is not None
    assert row.change is not None
    meant = {before.total + row.delta, days.meant(row)} - {None}
    slips = [total for total in meant if total is not None and slip(row.total, total)]
    if len(slips) != 1 or not row.change or telling_slip(row.delta, row.change):
        return {}
    follows = {cell_of(following[0]): FOLLOWS} if slips[0] == days.meant(row) else {}
    return {cell_of(row): _off(row, slips[0], days), **follows}


_RULES = (_stale, _returns, _repeated, _exchanged, _one_day_before, _slipped)
"""The strongest first."""


def _off(row: LossRow, suggested: int, days: Days) -> Explained:
    return Explained(Diagnosis.MISPRINTED_TOTAL, suggested, _hint(row, suggested, days))


def _hint(row: LossRow, suggested: int, days: Days) -> Hint | None:
    if days.exchanged(row) == suggested:
        return Hint.EXCHANGED
    if row.change == 0:
        return Hint.TOTAL_REPEATED
    return slip(row.total, suggested) or (Hint.ROW_COPIED if days.copied(row) else None)
