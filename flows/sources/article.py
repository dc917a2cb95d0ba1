"""The `article` source: one page of any outlet, at an address that may contain the date."""

from collections.abc import Iterator
from datetime import date, timedelta

from flows.errors import NotPublishedYet, NotThePage, SourceError, UsageError
from flows.settings import SourceConfig
from flows.sources.base import Fetch, Found, report_date, within
from schemas.records import Document

PLACE = "{date}"


def find(
    config: SourceConfig, since: date | None, until: date | None, fetch: Fetch
) -> Iterator[Found]:
    """Yield the page of each day, or the one page if its address has no date; see `base.Kind.find`.

    A page without a date in its address must print a report date of the range: else it is not
    published yet (an older date) or not the page.
    """
    if config.url is None:
        raise UsageError(f"the source {config.name!r} needs a url: {state(config)}")
    if PLACE not in config.url:
        document = _document(config, config.url, None, fetch)
        _check_date(document, since, until)
        yield document
        return
    if since is None or until is None:
        raise UsageError(f"the source {config.name!r} needs --since and --until")
    for day in _days(since, until):
        yield _dated(config, day, fetch)


def state(config: SourceConfig) -> str:
    """Return whether an address is configured."""
    if config.url is None:
        return "needs a url, in sources.toml or as tallybook run --url URL"
    return "ready"


def _days(since: date, until: date) -> Iterator[date]:
    for offset in range((until - since).days + 1):
        yield since + timedelta(days=offset)


def _dated(config: SourceConfig, day: date, fetch: Fetch) -> Found:
    url = str(config.url).replace(PLACE, day.isoformat())
    try:
        return _document(config, url, day, fetch)
    except SourceError as error:
        return error


def _document(config: SourceConfig, url: str, day: date | None, fetch: Fetch) -> Document:
    page = fetch(config, url, dated=day is not None)
    return Document(
        source=config.name,
        url=url,
        content=page.content,
        media_type=page.media_type,
        published_on=day,
        fetched_at=page.fetched_at,
    )


def _check_date(document: Document, since: date | None, until: date | None) -> None:
    day = report_date(document, None)
    if day is None or within(day, since, until):
        return
    message = f"{document.url}: the page is as of {day}; for that day use --date {day}"
    if since is not None and day < since:
        raise NotPublishedYet(message)
    raise NotThePage(message)
