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
    DocumentReader,
    Fetch,
    Found,
    address_of,
    ready_with_url,
    some_days_after,
    unknown_number,
    within,
)
from flows.sources.feed_xml import Item, read_items

MOST_SITEMAPS = 50
"""So many parts of a sitemap are fetched at most: with a part a month, those of four years."""

MOST_UNDATED = 100
"""Items without a date are all fetched; more of them are the whole archive of an outlet."""

MOST_ITEMS = 2_000
"""Items that are asked for; a feed of the whole war, an item a day, has fewer."""

_NEVER = datetime.min.replace(tzinfo=UTC)
"""Sorts the items without a date behind all others."""

state = ready_with_url
expected = unknown_number


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the articles that hold a bulletin of the range, the latest first; see `base.Kind.find`.

    An article is asked for if its item was published from the first day of the range to some days
    after the last, or does not say when. One that cannot be read is yielded, too, where its title
    says that it should hold a bulletin.
    """
    url = address_of(config)
    problems: list[SourceError] = []
    items = _matching_items(config, url, since, fetch, problems)
    asked = {item.link: item for item in reversed(items) if _may_hold(item, since, until)}
    has_day = False
    for item in [*reversed(asked.values())][:MOST_ITEMS]:
        published_on = item.published_at and kyiv_date(item.published_at)
        try:
            document = fetch(config, item.link).document(config.name, published_on)
        except SourceError as error:
            yield error
            continue
        days = reader.report_dates(document)
        wanted = any(within(day, since, until) for day in days)
        has_day = has_day or wanted
        if wanted or (not days and (config.title or reader.breaks(document))):
            yield document
    yield from problems
    if len(asked) > MOST_ITEMS:
        said = f"of {len(asked)} items only the latest {MOST_ITEMS} are asked"
        yield NotThePage(f"{shown(url)}: {said}")
    if not has_day:
        raise WrongDay(f"{shown(url)}: the latest item is {_named(items[0])}")


def _matching_items(
    config: SourceConfig, url: str, since: date | None, fetch: Fetch, problems: list[SourceError]
) -> list[Item]:
    """Return the items whose titles match, the latest first. Raises NotThePage for none.

    Parts of a sitemap that could not be had are added to `problems`.
    """
    found = _items(config, url, since, fetch, problems)
    items = [item for item in found if _matches(config, item)]
    if not items and problems:
        raise problems[0]
    if not items:
        raise NotThePage(f"{shown(url)}: none of its items has a title like {config.title!r}")
    if sum(item.published_at is None for item in items) > MOST_UNDATED:
        raise NotThePage(f"{shown(url)}: too many items without a date; give the source a `title`")
    return sorted(items, key=lambda item: item.published_at or _NEVER, reverse=True)


def _items(
    config: SourceConfig, url: str, since: date | None, fetch: Fetch, problems: list[SourceError]
) -> Iterator[Item]:
    """Yield the items of a feed, or of those sitemaps of an index that changed since a date."""
    items = read_items(fetch(config, url).content, url)
    yield from (item for item in items if not item.index)
    parts = [item for item in items if item.index and _may_hold(item, since, None)]
    parts.sort(key=lambda item: item.published_at or _NEVER, reverse=True)
    links = dict.fromkeys(part.link for part in parts)
    for link in list(links)[:MOST_SITEMAPS]:
        try:
            yield from read_items(fetch(config, link).content, link)
        except SourceError as error:
            problems.append(error)
    if len(links) > MOST_SITEMAPS:
        said = f"of {len(links)} parts only the latest {MOST_SITEMAPS} are asked"
        problems.append(NotThePage(f"{shown(url)}: {said}"))


def _matches(config: SourceConfig, item: Item) -> bool:
    return config.title is None or bool(re.search(config.title, item.title or item.link))


def _may_hold(item: Item, since: date | None, until: date | None) -> bool:
    if item.published_at is None:
        return True
    return within(kyiv_date(item.published_at), since, until and some_days_after(until))


def _named(item: Item) -> str:
    when = f" of {kyiv_date(item.published_at)}" if item.published_at else ""
    return f"{shown(item.title or item.link)!r}{when}"
