"""The `minfin` source: an index portal with a page a month, every day of it on the page.

In its address {year} and {month} stand for the month; the page of the current month lies at the
address without the part that holds them.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from flows.errors import SourceError, UsageError, WrongDay
from flows.redact import shown
from flows.settings import SourceConfig, kyiv_date
from flows.sources.base import (
    DocumentReader,
    Fetch,
    Found,
    address_of,
    check_days,
    fill_date,
    is_final,
    ready_with_url,
    within,
)
from schemas.records import WAR_START

state = ready_with_url


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the page of each month of the range, the latest first; see `base.Kind.find`.

    The current page is asked first: it says which month is the current one. The page of a closed
    month does not change any more.
    """
    url = address_of(config)
    page = fetch(config, _current(url))
    current = page.document(config.name)
    days = reader.report_dates(current)
    if not days or any(within(day, since, until) for day in days):
        yield current
    elif since is not None and days[-1] < since:
        raise WrongDay(f"{current.url}: the latest bulletin is that of {days[-1]}")
    if not days:
        return
    first_month = max(since or WAR_START, WAR_START).replace(day=1)
    today = kyiv_date(page.fetched_at)
    day = min(until or days[0], _day_before(days[0].replace(day=1)), today)
    while day >= first_month:
        final = is_final(_end_of_month(day), page.fetched_at)
        try:
            month = fetch(config, fill_date(url, day), final=final).document(config.name)
            check_days(month, since, until, reader)
        except SourceError as error:
            yield error
        else:
            yield month
        day = _day_before(day.replace(day=1))


def expected(config: SourceConfig, since: date | None, until: date) -> int:
    """Return the months of the range; see `base.Kind.expected`."""
    first = max(since or WAR_START, WAR_START)
    return max((until.year - first.year) * 12 + until.month - first.month + 1, 0)


def _current(url: str) -> str:
    if "{month}" not in url:
        raise UsageError(
            f"{shown(url)}: the address of pages of a month needs {{year}} and {{month}}"
        )
    return url[: url.index("{")].rpartition("/")[0] + "/"


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


def _end_of_month(day: date) -> date:
    # Four days after the 28th lie in the next month, however long this one is.
    return _day_before((day.replace(day=28) + timedelta(days=4)).replace(day=1))
