"""The patience with a page is one: robots.txt, redirects and further attempts share it."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from msgspec.structs import replace

from flows.errors import BudgetSpent, NotThePage, SourceError, Unreachable
from flows.fetch import fetcher as module
from flows.fetch.fetcher import Fetcher
from flows.fetch.throttle import Patience
from flows.fetch.urls import is_public
from flows.settings import SourceConfig
from tests.fetching import fetcher
from tests.webserver import Answer, Handler, Held, Site, page, redirect, running, silence

ARTICLE = page(b"<p>" + b"An article with enough words to be one. " * 10)
CONFIG = SourceConfig(
    "outlet", "article", connect_timeout=2, read_timeout=2, deadline=1.0, retry_delays=(0.0,) * 5
)


def after(seconds: float, answer: Answer) -> Answer:
    """Return an answer that comes late."""

    def late(request: Handler) -> None:
        request.site.stopping.wait(seconds)
        answer(request)

    return late


def test_attempts_share_the_deadline() -> None:
    with running() as site, fetcher(sleep=lambda _: None) as fetch:
        site.serve("/robots.txt", page(b"", status=404))
        url = site.serve("/slow", after(0.4, page(b"", status=503)))
        started = time.monotonic()
        with pytest.raises(Unreachable):
            fetch(CONFIG, url)
        assert time.monotonic() - started < 2.5
        assert 2 <= len(site.requests) <= 4


def test_robots_txt_and_redirects_over_many_hosts_share_it() -> None:
    with ExitStack() as stack, fetcher(sleep=lambda _: None) as fetch:
        sites: list[Site] = [stack.enter_context(running()) for _ in range(6)]
        for site, following in zip(sites, [*sites[1:], None], strict=True):
            site.serve("/robots.txt", after(0.4, page(b"", status=404)))
            site.serve("/a", redirect(following.address + "/a") if following else ARTICLE)
        config = replace(CONFIG, allow_private=True, retry_delays=())
        started = time.monotonic()
        with pytest.raises(Unreachable, match="no complete answer"):
            fetch(config, sites[0].address + "/a")
        assert time.monotonic() - started < 2.5


def test_a_silent_robots_txt_costs_no_more_than_the_deadline() -> None:
    with running() as site, fetcher(sleep=lambda _: None) as fetch:
        site.serve("/robots.txt", silence)
        started = time.monotonic()
        with pytest.raises(Unreachable):
            fetch(CONFIG, site.serve("/a", ARTICLE))
        assert time.monotonic() - started < 2.5


def virtual(**given: Any) -> tuple[Fetcher, list[float]]:
    """Return a fetcher whose time goes by in its pauses alone, and what they were."""
    pauses: list[float] = []
    return fetcher(sleep=pauses.append, clock=lambda: sum(pauses), **given), pauses


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("header", [{}, {"Retry-After": "40"}])
def test_the_pauses_between_attempts_are_inside_the_deadline(
    status: int, header: dict[str, str]
) -> None:
    config = replace(CONFIG, deadline=60.0, retry_delays=(10.0,) * 50)
    fetch, pauses = virtual()
    with running() as site, fetch:
        url = site.serve("/down", page(b"", status=status, headers=header))
        with pytest.raises(SourceError):
            fetch(config, url)
    assert 1 <= len(pauses) <= 6
    assert sum(pauses) < 60.0


@pytest.mark.parametrize("robots", [True, False])
def test_the_pauses_that_a_host_is_owed_are_inside_the_deadline(robots: bool) -> None:
    config = replace(CONFIG, deadline=60.0, interval=25.0, robots=robots, retry_delays=())
    fetch, pauses = virtual()
    with running() as site, fetch:
        for n in range(5):
            site.serve(f"/{n}", redirect(f"/{n + 1}"))
        with pytest.raises(Unreachable, match=r"its turn comes in 25 s.*deadline"):
            fetch(config, site.address + "/0")
    assert pauses == [25.0, 25.0]


def test_a_host_that_many_sources_ask_makes_none_wait_past_its_deadline() -> None:
    config = replace(CONFIG, interval=500.0, robots=False, retry_delays=())
    fetch, pauses = virtual()
    with running() as site, fetch:
        url = site.serve("/a", ARTICLE)
        fetch(config, url)
        with pytest.raises(Unreachable, match="its turn comes in 500 s"):
            fetch(replace(config, name="another"), url)
    assert pauses == []


def test_rules_that_another_source_waits_for_cost_no_more_than_the_deadline() -> None:
    with running() as site, ThreadPoolExecutor(1) as threads, fetcher() as fetch:
        asked = Held(page(b"", status=404))
        site.serve("/robots.txt", asked)
        url = site.serve("/a", ARTICLE)
        patient = replace(CONFIG, name="patient", deadline=60.0, read_timeout=60.0)
        waiting = threads.submit(fetch, patient, url)
        assert asked.asked.wait(30)
        with pytest.raises(Unreachable, match="while another source"):
            fetch(replace(CONFIG, deadline=0.3), url)
        asked.go_on.set()
        assert waiting.result().status == 200


def test_a_source_that_answers_nothing_is_soon_asked_nothing_more() -> None:
    config = replace(CONFIG, deadline=60.0, retry_delays=(30.0,) * 5)
    fetch, _ = virtual()
    with running() as site, fetch:
        down, up = site.serve("/down", page(b"", status=503)), site.serve("/a", ARTICLE)
        for _ in range(8):
            with pytest.raises(Unreachable):
                fetch(config, down)
        fetch(config, up)
        failed = 0
        with pytest.raises(BudgetSpent, match="has not answered"):  # noqa: PT012  how often counts
            for _ in range(1_000):
                with suppress(Unreachable):
                    fetch(config, down)
                failed += 1
        assert 10 <= failed <= 21
        before = len(site.requests)
        with pytest.raises(BudgetSpent):
            fetch(config, up)
        assert len(site.requests) == before
        assert fetch(replace(config, name="another"), up).status == 200


def test_patience_counts_what_fails_too() -> None:
    now = [0.0]
    patience = Patience(5.0, clock=lambda: now[0])
    with pytest.raises(Unreachable), patience.spent_on() as left:  # noqa: PT012  it is what counts
        assert left == 5.0
        now[0] += 3
        raise Unreachable("no answer")
    assert patience.left == 2.0


def test_a_source_has_so_many_requests_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REQUESTS", 3)
    with running() as site, fetcher(sleep=lambda _: None) as fetch:
        site.serve("/robots.txt", page(b"", status=404))
        url = site.serve("/a", ARTICLE)
        for _ in range(3):
            fetch(CONFIG, url)
        with pytest.raises(BudgetSpent, match="has had its 3 requests"):
            fetch(CONFIG, url)
        fetch(SourceConfig("another", "article"), url)
        assert len(site.requests) == 4


def test_a_mistake_of_ours_costs_its_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> str:
        raise ZeroDivisionError

    with running() as site, fetcher(sleep=lambda _: None) as fetch:
        site.serve("/robots.txt", page(b"", status=404))
        url = site.serve("/a", ARTICLE)
        with monkeypatch.context() as patched:
            patched.setattr(module, "what_instead", mistaken)
            with pytest.raises(SourceError, match="ZeroDivisionError") as raised:
                fetch(CONFIG, url)
            assert raised.value.outcome == "unexpected_error"
        assert fetch(CONFIG, url).status == 200


@pytest.mark.parametrize("digits", [8, 5_000, 50_000])
def test_entities_of_any_length_are_no_mistake(digits: int) -> None:
    with running() as site, fetcher(sleep=lambda _: None) as fetch:
        site.serve("/robots.txt", page(b"", status=404))
        body = b"<p>Please log in &#" + b"9" * digits + b"; now. " + b"words " * 40
        try:
            fetch(CONFIG, site.serve("/a", page(body)))
        except NotThePage as error:
            assert "no article" in str(error)  # noqa: PT017  it may be one


@pytest.mark.parametrize(
    ("number", "public"),
    [
        *((f"64:ff9b::{inner}", False) for inner in ("7f00:1", "a00:1", "c0a8:101", "a9fe:a9fe")),
        *((f"2002:{inner}::1", False) for inner in ("7f00:1", "a00:1", "c0a8:101")),
        *((f"::{inner}", False) for inner in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "1", "")),
        *((f"::ffff:{inner}", False) for inner in ("127.0.0.1", "10.0.0.1")),
        *((number, True) for number in ("64:ff9b::808:808", "2002:808:808::1", "::8.8.8.8")),
        *((number, True) for number in ("::ffff:8.8.8.8", "8.8.8.8", "2606:4700::1111")),
        *((number, False) for number in ("fe80::1%eth0", "fc00::1", "2001::1", "64:ff9b:1::1")),
    ],
)
def test_an_address_counts_as_what_it_leads_to(number: str, public: bool) -> None:
    assert is_public(number) is public
