"""What the rows beside a row say of it: those of its day, and those of the days around.

Pure functions over the rows of `losses`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from schemas.codes import DeltaStatus
from schemas.records import Cell
from schemas.tables import LossRow

CLOSED = frozenset({DeltaStatus.OK, DeltaStatus.OK_UNPRINTED})
"""The delta_status of a row that adds up."""

_OPEN = frozenset({DeltaStatus.MISMATCH, DeltaStatus.NOT_PRINTED})
_ONE_DAY = timedelta(days=1)

_SEVERAL = 4
"""So many categories, the largest among them, are ahead of their deltas where a day was skipped: on
most days eight or more change."""


class Days:
    """What the rows beside a row say of it: those of its day, and that of the day after."""

    def __init__(self, rows: Iterable[LossRow]) -> None:
        self._of_date: dict[date, dict[str, LossRow]] = {}
        for row in rows:
            self._of_date.setdefault(row.report_date, {})[row.category] = row

    def before(self, row: LossRow) -> LossRow | None:
        """The row of the day before; None where that is not on record."""
        return self._of_date.get(row.report_date - _ONE_DAY, {}).get(row.category)

    def meant(self, row: LossRow) -> int | None:
        """The total that the day after starts from: its total less its delta."""
        after = self._of_date.get(row.report_date + _ONE_DAY, {}).get(row.category)
        return None if after is None or after.delta is None else after.total - after.delta

    def exchanged(self, row: LossRow) -> int | None:
        """The total of another category of that day, if that has this one's; None if none has."""
        totals = (
            other.total
            for other in self._others(row)
            if other.total != row.total and other.delta_status in _OPEN
            if self._fits(row, other) and self._fits(other, row)
        )
        return next(totals, None)

    def copied(self, row: LossRow) -> bool:
        """Whether another category of that day, itself in order, has the same total."""
        return any(
            other.total == row.total and other.delta_status in CLOSED for other in self._others(row)
        )

    def repeats(self, row: LossRow) -> bool:
        """Whether the row has the total and the delta of the day before."""
        before = self.before(row)
        return before is not None and (row.total, row.delta) == (before.total, before.delta)

    def sound_before(self, row: LossRow) -> bool:
        """Whether the categories that ended the day before, its predecessors among them, add up."""
        today = self._of_date[row.report_date]
        yesterday = self._of_date.get(row.report_date - _ONE_DAY, {})
        return all(yesterday[name].delta_status in CLOSED for name in yesterday.keys() - today)

    def stale(self, row: LossRow) -> bool:
        """Whether the document of the row is the bulletin of the day before, printed again.

        Then every row of it repeats, and deltas that are not zero show that it cannot be.
        """
        of_document = self._of_document(row)
        added = sum(1 for other in of_document if other.delta)
        return added > 1 and all(self.repeats(other) for other in of_document)

    def shifted(self, row: LossRow) -> bool:
        """Whether the document of the row is a day late, or the first that is not any more.

        Late is a stale one that the day after goes on from in all categories. The first in time
        again skips a bulletin: nothing falls behind what it prints, and its largest delta, that of
        personnel or of drones, and several others do not add up. A correction of the General Staff
        does not look like that: some figures go down, or the largest is not among them.
        """
        of_document = self._of_document(row)
        if self.stale(row):
            meant = [(self.meant(other), other.total) for other in of_document]
            return all(led_from in (None, total) for led_from, total in meant)
        checked = [other for other in of_document if other.discrepancy is not None]
        ahead = [other for other in checked if other.discrepancy]
        if len(ahead) < _SEVERAL or any((other.discrepancy or 0) < 0 for other in ahead):
            return False
        return max(checked, key=lambda other: other.delta or 0).discrepancy != 0

    def _of_document(self, row: LossRow) -> list[LossRow]:
        return [
            other
            for other in self._of_date[row.report_date].values()
            if other.document_sha256 == row.document_sha256
        ]

    def _fits(self, row: LossRow, other: LossRow) -> bool:
        """Whether the other's total, with its delta or with the row's, is what is meant here."""
        if other.total == self.meant(row):
            return True
        deltas = {row.delta, other.delta} - {None}
        return row.days_missing == 0 and other.total - before_of(row) in deltas

    def _others(self, row: LossRow) -> Iterator[LossRow]:
        return (other for other in self._of_date[row.report_date].values() if other is not row)


def before_of(row: LossRow) -> int:
    """Return the total of the day before; the row has one."""
    assert row.previous_total is not None
    return row.previous_total


def cell_of(row: LossRow) -> Cell:
    """Return the (report_date, category) of a row."""
    return row.report_date, row.category
