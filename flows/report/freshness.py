"""How fresh a lake is: the age of its newest day, and what is missing of the last days."""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from flows.lake.lake import Lake
from flows.lake.recorded import latest_dates
from flows.report.text_layout import spans

LOOKED_AT = 30
"""Days before today of which the missing ones are named: a month, as operators look back."""


class Freshness(msgspec.Struct, frozen=True):
    """How old the newest report date on record is, on a date in Kyiv.

    `newest` and `age_days` are null where nothing is on record. `stale`: it is older than
    `allowed_days`, or there is none. `missing` are the report dates of the last 30 days before
    today that are not on record, none of before the first that is.
    """

    today: date
    newest: date | None
    age_days: int | None
    allowed_days: int
    stale: bool
    missing: tuple[date, ...]


def lake_freshness(lake: Lake, today: date, allowed_days: int) -> Freshness:
    """Return how fresh a lake is today, a date in Kyiv. Only its last two years are read."""
    return freshness(latest_dates(lake), today, allowed_days)


def freshness(recorded: Iterable[date], today: date, allowed_days: int) -> Freshness:
    """Return how fresh a series with these report dates is today, a date in Kyiv."""
    known = frozenset(recorded)
    newest, first = max(known, default=None), min(known, default=today)
    age = max((today - newest).days, 0) if newest else None
    before = (today - timedelta(days=n) for n in range(LOOKED_AT, 0, -1))
    return Freshness(
        today=today,
        newest=newest,
        age_days=age,
        allowed_days=allowed_days,
        stale=age is None or age > allowed_days,
        missing=tuple(day for day in before if day > first and day not in known),
    )


def freshness_words(found: Freshness) -> str:
    """Say how old the newest day is, and which of the last days are missing."""
    if found.newest is None or found.age_days is None:
        return "No day is on record."
    old = {0: "today's", 1: "yesterday's"}.get(found.age_days, f"{found.age_days:,} days old")
    stale = f", older than the {found.allowed_days} that it may be" if found.stale else ""
    text = f"The newest day on record is {found.newest}, {old}{stale}."
    if not found.missing or found.age_days > LOOKED_AT:
        return text
    listed = ", ".join(spans(found.missing))
    return f"{text} Of the last {LOOKED_AT} days {len(found.missing)} are missing: {listed}."
