"""The `warship_api` source: a statistics API in JSON, by date or as a list of days."""

from collections.abc import Iterator
from datetime import date, timedelta

from flows.errors import SourceError, WrongDay
from flows.settings import SourceConfig, kyiv_date
from flows.sources.base import (
    DocumentReader,
    Fetch,
    Found,
    address_of,
    check_days,
    days_of,
    is_final,
    ready_with_url,
    some_days_after,
)
from schemas.records import WAR_START

LIMIT = 50
"""The API gives no more records for one request."""

state = ready_with_url


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the record of a day, or the lists of a range, the latest first; see `base.Kind.find`.

    The lists hold 50 days each, counted from the first day of the war whatever the range, so that
    the address of a list stays the same. The latest record says where the range ends.
    """
    url = address_of(config)
    if since is not None and since == until:
        document = fetch(config, f"{url}/{since}", dated=True).document(config.name, since)
        check_days(document, since, until, reader)
        yield document
        return
    page = fetch(config, f"{url}/latest")
    latest = page.document(config.name)
    days = reader.report_dates(latest)
    if not days:
        yield latest
        return
    if since is not None and days[-1] < since:
        raise WrongDay(f"{latest.url}: the latest bulletin is that of {days[-1]}")
    first = max(since or WAR_START, WAR_START)
    last = min(until or days[-1], days[-1], some_days_after(kyiv_date(page.fetched_at)))
    start = last - timedelta((last - WAR_START).days % LIMIT)
    while start + timedelta(LIMIT) > first:
        end = start + timedelta(LIMIT - 1)
        final = is_final(end, page.fetched_at)
        try:
            days_page = fetch(config, _address(url, start, end), final=final)
        except SourceError as error:
            yield error
        else:
            yield days_page.document(config.name)
        start -= timedelta(LIMIT)


def expected(config: SourceConfig, since: date | None, until: date) -> int:
    """Return the record of a day, or a list for each 50 days; see `base.Kind.expected`."""
    return 1 if since == until else 1 + days_of(since, until) // LIMIT


def _address(url: str, start: date, end: date) -> str:
    """Return the address of a list of the records of these days, both inclusive."""
    return f"{url}?offset=0&limit={LIMIT}&date_from={start}&date_to={end}"
