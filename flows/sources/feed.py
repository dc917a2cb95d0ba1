"""The `feed` source: an outlet's feed or sitemap says where the articles are.

`title` is a regular expression that the titles of the bulletins match; where a sitemap has no
titles, the addresses are matched.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from flows.errors import NotThePage, SourceError, WrongDay
from flows.redact import shown
from flows.settings import SourceConfig, kyiv_date
from flows.sources.base import (
    LATE,
    Fetch,
    Found,
    address_of,
    ready_with_url,
    report_dates,
    unknown_number,
    within,
)
from flows.sources.feed_xml import Item, read_items
from schemas.records import Document

MOST_SITEMAPS = 50
MOST_UNDATED = 100
"""No more parts of a sitemap, and no more articles that do not say when they appeared."""

_NEVER = datetime.min.replace(tzinfo=UTC)

state = ready_with_url
expected = unknown_number


def find(
    config: SourceConfig, since: date | None, until: date | None, fetch: Fetch
) -> Iterator[Found]:
    """Yield the articles that hold a bulletin of the range, the latest first; see `base.Kind.find`.

    An article is asked for if its item was published from the first day of the range to some days
    after the last, or does not say when. One that cannot be read is yielded, too, where its title
    says that it should hold a bulletin.
    """
    url = address_of(config)
    items = _matching(config, url, since, fetch)
    days: set[date] = set()
    for item in items:
        if not _may_hold(item, since, until):
            continue
        found = _article(config, item, fetch)
        dates = report_dates(found) if isinstance(found, Document) else ()
        days |= set(dates)
        expected = isinstance(found, SourceError) or (config.title and not dates)
        if expected or any(within(day, since, until) for day in dates):
            yield found
    if not any(within(day, since, until) for day in days):
        raise WrongDay(f"{shown(url)}: the latest item is {_named(items[0])}")


def _matching(config: SourceConfig, url: str, since: date | None, fetch: Fetch) -> list[Item]:
    """Return the items whose titles match, the latest first. Raises NotThePage for none."""
    items = [item for item in _items(config, url, since, fetch) if _matches(config, item)]
    if not items:
        raise NotThePage(f"{shown(url)}: none of its items has a title like {config.title!r}")
    if sum(item.published_at is None for item in items) > MOST_UNDATED:
        raise NotThePage(f"{shown(url)}: too many items without a date; give the source a `title`")
    return sorted(items, key=lambda item: item.published_at or _NEVER, reverse=True)


def _items(config: SourceConfig, url: str, since: date | None, fetch: Fetch) -> Iterator[Item]:
    """Yield the items of a feed, or of those sitemaps of an index that changed since a date."""
    items = read_items(fetch(config, url).content, url)
    yield from (item for item in items if not item.index)
    parts = [item for item in items if item.index and _may_hold(item, since, None)]
    parts.sort(key=lambda item: item.published_at or _NEVER, reverse=True)
    for part in parts[:MOST_SITEMAPS]:
        yield from read_items(fetch(config, part.link).content, part.link)


def _matches(config: SourceConfig, item: Item) -> bool:
    return config.title is None or bool(re.search(config.title, item.title or item.link))


def _may_hold(item: Item, since: date | None, until: date | None) -> bool:
    if item.published_at is None:
        return True
    return within(kyiv_date(item.published_at), since, until and until + LATE)


def _article(config: SourceConfig, item: Item, fetch: Fetch) -> Document | SourceError:
    published = item.published_at and kyiv_date(item.published_at)
    try:
        return fetch(config, item.link).document(config.name, published)
    except SourceError as error:
        return error


def _named(item: Item) -> str:
    when = f" of {kyiv_date(item.published_at)}" if item.published_at else ""
    return f"{shown(item.title or item.link)!r}{when}"
