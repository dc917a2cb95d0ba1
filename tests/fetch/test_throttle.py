"""Politeness towards the hosts that are asked: robots.txt, time between requests, retries."""

import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from msgspec.structs import replace

from flows.errors import RateLimited, Refused, Unreachable
from flows.fetch.fetcher import Fetcher
from flows.fetch.responses import retry_after
from flows.settings import SourceConfig
from tests.fetching import fetcher
from tests.webserver import Held, Site, hang_up, page, redirect

CONFIG = SourceConfig("outlet", "article", retry_delays=(4, 8))
ARTICLE = page(b"<p>" + b"An article with enough words to be one. " * 10)
NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


@contextmanager
def fetching() -> Iterator[tuple[Fetcher, list[float]]]:
    """Give a fetcher that notes its waits instead of waiting; its clock moves by them alone."""
    waits: list[float] = []
    with fetcher(sleep=waits.append, clock=lambda: sum(waits)) as fetch:
        yield fetch, waits


def robots(site: Site, text: str, status: int = 200) -> None:
    site.serve("/robots.txt", page(text.encode(), status=status, content_type="text/plain"))


def test_robots_txt_is_asked_for_once_a_host_and_respected(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /private\nAllow: /private/open\n")
    with fetching() as (fetch, _):
        fetch(CONFIG, site.serve("/a", ARTICLE))
        fetch(CONFIG, site.serve("/private/open", ARTICLE))
        with pytest.raises(Refused, match=r"robots\.txt does not allow .*robots = false"):
            fetch(CONFIG, site.serve("/private/b", ARTICLE))
        assert [path for path, _ in site.requests] == ["/a", "/private/open"]
        assert site.robots_requests == 1
        fetch(replace(CONFIG, robots=False), site.address + "/private/b")


def test_rules_for_others_do_not_bind_us_and_rules_for_us_do(site: Site) -> None:
    robots(site, "User-agent: OtherBot\nDisallow: /\n\nUser-agent: tallybook\nDisallow: /a$\n")
    with fetching() as (fetch, _):
        fetch(CONFIG, site.serve("/ab", ARTICLE))
        with pytest.raises(Refused):
            fetch(CONFIG, site.serve("/a", ARTICLE))


def test_a_redirect_is_subject_to_robots_txt_too(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /hidden\n")
    site.serve("/hidden", ARTICLE)
    with fetching() as (fetch, _), pytest.raises(Refused, match="/hidden"):
        fetch(CONFIG, site.serve("/moved", redirect("/hidden")))


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_without_a_robots_txt_everything_is_allowed(site: Site, status: int) -> None:
    robots(site, "User-agent: *\nDisallow: /", status)
    with fetching() as (fetch, _):
        assert fetch(CONFIG, site.serve("/a", ARTICLE)).status == 200


def test_a_robots_txt_elsewhere_is_followed(site: Site) -> None:
    site.serve("/robots.txt", redirect("/rules.txt"))
    site.serve("/rules.txt", page(b"User-agent: *\nDisallow: /", content_type="text/plain"))
    with fetching() as (fetch, _), pytest.raises(Refused):
        fetch(CONFIG, site.serve("/a", ARTICLE))


def test_rules_that_cannot_be_had_are_not_taken_for_none(site: Site) -> None:
    url = site.serve("/a", ARTICLE)
    site.serve("/robots.txt", page(b"", status=503))
    with fetching() as (fetch, waits), pytest.raises(Unreachable, match=r"robots\.txt.*503"):
        fetch(CONFIG, url)
    assert len(waits) == 2
    assert not site.requests


def test_a_host_s_trouble_with_its_rules_can_pass(site: Site) -> None:
    url = site.serve("/a", ARTICLE)
    site.serve("/robots.txt", page(b"", status=503), page(b""))
    with fetching() as (fetch, waits):
        fetch(CONFIG, url)
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("rules", "interval", "expected"),
    [
        ("", 3.0, [3.0, 3.0]),
        ("User-agent: *\nCrawl-delay: 7", 3.0, [7.0, 7.0]),
        ("User-agent: *\nCrawl-delay: 86400", None, [30.0, 30.0]),
    ],
)
def test_there_is_time_between_two_requests_to_a_host(
    site: Site, rules: str, interval: float | None, expected: list[float]
) -> None:
    robots(site, rules)
    config = replace(CONFIG, interval=interval)
    with fetching() as (fetch, waits):
        fetch(config, site.serve("/a", ARTICLE))
        fetch(config, site.serve("/b", ARTICLE))
    assert waits == expected


def test_all_sources_share_the_time_between_two_requests_and_the_rules(site: Site) -> None:
    """A request of another source that is still under way counts from its beginning."""
    answer = Held(ARTICLE)
    slow, quick = replace(CONFIG, name="slow", interval=3), replace(CONFIG, name="b", interval=3)
    url = site.serve("/slow", answer)
    with ThreadPoolExecutor(1) as threads, fetching() as (fetch, waits):
        waiting = threads.submit(fetch, replace(slow, read_timeout=30, deadline=60), url)
        assert answer.asked.wait(30)
        assert waits == [3.0], "after robots.txt"
        fetch(quick, site.serve("/a", ARTICLE))
        assert waits == [3.0, 3.0]
        answer.go_on.set()
        waiting.result()
        fetch(quick, site.address + "/a")
        assert waits == [3.0, 3.0, 3.0]
    assert site.robots_requests == 1


def test_sources_that_start_together_ask_for_the_rules_once(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /private")
    starting = threading.Barrier(4)

    def secret(reference: str) -> str:
        starting.wait(30)
        return "sesame"

    url = site.serve("/a", ARTICLE)
    with ThreadPoolExecutor(4) as threads, fetcher(secret=secret, sleep=lambda _: None) as fetch:
        configs = [replace(CONFIG, name=name, token="env:X") for name in "abcd"]
        pages = list(threads.map(lambda config: fetch(config, url), configs))
    assert {page.status for page in pages} == {200}
    assert site.robots_requests == 1


def test_this_machine_is_not_waited_for(site: Site) -> None:
    with fetching() as (fetch, waits):
        fetch(CONFIG, site.serve("/a", ARTICLE))
        fetch(CONFIG, site.serve("/b", ARTICLE))
    assert waits == []


def test_waits_grow_and_are_not_the_same_twice(site: Site) -> None:
    site.serve("/down", page(b"", status=503))
    seen = []
    for _ in range(3):
        with fetching() as (fetch, waits), pytest.raises(Unreachable):
            fetch(CONFIG, site.address + "/down")
        first, second = waits
        assert 4 <= first <= 6
        assert 8 <= second <= 12
        seen.append(first)
    assert len(set(seen)) > 1
    assert len(site.requests) == 9


@pytest.mark.parametrize("failing", [hang_up, page(b"", status=500)], ids=["hangs up", "500"])
def test_what_passes_is_not_an_error(site: Site, failing: object) -> None:
    with fetching() as (fetch, waits):
        fetch(CONFIG, site.serve("/a", failing, failing, ARTICLE))  # type: ignore[arg-type]
    assert len(waits) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_when_to_come_back(site: Site, status: int) -> None:
    busy = page(b"", status=status, headers={"Retry-After": "37"})
    with fetching() as (fetch, waits):
        fetch(CONFIG, site.serve("/a", busy, ARTICLE))
    assert waits == [37.0]


def test_who_asks_for_a_longer_wait_is_left_alone(site: Site) -> None:
    busy = page(b"", status=429, headers={"Retry-After": str(int(CONFIG.deadline) + 1)})
    with fetching() as (fetch, waits), pytest.raises(RateLimited):
        fetch(CONFIG, site.serve("/a", busy, ARTICLE))
    assert waits == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 0 ", 0.0),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120.0),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), 0.0),
        ("-5", None),
        ("soon", None),
        ("²", None),
        ("9" * 400, math.inf),
    ],
)
def test_reading_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds
