"""`losses` wide: one row a day, two columns a category, for spreadsheets and quick plots."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from flows.report.exports.text_files import rows
from schemas.fields import Field, schema_of
from schemas.registry import load_registry
from schemas.tables import LOSSES

_OF_THE_DAY = ("report_date", "loss_date", "war_day")
_VALUES = {
    "total": "Cumulative total of {title} since 2022-02-24, as a bulletin printed it; null where "
    "none does.",
    "daily": "The losses of loss_date in {title} as best known; null where nothing says them.",
}
"""The columns of `losses` that a category has here, each with its meaning."""


@cache
def wide_fields() -> tuple[Field, ...]:
    """Return the columns: those of the day, then `tanks_total`, `tanks_daily`, ... in their order.

    They are the same whatever is on record, so that a program can rely on them.
    """
    of_the_day = [field for field in LOSSES.fields if field.name in _OF_THE_DAY]
    counts = [
        Field(
            f"{category.id}_{name}",
            "int64",
            meaning.format(title=category.title),
            category.unit,
            nullable=True,
        )
        for category in load_registry().categories.values()
        for name, meaning in _VALUES.items()
    ]
    return (*of_the_day, *counts)


def widened(losses: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield `losses`, sorted by report date, with one row a day; a part for each that comes in."""
    schema = schema_of(wide_fields())
    for part in losses:
        chosen = part.select([*_OF_THE_DAY, "category", *_VALUES])
        by_day = groupby(rows([chosen]), key=itemgetter(0))
        yield pa.Table.from_pylist([_day(list(of)) for _, of in by_day], schema=schema)


def _day(found: list[tuple[Any, ...]]) -> dict[str, Any]:
    wide: dict[str, Any] = dict(zip(_OF_THE_DAY, found[0], strict=False))
    for *_, category, total, daily in found:
        wide |= {f"{category}_total": total, f"{category}_daily": daily}
    return wide
