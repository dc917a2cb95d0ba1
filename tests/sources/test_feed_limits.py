"""A feed that asks for too much: each address once, so many items, and what is odd costs itself."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from flows.errors import SourceError, WrongDay
from flows.fetch import blocked_page
from flows.fetch.fetcher import Fetched
from flows.parse.reader import DocumentReader
from flows.settings import SourceConfig
from flows.sources import feed
from schemas.records import Document
from tests.fetching import fetcher
from tests.webserver import Site, page, running

DAY = date(2023, 10, 9)
BULLETIN = (
    b"<p>Day 593, October 9, 2023: tanks 4,823 (+2), aircraft 315 (+0), MLRS 808 (+1)</p>"
    b"<p>This is what our desk has read of it this morning.</p>"
)
OTHER = b"<p>" + b"The council met again and the market opened late. " * 9


@pytest.fixture
def outlet() -> Iterator[Site]:
    with running() as site:
        yield site


def item(link: str, when: str = "Mon, 09 Oct 2023 09:00:00 +0300") -> str:
    return f"<item><title>t</title><link>{link}</link><pubDate>{when}</pubDate></item>"


def find(site: Site, items: str) -> tuple[list[object], Counter[str]]:
    content = f"<rss><channel>{items}</channel></rss>".encode()
    config = SourceConfig(
        "feed",
        "feed",
        url=site.serve("/feed", page(content, content_type="text/xml")),
        retry_delays=(),
        interval=0,
    )
    found: list[object] = []
    with fetcher() as fetch:
        try:
            found += feed.find(config, DAY, DAY, fetch, DocumentReader())
        except SourceError as error:
            found.append(error)
    return found, Counter(path for path, _ in site.requests)


def test_an_address_is_asked_once(outlet: Site) -> None:
    outlet.serve("/a", page(BULLETIN))
    found, asked = find(outlet, item("/a") * 50)
    assert asked["/a"] == 1
    assert [type(one) for one in found] == [Document]


def test_an_item_of_the_year_9999_costs_itself(outlet: Site) -> None:
    outlet.serve("/a", page(BULLETIN))
    outlet.serve("/odd", page(OTHER))
    odd = [item("/odd", when) for when in ("Fri, 31 Dec 9999 23:59:59 -1200", "0001-01-01")]
    found, _ = find(outlet, item("/a") + "".join(odd))
    assert [type(one) for one in found] == [Document]


def test_so_many_items_are_asked_and_it_is_said(
    outlet: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_ITEMS", 3)
    for n in range(5):
        outlet.serve(f"/{n}", page(OTHER))
    found, asked = find(outlet, "".join(item(f"/{n}") for n in range(5)))
    assert sum(asked[f"/{n}"] for n in range(5)) == 3
    assert any("of 5 items only the latest 3 are asked" in str(one) for one in found)
    assert isinstance(found[-1], WrongDay)


def test_a_part_of_a_sitemap_that_is_down_costs_itself(outlet: Site) -> None:
    outlet.serve("/a", page(BULLETIN))
    part = f"<urlset><url><loc>{outlet.address}/a</loc><lastmod>2023-10-09</lastmod></url></urlset>"
    outlet.serve("/part", page(part.encode(), content_type="text/xml"))
    outlet.serve("/down", page(b"", status=500))
    addresses = (outlet.address + path for path in ("/down", "/part"))
    parts = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in addresses)
    index = page(f"<sitemapindex>{parts}</sitemapindex>".encode(), content_type="text/xml")
    config = SourceConfig(
        "feed",
        "feed",
        url=outlet.serve("/index", index),
        retry_delays=(),
        interval=0,
    )
    with fetcher() as fetch:
        found = list(feed.find(config, DAY, DAY, fetch, DocumentReader()))
    assert [type(one).__name__ for one in found] == ["Document", "Unreachable"]


def test_a_page_that_is_a_mistake_of_ours_costs_itself(
    outlet: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = blocked_page.what_instead

    def mistaken(content: bytes, *rest: object) -> str | None:
        if b"Odd" in content:
            raise ZeroDivisionError
        return real(content, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("flows.fetch.fetcher.what_instead", mistaken)
    outlet.serve("/a", page(BULLETIN))
    outlet.serve("/odd", page(b"<p>Odd" + OTHER))
    found, _ = find(outlet, item("/odd") + item("/a"))
    assert [getattr(one, "outcome", "document") for one in found] == [
        "unexpected_error",
        "document",
    ]
    assert not isinstance(found[1], Fetched)
