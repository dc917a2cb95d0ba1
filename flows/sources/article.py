"""The `article` source: one page of any outlet, at an address that may contain the date."""

from collections.abc import Iterator
from datetime import date, timedelta

from flows.errors import SourceError, UsageError
from flows.settings import SourceConfig
from flows.sources.base import (
    DocumentReader,
    Fetch,
    Found,
    check_days,
    days_of,
    depends_on_date,
    fill_date,
)


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the page of each day, or the one page if its address has no date; see `base.Kind.find`.

    A page without a date in its address must print a report date of the range: else it is another
    day's (an older one), or not the page.
    """
    if config.url is None:
        raise UsageError(f"the source {config.name!r} needs a url: {state(config)}")
    if not depends_on_date(config.url):
        document = fetch(config, config.url).document(config.name)
        check_days(document, since, until, reader)
        yield document
        return
    if since is None or until is None:
        raise UsageError(f"the source {config.name!r} needs --since and --until")
    for offset in range((until - since).days + 1):
        day = since + timedelta(offset)
        try:
            page = fetch(config, fill_date(config.url, day), dated=True)
        except SourceError as error:
            yield error
        else:
            yield page.document(config.name, day)


def expected(config: SourceConfig, since: date | None, until: date) -> int:
    """Return a page a day, or one; see `base.Kind.expected`."""
    return days_of(since, until) if depends_on_date(config.url or "") else 1


def state(config: SourceConfig) -> str:
    """Return whether an address is configured."""
    if config.url is None:
        return "needs a url, in sources.toml or as tallybook run --url URL"
    return "ready"
