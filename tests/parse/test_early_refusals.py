"""Property: what a cheap look refuses early, the full reading refuses, too."""

import json
from collections.abc import Iterator
from datetime import date

import pytest

from flows.extract.text import extract, may_hold_more
from flows.parse.page import PageReading, read_page
from flows.parse.tell import Teller, may_be_sourced
from schemas.records import Document, Page
from schemas.registry import load_registry
from tests import newsweb
from tests.parse.test_readings import PATH

DAY = date(2024, 1, 5)


def _texts() -> Iterator[str]:
    """Yield small texts of all kinds, and what only looks like a bulletin."""
    yield from (json.loads(line)["text"] for line in PATH.read_text("utf-8").splitlines())
    for page in newsweb.crawl(60, near_misses=100):
        yield extract(Document("folder", "page", page.content, page.content_type)).text


def _without_source(reading: PageReading) -> str:
    """Return the text without who speaks, and without the first day of the war."""
    speakers = reading.matches.bulletin_speaker.within(0, len(reading.text))
    named = {offset for speaker in speakers for offset in range(*speaker.span())}
    starts = {offset for start, end in reading.dates for offset in range(start, end)}
    text = reading.page.text
    return "".join(" " if at in named | starts else sign for at, sign in enumerate(text))


def _readings() -> Iterator[PageReading]:
    """Yield the readings of all texts, with the names of their sources and without."""
    for text in _texts():
        named = read_page(Page(text), DAY, load_registry())
        bare = named and read_page(Page(_without_source(named)), DAY, load_registry())
        yield from filter(None, (named, bare))


@pytest.mark.slow
def test_a_text_that_names_no_source_tells_no_note() -> None:
    refused = 0
    for reading in _readings():
        teller = Teller(reading, load_registry(), reading.dated.report_date or DAY)
        teller.take_note()
        if not may_be_sourced(reading):
            assert teller.figures() == (), reading.page.text
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("tag", ["nav", "ASIDE", "Footer", "form", "button"])
def test_whatever_stands_beside_an_article_is_looked_at(tag: str) -> None:
    page = f"<p>Weather</p><{tag} class='x'>Losses: 4,823 tanks</{tag}>"
    assert may_hold_more(Document("folder", "page", page.encode(), "text/html"))


@pytest.mark.parametrize("page", ["4,823 tanks", "<p>4,823 tanks</p>", "1 < 2 nav, tanks"])
def test_a_page_with_nothing_beside_its_article_holds_no_more(page: str) -> None:
    assert not may_hold_more(Document("folder", "page", page.encode(), "text/html"))
