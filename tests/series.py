"""Whole series of one source, decided at once."""

from collections.abc import Mapping
from datetime import date

from flows.reconcile.series import Cell, Chosen, Series, decide
from schemas.records import LossRow
from schemas.registry import load_registry

Printed = tuple[int, int | None]
"""The total and the printed delta."""


def rows(printed: Mapping[Cell, Printed]) -> dict[Cell, LossRow]:
    """Decide a whole series of one source."""
    totals: dict[str, dict[date, int]] = {}
    for (day, category), (total, _) in printed.items():
        totals.setdefault(category, {})[day] = total
    chosen = [
        Chosen(day, category, total, delta, False, "first", 1, 1, "sha")
        for (day, category), (total, delta) in printed.items()
    ]
    decided = decide(chosen, Series(totals, load_registry()))
    return {(row.report_date, row.category): row for row in decided}
