"""The `telegram` source: the web preview of a public channel, some 20 posts a page, no login.

A "?q=TEXT" in its address searches the channel: the pages then hold bulletins and little else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flows.errors import NotThePage, WrongDay
from flows.redact import shown
from flows.settings import SourceConfig, kyiv_date
from flows.sources.base import (
    DocumentReader,
    Fetch,
    Found,
    address_of,
    is_final,
    ready_with_url,
    unknown_number,
    within,
)
from schemas.records import WAR_START, Bulletin, Document

MOST_PAGES = 1_000
"""More pages than a search for the bulletins of the whole war has."""

_POST_NUMBER = re.compile(rb"""data-post=["'][^"'/]{1,64}/(\d{1,12})["']""")
"""The name of a post, data-post="CHANNEL/NUMBER": the page before it is asked for by the number."""

state = ready_with_url
expected = unknown_number


@dataclass(frozen=True, slots=True)
class _Posts:
    """A page of a channel: the lowest number and the earliest day of its posts, and its bulletins.

    `days` are the report dates, or the days of publication of bulletins that cannot be read. Of a
    page that cannot be taken apart no day is known: `earliest` is None.
    """

    document: Document
    lowest: int
    earliest: date | None
    days: tuple[date, ...]


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the pages that hold a bulletin of the range, the latest first; see `base.Kind.find`.

    It goes back from the latest page until one is older than the range, or than the war.
    """
    url = address_of(config)
    seen: set[date] = set()
    for posts in _pages(config, url, fetch, reader):
        seen |= set(posts.days)
        if posts.earliest is None or any(within(day, since, until) for day in posts.days):
            yield posts.document
        if posts.earliest and posts.earliest < max(since or WAR_START, WAR_START):
            break
    if not any(within(day, since, until) for day in seen):
        latest = f"the latest bulletin is that of {max(seen)}" if seen else "no post is a bulletin"
        raise WrongDay(f"{shown(url)}: {latest}")


def _pages(
    config: SourceConfig, url: str, fetch: Fetch, reader: DocumentReader
) -> Iterator[_Posts]:
    """Yield the pages from the latest post back. Raises NotThePage where the first has no post."""
    page = fetch(config, url)
    now, posts = page.fetched_at, _read(page.document(config.name), reader)
    if posts is None:
        raise NotThePage(f"{shown(url)}: no posts of a channel stand on the page")
    for _ in range(MOST_PAGES):
        yield posts
        final = posts.earliest is not None and is_final(posts.earliest, now)
        page = fetch(config, _before(url, posts.lowest), final=final)
        older = _read(page.document(config.name), reader)
        if older is None or older.lowest >= posts.lowest:
            return
        posts = older


def _read(document: Document, reader: DocumentReader) -> _Posts | None:
    """Return what a page of posts says; None for a page without any that names its time."""
    numbers = [int(digits) for digits in _POST_NUMBER.findall(document.content)]
    if not numbers:
        return None
    try:
        parts = reader.contents(document).parts
    except NotThePage:
        return _Posts(document, min(numbers), None, ())
    times = [part.published_at for part in parts if part.published_at]
    if not times:
        return None
    days = (_day(bulletin) for bulletin in reader.read_all(document))
    return _Posts(
        document=document,
        lowest=min(numbers),
        earliest=kyiv_date(min(times)),
        days=tuple(day for day in days if day),
    )


def _day(bulletin: Bulletin) -> date | None:
    """Return the report date, or else the day on which what cannot be read was published."""
    if bulletin.report_date or not bulletin.published_at:
        return bulletin.report_date
    return kyiv_date(bulletin.published_at)


def _before(url: str, post: int) -> str:
    """Return the address of the posts before one."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query), ("before", str(post))])
    return urlunsplit(parts._replace(query=query))
