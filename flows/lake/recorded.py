"""Which report dates are on record, and from where on a daily run has to ask."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from flows.lake import parquet
from flows.lake.lake import Lake
from schemas.tables import LOSSES

_ONE_DAY = timedelta(days=1)

LOOK_BACK = 3
"""Days before that a daily run asks for again once a day: an article may be corrected after it was
taken in."""


def latest_dates(lake: Lake) -> frozenset[date]:
    """Return the report dates on record of the last two years that have any. Raises LakeError."""
    latest = parquet.partitions(lake.storage, LOSSES)[-2:]
    (recorded,) = parquet.counts(lake.storage, LOSSES, ("report_date",), latest)
    return frozenset(recorded)


def is_on_record(lake: Lake, day: date) -> bool:
    """Return whether a report date is on record. Raises LakeError."""
    year = parquet.partitions(lake.storage, LOSSES, {day.year})
    (recorded,) = parquet.counts(lake.storage, LOSSES, ("report_date",), year)
    return day in recorded


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What a daily run asks for: the report dates from `since` on.

    `behind` are the first and the last missing day of before that, None where none is missing.
    """

    since: date
    behind: tuple[date, date] | None


def catch_up(
    recorded: Collection[date], day: date, days: int, *, look_back: bool = False
) -> CatchUp:
    """Return from where on the daily run of a day asks, given the report dates on record.

    It takes up what is missing of up to so many `days` before, back to the first on record; with
    `look_back` it asks again for the last days, which may have been corrected.
    """
    first = min(recorded, default=day)
    length = max((day - first).days, 0)
    before = [first + timedelta(days=n) for n in range(length)]
    missing = [one for one in before if one not in recorded]
    earliest = day - timedelta(days=days)
    near = [one for one in missing if one >= earliest]
    far = [one for one in missing if one < earliest]
    since = min([day, *near])
    if look_back:
        since = min(since, max(day - LOOK_BACK * _ONE_DAY, min(first, day)))
    return CatchUp(since, (far[0], far[-1]) if far else None)
