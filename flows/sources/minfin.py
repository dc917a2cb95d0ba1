"""The `minfin` source: an index portal with a page a month, every day of it on the page.

In its address {year} and {month} stand for the month; the page of the current month lies at the
address without the part that holds them.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from flows.errors import SourceError, UsageError, WrongDay
from flows.redact import shown
from flows.settings import SourceConfig
from flows.sources.base import (
    Fetch,
    Found,
    address_of,
    check_days,
    fill,
    is_settled,
    ready_with_url,
    report_dates,
    within,
)
from schemas.records import WAR_START, Document

state = ready_with_url


def find(
    config: SourceConfig, since: date | None, until: date | None, fetch: Fetch
) -> Iterator[Found]:
    """Yield the page of each month of the range, the latest first; see `base.Kind.find`.

    The current page is asked first: it says which month is the current one. The page of a closed
    month does not change any more.
    """
    url = address_of(config)
    page = fetch(config, _current(url))
    current = page.document(config.name)
    days = report_dates(current)
    if not days or any(within(day, since, until) for day in days):
        yield current
    elif since is not None and days[-1] < since:
        raise WrongDay(f"{current.url}: the latest bulletin is that of {days[-1]}")
    if not days:
        return
    first = max(since or WAR_START, WAR_START).replace(day=1)
    month = min(until or days[0], _before(days[0].replace(day=1)))
    while month >= first:
        settled = is_settled(_end(month), page.fetched_at)
        yield _of_month(config, fill(url, month), since, until, fetch, settled=settled)
        month = _before(month.replace(day=1))


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


def _before(first: date) -> date:
    return first - timedelta(days=1)


def _end(month: date) -> date:
    return _before((month.replace(day=28) + timedelta(days=4)).replace(day=1))


def _of_month(
    config: SourceConfig,
    url: str,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    *,
    settled: bool,
) -> Document | SourceError:
    try:
        document = fetch(config, url, settled=settled).document(config.name)
        check_days(document, since, until)
    except SourceError as error:
        return error
    return document
