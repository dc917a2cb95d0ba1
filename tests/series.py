"""Whole series of one source, decided at once."""

from collections.abc import Mapping
from datetime import date

from flows.reconcile.series import ConsensusFigure, Series, checked_rows
from schemas.records import Cell
from schemas.registry import load_registry
from schemas.tables import LossRow

Printed = tuple[int, int | None]
"""The total and the printed delta."""


def rows(printed: Mapping[Cell, Printed]) -> dict[Cell, LossRow]:
    """Decide a whole series of one source."""
    totals: dict[str, dict[date, int]] = {}
    for (day, category), (total, _) in printed.items():
        totals.setdefault(category, {})[day] = total
    chosen = [
        ConsensusFigure(day, category, total, delta, False, "first", 1, 1, "a.txt", "sha")
        for (day, category), (total, delta) in printed.items()
    ]
    decided = checked_rows(chosen, Series(totals, load_registry()))
    return {(row.report_date, row.category): row for row in decided}
