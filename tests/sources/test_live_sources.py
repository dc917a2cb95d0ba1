"""The sources on the web, each against a server on loopback that has pages of its shape."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.errors import NotPublishedYet, NotThePage, SourceError, Unreachable, UsageError, WrongDay
from flows.extract.multi_day import Contents
from flows.fetch.fetcher import Fetched
from flows.parse.reader import DocumentReader
from flows.settings import SourceConfig
from flows.sources import KINDS, feed_xml, kind_of
from flows.sources.feed_xml import read_items
from schemas.records import Bulletin, Document
from tests import outlets, render
from tests.fetching import fetcher
from tests.reference import Figures, Printed
from tests.webserver import Site, page

DAY = date(2023, 10, 9)
MORNING = datetime(2023, 10, 9, 5, 0, tzinfo=UTC)
FIGURES: Figures = {
    "tanks": Printed(4823, 2),
    "armored_vehicles": Printed(9126, 3),
    "mlrs": Printed(808, 0),
    "personnel": Printed(282630, 350),
}
JSON = "application/json"


class Asked:
    """The fetcher of a test; it notes each request and whether its page was called final."""

    def __init__(self) -> None:
        self.final: dict[str, bool] = {}
        self._fetch = fetcher()

    def __call__(
        self, config: SourceConfig, url: str, *, dated: bool = False, final: bool = False
    ) -> Fetched:
        self.final[url] = final
        return self._fetch(config, url, dated=dated, final=final)


@pytest.fixture
def asked() -> Iterator[Asked]:
    asked = Asked()
    with asked._fetch:
        yield asked


def source(kind: str, url: str, title: str | None = None) -> SourceConfig:
    return SourceConfig(kind, kind, url=url, title=title, retry_delays=(), robots=False)


def find(
    config: SourceConfig, asked: Asked, since: date | None, until: date | None
) -> list[Document | SourceError]:
    return list(kind_of(config).find(config, since, until, asked, DocumentReader()))


def paths(site: Site) -> list[str]:
    return [path for path, _ in site.requests]


def urls(site: Site, found: list[Document | SourceError]) -> list[str]:
    return [f.url.removeprefix(site.address) for f in found if isinstance(f, Document)]


# minfin


def month(year: int, number: int, days: int = 28) -> bytes:
    return outlets.month_page({date(year, number, n): FIGURES for n in range(1, days + 1)})


@pytest.fixture
def index(site: Site) -> SourceConfig:
    """An index portal whose current month is October 2023."""
    site.serve("/losses/", page(month(2023, 10, 9)))
    for number in (7, 8, 9):
        site.serve(f"/losses/2023-0{number}/", page(month(2023, number)))
    return source("minfin", site.address + "/losses/{year}-{month}/")


def test_a_day_of_the_current_month_takes_one_request(
    site: Site, index: SourceConfig, asked: Asked
) -> None:
    assert urls(site, find(index, asked, DAY, DAY)) == ["/losses/"]
    assert paths(site) == ["/losses/"]


def test_a_range_takes_one_request_a_month_and_closed_months_are_final(
    site: Site, index: SourceConfig, asked: Asked
) -> None:
    found = find(index, asked, date(2023, 7, 15), None)
    assert urls(site, found) == [
        "/losses/",
        "/losses/2023-09/",
        "/losses/2023-08/",
        "/losses/2023-07/",
    ]
    assert len(site.requests) == 4
    assert list(asked.final.values()) == [False, True, True, True]


def test_an_older_range_leaves_the_current_month_out(
    site: Site, index: SourceConfig, asked: Asked
) -> None:
    day = date(2023, 8, 5)
    assert urls(site, find(index, asked, day, day)) == ["/losses/2023-08/"]


def test_a_month_that_is_missing_does_not_stop_the_others(
    site: Site, index: SourceConfig, asked: Asked
) -> None:
    site.serve("/losses/2023-08/", page(b"broken", status=500))
    found = find(index, asked, date(2023, 7, 1), date(2023, 9, 30))
    assert [type(item) for item in found] == [Document, Unreachable, Document]


def test_the_day_is_not_out_yet(index: SourceConfig, asked: Asked) -> None:
    with pytest.raises(WrongDay, match="the latest bulletin is that of 2023-10-09"):
        find(index, asked, date(2023, 10, 10), date(2023, 10, 10))


def test_a_page_that_holds_no_day_is_taken_to_be_refused_with_the_reason(
    site: Site, index: SourceConfig, asked: Asked
) -> None:
    site.serve("/losses/", page(b"<html><body>" + b"<p>We have moved elsewhere.</p>" * 20))
    assert urls(site, find(index, asked, DAY, DAY)) == ["/losses/"]


def test_an_address_without_the_month(asked: Asked) -> None:
    with pytest.raises(UsageError, match=r"needs \{year\} and \{month\}"):
        find(source("minfin", "https://outlet.example/"), asked, DAY, DAY)


# warship_api


@pytest.fixture
def api(site: Site) -> SourceConfig:
    """An API that knows every day from 2023-07-01 to 2023-10-09."""
    days = [date(2023, 7, 1) + timedelta(n) for n in range(101)]
    records = {day: outlets.api_record(day, FIGURES) for day in days}
    for day, record in records.items():
        site.serve(f"/s/{day}", page(outlets.api_answer(record), content_type=JSON))
    site.serve("/s/latest", page(outlets.api_answer(records[DAY]), content_type=JSON))
    for start in (date(2022, 2, 24) + timedelta(50 * n) for n in range(20)):
        end = start + timedelta(49)
        inside = [record for day, record in records.items() if start <= day <= end]
        site.serve(
            f"/s?offset=0&limit=50&date_from={start}&date_to={end}",
            page(outlets.api_answer(inside), content_type=JSON),
        )
    return source("warship_api", site.address + "/s")


def test_a_day_of_the_api(site: Site, api: SourceConfig, asked: Asked) -> None:
    assert urls(site, find(api, asked, DAY, DAY)) == ["/s/2023-10-09"]
    with pytest.raises(NotPublishedYet):
        find(api, asked, date(2023, 10, 10), date(2023, 10, 10))


def test_a_day_of_the_api_that_is_another(site: Site, api: SourceConfig, asked: Asked) -> None:
    record = outlets.api_record(DAY, FIGURES)
    site.serve("/s/2023-10-10", page(outlets.api_answer(record), content_type=JSON))
    with pytest.raises(WrongDay, match="2023-10-09"):
        find(api, asked, date(2023, 10, 10), date(2023, 10, 10))


def test_a_range_of_the_api_is_asked_in_lists_of_fifty_days_whose_addresses_stay(
    site: Site, api: SourceConfig, asked: Asked
) -> None:
    lists = urls(site, find(api, asked, date(2023, 7, 20), None))
    assert [url[-32:] for url in lists] == [
        "from=2023-09-07&date_to=2023-10-26",
        "from=2023-07-19&date_to=2023-09-06",
    ] or len(lists) == 2
    again = urls(site, find(api, asked, date(2023, 8, 1), date(2023, 9, 30)))
    assert set(again) <= set(lists)
    assert all("limit=50" in url for url in lists)


# telegram


@pytest.fixture
def channel(site: Site) -> SourceConfig:
    """A channel of three pages, two days a page, the latest 2023-10-09; other posts among them."""
    for start, path in ((50, "/s/c"), (30, "/s/c?before=50"), (10, "/s/c?before=30")):
        posts = []
        for n in range(4):
            moment = MORNING - timedelta(hours=12 * ((50 - start) // 5 + 3 - n))
            day = moment.date()
            text = outlets.post_text(day, FIGURES) if n % 2 else "Збито 7 дронів за 3 години."
            posts.append((start + n, moment, text))
        site.serve(path, page(outlets.channel_page("c", posts)))
    return source("telegram", site.address + "/s/c")


def test_a_day_on_the_latest_page_of_a_channel(
    site: Site, channel: SourceConfig, asked: Asked
) -> None:
    assert urls(site, find(channel, asked, DAY, DAY)) == ["/s/c"]


def test_a_range_goes_back_from_page_to_page(
    site: Site, channel: SourceConfig, asked: Asked
) -> None:
    found = find(channel, asked, date(2023, 10, 5), None)
    assert urls(site, found) == ["/s/c", "/s/c?before=50", "/s/c?before=30"]
    assert paths(site) == ["/s/c", "/s/c?before=50", "/s/c?before=30"]
    assert asked.final[site.address + "/s/c?before=30"]
    assert not asked.final[site.address + "/s/c"]


def test_a_page_that_breaks_off_the_way_back_is_named_after_what_was_found(
    site: Site, channel: SourceConfig, asked: Asked
) -> None:
    found = kind_of(channel).find(channel, date(2023, 10, 1), None, asked, DocumentReader())
    for _ in range(3):
        assert isinstance(next(found), Document)
    with pytest.raises(NotThePage, match="404"):
        next(found)


def test_a_search_is_kept_while_going_back(site: Site, asked: Asked) -> None:
    posts = [(7, MORNING, outlets.post_text(DAY, FIGURES))]
    site.serve("/s/c?q=%D0%B0+b", page(outlets.channel_page("c", posts)))
    site.serve("/s/c?q=%D0%B0+b&before=7", page(outlets.channel_page("c", posts)))
    found = find(source("telegram", site.address + "/s/c?q=%D0%B0+b"), asked, None, None)
    assert len(found) == 1
    assert paths(site) == ["/s/c?q=%D0%B0+b", "/s/c?q=%D0%B0+b&before=7"]


def test_a_channel_whose_latest_bulletin_is_yesterday_s(
    channel: SourceConfig, asked: Asked
) -> None:
    with pytest.raises(WrongDay, match="the latest bulletin is that of 2023-10-09"):
        find(channel, asked, date(2023, 10, 10), date(2023, 10, 10))


def test_a_page_that_is_no_channel(site: Site, asked: Asked) -> None:
    url = site.serve("/s/x", page(b"<p>Contact this user to start messaging.</p>" * 9))
    with pytest.raises(NotThePage, match="no posts of a channel"):
        find(source("telegram", url), asked, DAY, DAY)


# community


@pytest.fixture
def community(site: Site) -> SourceConfig:
    equipment = b'[{"date": "2023-10-08", "day": 592, "tank": 4821, "APC": 9123, "MRL": 808},'
    equipment += b' {"date": "2023-10-09", "day": 593, "tank": 4823, "APC": 9126, "MRL": 808}]'
    personnel = b'[{"date": "2023-10-08", "day": 592, "personnel": 282280, "personnel*": "about"},'
    personnel += b' {"date": "2023-10-09", "day": 593, "personnel": 282630, "personnel*": "about"}]'
    site.serve("/equipment.json", page(equipment, content_type="text/plain; charset=utf-8"))
    site.serve("/personnel.json", page(personnel, content_type="text/plain; charset=utf-8"))
    return source("community", site.address + "/{part}.json")


def test_the_two_files_of_the_community(site: Site, community: SourceConfig, asked: Asked) -> None:
    assert urls(site, find(community, asked, DAY, DAY)) == ["/equipment.json", "/personnel.json"]
    found = find(community, asked, date(2023, 10, 10), date(2023, 10, 10))
    assert [type(item) for item in found] == [WrongDay, WrongDay]


# feed


def article(day: date) -> bytes:
    return render.render("list", day, FIGURES, render.Style(markup="ul")).encode()


@pytest.fixture
def outlet(site: Site) -> SourceConfig:
    """An outlet whose feed has a bulletin a day up to 2023-10-09, and other stories."""
    items: list[tuple[str, str, datetime | None]] = []
    for n in range(5):
        day = DAY - timedelta(n)
        url = site.serve(f"/articles/{593 - n}?a=1&b=2", page(article(day)))
        items.append((f"Day {593 - n} of the war", url, MORNING - timedelta(n)))
        items.append((f"Harvest news {n}", f"{site.address}/harvest/{n}", MORNING - timedelta(n)))
    site.serve("/feed", page(outlets.feed(items), content_type="application/rss+xml"))
    return source("feed", site.address + "/feed", title=r"^Day \d+ of")


def test_the_day_s_article_is_found_in_the_feed(
    site: Site, outlet: SourceConfig, asked: Asked
) -> None:
    (document,) = find(outlet, asked, DAY, DAY)
    assert isinstance(document, Document)
    assert urls(site, [document]) == ["/articles/593?a=1&b=2"]
    assert document.published_on == DAY
    assert paths(site) == ["/feed", "/articles/593?a=1&b=2"]


def test_a_range_of_days_of_a_feed(site: Site, outlet: SourceConfig, asked: Asked) -> None:
    found = find(outlet, asked, date(2023, 10, 6), date(2023, 10, 7))
    assert urls(site, found) == ["/articles/591?a=1&b=2", "/articles/590?a=1&b=2"]


def test_the_latest_item_of_a_feed_is_yesterday_s(outlet: SourceConfig, asked: Asked) -> None:
    with pytest.raises(WrongDay, match="the latest item is 'Day 593 of the war' of 2023-10-09"):
        find(outlet, asked, date(2023, 10, 10), date(2023, 10, 10))


def test_a_feed_without_the_title_says_so(site: Site, outlet: SourceConfig, asked: Asked) -> None:
    other = source("feed", str(outlet.url), title="Tag \\d+")
    with pytest.raises(NotThePage, match="none of its items has a title like"):
        find(other, asked, DAY, DAY)


def test_an_article_that_cannot_be_had_does_not_stop_the_others(
    site: Site, outlet: SourceConfig, asked: Asked
) -> None:
    site.serve("/articles/592?a=1&b=2", page(b"", status=503))
    found = find(outlet, asked, date(2023, 10, 8), DAY)
    assert [type(item) for item in found] == [Document, Unreachable]


def test_an_article_that_cannot_be_read_is_kept_for_the_record(
    site: Site, outlet: SourceConfig, asked: Asked
) -> None:
    site.serve("/articles/593?a=1&b=2", page(b"<p>The day passed without any figures.</p>" * 9))
    found = kind_of(outlet).find(outlet, DAY, DAY, asked, DocumentReader())
    assert urls(site, [next(found)]) == ["/articles/593?a=1&b=2"]
    with pytest.raises(WrongDay):
        next(found)


def test_a_sitemap_and_its_index(site: Site, asked: Asked) -> None:
    head = '<?xml version="1.0"?><{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    story = f"{site.address}/day-593"
    maps = "".join(
        f"<sitemap><loc>{site.address}/map-{n}.xml</loc><lastmod>2023-{n:02}-28</lastmod></sitemap>"
        for n in range(1, 11)
    )
    index = head.format("sitemapindex") + maps + "</sitemapindex>"
    urlset = f"<url><loc>{story}</loc><lastmod>2023-10-09T05:00:00Z</lastmod></url>"
    site.serve("/index.xml", page(index.encode(), content_type="application/xml"))
    whole = (head.format("urlset") + urlset + "</urlset>" + " " * 200).encode()
    site.serve("/map-10.xml", page(whole, content_type="text/xml"))
    site.serve("/day-593", page(article(DAY)))
    found = find(source("feed", site.address + "/index.xml", title="day-\\d+"), asked, DAY, DAY)
    assert urls(site, found) == ["/day-593"]
    assert paths(site) == ["/index.xml", "/map-10.xml", "/day-593"]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><rss><channel><item><title>&i;</title><link>/x</link></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (BOMB, "declares entities"),
        (
            '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
            "<rss><item><title>&f;</title><link>/x</link></item></rss>",
            "declares entities",
        ),
        ("<rss>" + "<a>" * 100, "nested too deeply"),
        ("<rss><item>", "no element found"),
        ("<rss>&nbsp;</rss>", "undefined entity"),
        ("", "no element found"),
        ('<?xml version="1.0" encoding="no-such"?><rss></rss>', "unknown encoding"),
        ('<?xml version="1.0" encoding="shift_jis"?><rss></rss>', "multi-byte encodings"),
    ],
)
def test_a_hostile_or_broken_feed_is_refused(content: str, complaint: str) -> None:
    with pytest.raises(NotThePage, match=complaint):
        read_items(content.encode(), "https://outlet.example/feed")


@pytest.mark.parametrize("mistake", [KeyError("x"), ValueError("x"), IndexError("x")])
def test_a_mistake_in_reading_a_feed_is_not_taken_for_a_broken_feed(
    mistake: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> None:
        raise mistake

    monkeypatch.setattr(feed_xml, "_moment", broken)
    feed = "<rss><item><link>/593</link><pubDate>today</pubDate></item></rss>"
    with pytest.raises(type(mistake)):
        read_items(feed.encode(), "https://outlet.example/feed")


@pytest.mark.parametrize(
    "feed",
    [
        '<rdf:RDF xmlns:rdf="r" xmlns="p" xmlns:dc="d"><channel><title>Outlet</title></channel>'
        "<item><title> Day\n593</title><link>/593</link>"
        "<dc:date>2023-10-09T05:00:00+00:00</dc:date></item></rdf:RDF>",
        '<!DOCTYPE rss PUBLIC "-//n//DTD 0.91//EN" "http://n.example/rss.dtd"><rss><channel><item>'
        "<title><![CDATA[Day 593]]></title><link>/593</link>"
        "<pubDate>Mon, 09 Oct 2023 08:00:00 +0300</pubDate></item></channel></rss>",
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">Day 593</title>'
        '<id>tag:1</id><link rel="self" href="/self"/><link href="/593"/>'
        "<published>2023-10-09T05:00:00Z</published><updated>2023-11-01T00:00:00Z</updated></entry>"
        "</feed>",
        '<urlset xmlns="s" xmlns:news="n"><url><loc>https://outlet.example/593</loc><news:news>'
        "<news:publication_date>2023-10-09T05:00:00Z</news:publication_date>"
        "<news:title>Day 593</news:title></news:news></url></urlset>",
    ],
    ids=["rdf", "rss", "atom", "news sitemap"],
)
def test_every_shape_of_feed_is_read(feed: str) -> None:
    (item,) = read_items(feed.encode(), "https://outlet.example/feed")
    assert (item.title, item.link) == ("Day 593", "https://outlet.example/593")
    assert item.published_at == MORNING


def test_links_that_are_no_web_addresses_are_left_out() -> None:
    links = ("javascript:alert(1)", "file:///etc/passwd", "http://[::1", "https://ok.example/")
    feed = "".join(f"<item><title>x</title><link>{link}</link></item>" for link in links)
    found = read_items(f"<rss>{feed}</rss>".encode(), "https://outlet.example/")
    assert [item.link for item in found] == ["https://ok.example/"]


# all of them


def test_a_progress_bar_knows_how_many_documents_to_expect(
    index: SourceConfig, api: SourceConfig, community: SourceConfig, asked: Asked
) -> None:
    first = date(2023, 7, 20)
    for config in (index, api, community):
        found = find(config, asked, first, None)
        assert kind_of(config).expected(config, first, DAY) == len(found), config.kind
    assert KINDS["minfin"].expected(index, None, date(2026, 6, 30)) == 53
    assert KINDS["feed"].expected(index, first, DAY) is None


@pytest.mark.parametrize("kind", ["feed", "minfin", "warship_api", "telegram", "community"])
def test_a_source_needs_an_address(asked: Asked, kind: str) -> None:
    with pytest.raises(UsageError, match="needs a url"):
        find(SourceConfig(kind, kind), asked, DAY, DAY)
    assert KINDS[kind].state(SourceConfig(kind, kind)) == "needs a url in sources.toml"
    assert KINDS[kind].state(source(kind, "https://outlet.example/")) == "ready"


class BrokenReader(DocumentReader):
    """A reader with a mistake in it."""

    def contents(self, document: Document) -> Contents:
        raise OSError("a mistake")

    def read_all(self, document: Document) -> tuple[Bulletin, ...]:
        raise OSError("a mistake")

    def report_dates(self, document: Document) -> tuple[date, ...]:
        raise OSError("a mistake")


def test_no_source_takes_a_mistake_for_an_outcome(
    index: SourceConfig,
    api: SourceConfig,
    channel: SourceConfig,
    community: SourceConfig,
    outlet: SourceConfig,
    asked: Asked,
) -> None:
    """Whoever runs it has to see the error, to log where it happened."""
    for config in (index, api, channel, community, outlet):
        with pytest.raises(OSError, match="a mistake"):
            list(kind_of(config).find(config, DAY, DAY, asked, BrokenReader()))


@pytest.mark.parametrize("kind", ["feed", "minfin", "warship_api", "telegram", "community"])
def test_a_server_that_is_down_is_named(site: Site, asked: Asked, kind: str) -> None:
    config = source(kind, "http://127.0.0.1:9/{year}-{month}/")
    try:
        found = find(config, asked, DAY, DAY)
    except SourceError as error:
        found = [error]
    assert {type(item) for item in found} == {Unreachable}
