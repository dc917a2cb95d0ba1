"""Fetching from a server that misbehaves in every way we know, and the error each way gives."""

import gzip
import socket
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from flows.errors import (
    NotPublishedYet,
    NotThePage,
    RateLimited,
    Refused,
    SourceError,
    TooLarge,
    Unreachable,
    UsageError,
)
from flows.extract.prefilter import may_hold_bulletin
from flows.fetch.fetcher import Fetched, Fetcher
from flows.settings import SourceConfig
from tests.fetching import fetch, fetcher, what_instead
from tests.webserver import Answer, Held, Site, drip, hang_up, page, redirect, running, silence

CONFIG = SourceConfig("article", "article", connect_timeout=2, read_timeout=2, deadline=10)
ARTICLE = (
    b"<html><body><p>" + b"An article with enough words to be one. " * 10 + b"</p></body></html>"
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running() as started:
        yield started


def test_a_page_comes_decoded_with_its_media_type_and_a_polite_introduction(site: Site) -> None:
    packed = page(gzip.compress(ARTICLE), headers={"Content-Encoding": "gzip"})
    fetched = fetch(CONFIG, site.serve("/packed", packed))
    assert fetched.content == ARTICLE
    assert fetched.media_type == "text/html; charset=utf-8"
    path, headers = site.requests[-1]
    assert path == "/packed"
    assert headers["User-Agent"].startswith("Tallybook/")
    assert "no contact configured" in headers["User-Agent"]


def test_the_contact_is_configurable(site: Site) -> None:
    url = site.serve("/contact", page(ARTICLE))
    with Fetcher(may_hold_bulletin=may_hold_bulletin, contact="desk@newsroom.example") as named:
        named(CONFIG, url)
    assert "desk@newsroom.example" in site.requests[-1][1]["User-Agent"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/xhtml+xml", "TEXT/HTML", None])
def test_readable_types_are_taken(site: Site, content_type: str | None) -> None:
    url = site.serve("/types", page(ARTICLE, content_type=content_type))
    assert fetch(CONFIG, url).content == ARTICLE


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "font/woff2"])
def test_other_types_are_not_the_page(site: Site, content_type: str) -> None:
    url = site.serve("/types", page(ARTICLE, content_type=content_type))
    with pytest.raises(NotThePage, match=content_type.replace("+", r"\+")):
        fetch(CONFIG, url)


@pytest.mark.parametrize(
    ("status", "dated", "error"),
    [
        (404, True, NotPublishedYet),
        (410, True, NotPublishedYet),
        (404, False, NotThePage),
        (204, True, NotThePage),
        (304, False, NotThePage),
        (400, True, NotThePage),
        (401, True, Refused),
        (403, True, Refused),
        (407, True, Refused),
        (451, True, Refused),
        (429, True, RateLimited),
        (500, True, Unreachable),
        (503, False, Unreachable),
    ],
)
def test_each_status_has_its_error(
    site: Site, status: int, dated: bool, error: type[SourceError]
) -> None:
    url = site.serve(f"/status/{status}", page(b"", status=status))
    with pytest.raises(SourceError, match=str(status)) as raised:
        fetch(CONFIG, url, dated=dated)
    assert raised.type is error


def test_only_errors_that_may_pass_are_worth_retrying() -> None:
    errors = (NotPublishedYet, NotThePage, Refused, TooLarge, Unreachable, RateLimited)
    assert [error for error in errors if error.worth_retrying] == [Unreachable, RateLimited]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hang_up, id="hangs up"),
        pytest.param(page(ARTICLE, claimed_length=len(ARTICLE) + 10), id="truncated"),
        pytest.param(
            page(gzip.compress(ARTICLE)[:-12], headers={"Content-Encoding": "gzip"}),
            id="truncated gzip",
        ),
        pytest.param(
            page(ARTICLE, headers={"Content-Encoding": "gzip"}),
            id="gzip that is none",
        ),
    ],
)
def test_a_broken_answer_is_unreachable(site: Site, answer: Answer) -> None:
    with pytest.raises(Unreachable):
        fetch(CONFIG, site.serve("/broken", answer))


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Unreachable, match=str(port)):
            fetch(CONFIG, f"http://127.0.0.1:{port}/")


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(Unreachable, match=r"no-such-host\.invalid"):
        fetch(CONFIG, "http://no-such-host.invalid/")


def test_a_server_without_tls_is_unreachable_over_https(site: Site) -> None:
    with pytest.raises(Unreachable):
        fetch(CONFIG, site.address.replace("http://", "https://"))


@pytest.mark.parametrize(
    ("answer", "config"),
    [
        pytest.param(silence, replace(CONFIG, read_timeout=0.2), id="says nothing"),
        pytest.param(drip(), replace(CONFIG, deadline=0.5), id="drips headers"),
        pytest.param(
            drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"),
            replace(CONFIG, deadline=0.5),
            id="drips a body",
        ),
    ],
)
def test_a_slow_server_ends_at_the_time_limit(
    site: Site, answer: Answer, config: SourceConfig
) -> None:
    started = time.monotonic()
    with pytest.raises(Unreachable):
        fetch(config, site.serve("/slow", answer))
    assert time.monotonic() - started < 5


def fetch_up_to(cap: int, url: str) -> Fetched:
    with fetcher(cap=cap) as capped:
        return capped(CONFIG, url)


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_what_is_too_large_stops_at_the_cap(site: Site, headers: dict[str, str]) -> None:
    content = b"a" * 50_000_000 if headers else b"a" * 3_000_000
    body = gzip.compress(content) if headers else content
    url = site.serve("/bomb", page(body, headers=headers))
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="1 MB"):
            fetch_up_to(2**20, url)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_page_of_exactly_the_cap_is_taken(site: Site) -> None:
    packed = page(gzip.compress(ARTICLE), headers={"Content-Encoding": "gzip"})
    url = site.serve("/exact", packed)
    assert fetch_up_to(len(ARTICLE), url).content == ARTICLE
    with pytest.raises(TooLarge):
        fetch_up_to(len(ARTICLE) - 1, url)


def test_an_encoding_that_was_not_asked_for(site: Site) -> None:
    url = site.serve("/brotli", page(ARTICLE, headers={"Content-Encoding": "br"}))
    with pytest.raises(NotThePage, match="br"):
        fetch(CONFIG, url)


def test_redirects_are_followed_and_limited(site: Site) -> None:
    site.serve("/target", page(ARTICLE))
    assert fetch(CONFIG, site.serve("/moved", redirect("/target"))).content == ARTICLE
    with pytest.raises(NotThePage, match="more than 5 times"):
        fetch(CONFIG, site.serve("/loop", redirect("/loop")))


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/a", "file:///etc/hosts", "https://", "http://[bad/"]
)
def test_a_redirect_to_what_is_no_web_address(site: Site, target: str) -> None:
    with pytest.raises(NotThePage, match="redirects to"):
        fetch(CONFIG, site.serve("/away", redirect(target)))


@pytest.mark.parametrize("url", ["ftp://host/a", "file:///etc/hosts", "host/a", "http://", ""])
def test_only_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises(UsageError, match="not an address"):
        fetch(CONFIG, url)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html><script>" + b"x" * 5000 + b"</script><div id=app></div>", id="shell"),
        pytest.param(b"<html><style>" + b"x" * 5000, id="unclosed style"),
        pytest.param(b"<p>Just a moment... " + b"We are checking your browser. " * 9, id="wait"),
        pytest.param(b"<p>Please solve the CAPTCHA to go on." + b" Thank you." * 30, id="captcha"),
    ],
)
def test_an_empty_shell_or_a_challenge_is_not_the_page(site: Site, content: bytes) -> None:
    with pytest.raises(NotThePage, match=r"an empty page|a bot challenge"):
        fetch(CONFIG, site.serve("/shell", page(content)))


def test_a_long_article_that_speaks_of_captchas_is_an_article() -> None:
    assert what_instead(b"<p>" + b"A story about captchas and their makers. " * 60) is None


def test_a_slow_source_delays_no_other(site: Site) -> None:
    """Each has a connection of its own; the slow one is answered after the other."""
    answer = Held(page(ARTICLE))
    slow, quick = site.serve("/held", answer), site.serve("/quick", page(ARTICLE))
    with ThreadPoolExecutor(1) as threads, fetcher() as fetch:
        waiting = threads.submit(
            fetch, replace(CONFIG, name="slow", read_timeout=30, retry_delays=()), slow
        )
        assert answer.asked.wait(30)
        assert fetch(replace(CONFIG, name="quick"), quick).content == ARTICLE
        assert not waiting.done()
        answer.go_on.set()
        assert waiting.result().content == ARTICLE


def test_one_source_may_fetch_from_several_threads(site: Site) -> None:
    urls = [site.serve(f"/thread/{n}", page(ARTICLE + b"%d" % n)) for n in range(12)]
    with ThreadPoolExecutor(4) as threads, fetcher() as fetch:
        pages = list(threads.map(lambda url: fetch(CONFIG, url), urls))
    assert [page.url for page in pages] == urls
    assert [page.content for page in pages] == [ARTICLE + b"%d" % n for n in range(12)]
