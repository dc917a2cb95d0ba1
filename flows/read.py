"""The tables of a lake as pandas DataFrames, for notebooks: `from flows import read`.

Dates are datetime64, so that `==`, `.loc`, `resample` and `merge` take them as such; counts are
Int64 and flags boolean, with nulls; times are UTC. Nothing here writes.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from pathlib import Path

import pandas as pd
import pyarrow as pa

from flows.errors import UsageError
from flows.lake import rows
from flows.lake.lake import Lake, open_lake
from flows.lake.whole_tables import partitions_of
from flows.moments import iso_date, iso_moment
from flows.report.as_of import series_as_of
from flows.report.check import check_report
from flows.settings import load_settings
from schemas.fields import Table, schema_of
from schemas.registry import load_registry
from schemas.tables import BULLETINS, FIGURES, LOSSES, REVISIONS

__all__ = ["bulletins", "check", "figures", "losses", "revisions"]

_DTYPES = {
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
"""What keeps a column with nulls what it is: pandas would make floats and objects of it."""


def losses(
    lake: str | Path | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    categories: Collection[str] | None = None,
    as_of: date | str | None = None,
) -> pd.DataFrame:
    """Return the product, one row per report date and category, sorted by both.

    The columns are those of `losses` in data/README.md, `daily` the one to plot. `since` and
    `until` are report dates, inclusive, as text YYYY-MM-DD too; None is no bound, and all
    `categories`. `as_of`: as it stood then, what came later taken back; a moment (ISO 8601) without
    a time zone is UTC, a date its end. `lake` is a path or an address, None the one that the
    settings name.

    Raises UsageError for an unknown category, what is no date, and dates in the wrong order;
    LakeError where there is no lake, or it is damaged.
    """
    registry = load_registry()
    if unknown := sorted(set(categories or ()) - registry.categories.keys()):
        known = ", ".join(registry.categories)
        raise UsageError(f"There is no category {', '.join(unknown)}; known are {known}.")
    if as_of is None:
        frame = _table(LOSSES, lake, since, until)
    else:
        first, last = _days(since, until)
        opened, order = _opened(lake)
        found = series_as_of(opened, first, last, _moment(as_of), registry, order)
        frame = _frame(rows.to_arrow(LOSSES, found))
    if categories is not None:
        frame = frame[frame["category"].isin(categories)].reset_index(drop=True)
    return frame


def figures(
    lake: str | Path | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
) -> pd.DataFrame:
    """Return every printed figure of every accepted bulletin: `figures` in data/README.md.

    Arguments and errors as in `losses`; sorted by report date.
    """
    return _table(FIGURES, lake, since, until)


def bulletins(
    lake: str | Path | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per document and day, those without a date (NaT) too where no date is asked.

    The columns are those of `bulletins` in data/README.md; arguments and errors as in `losses`.
    """
    return _table(BULLETINS, lake, since, until)


def revisions(
    lake: str | Path | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
) -> pd.DataFrame:
    """Return every published value that was changed later: `revisions` in data/README.md.

    Arguments and errors as in `losses`; the earliest seen first.
    """
    frame = _table(REVISIONS, lake, since, until)
    return frame.sort_values("seen_at", kind="stable", ignore_index=True)


def check(
    lake: str | Path | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
) -> pd.DataFrame:
    """Return the rows of `losses` that do not add up or are misprinted, each with its `sentence`.

    Arguments and errors as in `losses`. No row: everything adds up.
    """
    first, last = _days(since, until)
    opened, order = _opened(lake)
    report = check_report(opened, first, last, order=order)
    said = pd.DataFrame(
        [(one.report_date, one.category, one.sentence) for one in report.explanations],
        columns=["report_date", "category", "sentence"],
    )
    said["report_date"] = pd.to_datetime(said["report_date"])
    return losses(lake, since=first, until=last).merge(said, on=["report_date", "category"])


def _table(
    table: Table, lake: str | Path | None, since: date | str | None, until: date | str | None
) -> pd.DataFrame:
    first, last = _days(since, until)
    opened, _ = _opened(lake)
    parts = partitions_of(opened, table, first, last)
    data = pa.concat_tables([schema_of(table.every_field).empty_table(), *parts])
    by_date = [(name, "ascending") for name in ("report_date", *table.sort_key)]
    return _frame(data.sort_by(list(dict.fromkeys(by_date))))


def _opened(lake: str | Path | None) -> tuple[Lake, tuple[str, ...]]:
    """Return the lake, and the names of its sources, the preferred one first."""
    settings = load_settings(lake=None if lake is None else str(lake))
    return open_lake(settings.lake), tuple(settings.sources)


def _frame(data: pa.Table) -> pd.DataFrame:
    days = [index for index, kind in enumerate(data.schema.types) if kind == pa.date32()]
    for index in days:
        column = data.column(index).cast(pa.timestamp("s"))
        data = data.set_column(index, data.schema.names[index], column)
    frame: pd.DataFrame = data.to_pandas(types_mapper=_DTYPES.get, ignore_metadata=True)
    return frame


def _days(since: date | str | None, until: date | str | None) -> tuple[date | None, date | None]:
    first, last = _day(since), _day(until)
    if first and last and first > last:
        raise UsageError(f"The first date, {first}, is after the last one, {last}.")
    return first, last


def _day(given: date | str | None) -> date | None:
    day = iso_date(given) if isinstance(given, str) else given
    if given is not None and day is None:
        raise UsageError(f"{given!r} is no date; write 2023-10-09.")
    return day.date() if isinstance(day, datetime) else day


def _moment(given: date | str) -> datetime:
    """Return what `show --as-of` makes of the same text."""
    moment = (iso_date(given) or iso_moment(given)) if isinstance(given, str) else given
    if moment is None:
        raise UsageError(f"{given!r} is no moment; write 2023-10-09 or 2023-10-09T12:30+03:00.")
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.max, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
