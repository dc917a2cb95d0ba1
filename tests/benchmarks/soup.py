"""Pages read a second on one core, against Beautiful Soup and a table of plain regexes."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from bs4 import BeautifulSoup

from flows.extract.prefilter import may_hold_bulletin
from flows.parse.bulletin import read
from schemas.records import Document
from tests import examples, reference, render
from tests.benchmarks.timing import interleaved

PAGES = 60
_DAY = date(2024, 3, 5)
_HEAD = '<html><head><meta charset="utf-8"><title>The Sample</title></head>'
_MENU = "".join(
    f'<li><a class="item-{n}" href="/section/{n}">Section {n}</a></li>' for n in range(200)
)
_TALK = (
    "<p>The village council spoke about roads, schools and the harvest for a long while. "
    "The meeting of {n} people ended at 18:30; the next one is on Friday.</p>\n"
)
_LABELS = (
    "personnel", "tanks", "armou?red (?:combat|fighting) vehicles", "artillery systems", "MLRS",
    "air defen[cs]e systems", "aircraft", "helicopters", "drones|UAVs?", "cruise missiles",
    "ships ?/ ?boats", "submarines", "vehicles and fuel tanks", "special equipment",
)  # fmt: skip
_TABLE = [
    re.compile(
        rf"({label})\s*[-\u2012\u2013:]?\s*(?:about )?([\d ,.]+)(?:\s*\(\+([\d ,.]*)\))?", re.I
    )
    for label in _LABELS
]


def compare(_: Path, repeats: int) -> Iterator[str]:
    """Yield a line for short bulletins, long articles, look-alikes and pages of other news.

    And one for the first look, by which a page of other news is refused. Raises RuntimeError where
    a bulletin is not read or another page is: that would be no comparison.
    """
    corpora = _corpora()
    for name, pages in corpora.items():
        yield _line(name, pages, repeats)
    yield _first_look(corpora["other news"], repeats)


def _corpora() -> dict[str, list[str]]:
    days = list(reference.load().items())[-PAGES:]
    lists = [render.render("list", day, found, render.Style(markup="ul")) for day, found in days]
    return {
        "short bulletins": lists,
        "long articles": [_long(page) for page in lists],
        "look-alikes": [_long(f"<p>{text}</p>") for text in islice(cycle(_alike()), PAGES)],
        "other news": [_long("") for _ in range(PAGES)],
    }


def _alike() -> list[str]:
    """Return the texts of the examples that look like a bulletin and are none."""
    found = [examples.load(path) for path in examples.paths() if path.suffix == ".txt"]
    return [example.path.read_text("utf-8") for example in found if not example.is_bulletin]


def _long(inner: str) -> str:
    """Return a page of some 50 kB around a text, menus and all."""
    talk = "".join(_TALK.format(n=n) for n in range(5, 215))
    return f"{_HEAD}<body><nav><ul>{_MENU}</ul></nav><article>{inner}{talk}</article></body></html>"


def _line(name: str, pages: list[str], repeats: int) -> str:
    bulletins = name in ("short bulletins", "long articles")
    published = None if bulletins else _DAY
    documents = [Document("folder", "page", p.encode(), "text/html", published) for p in pages]
    if any(read(document).accepted != bulletins for document in documents):
        raise RuntimeError(f"{name}: a page is not read as what it is")
    seconds = interleaved(
        {
            "parse": lambda: [read(document) for document in documents],
            "soup": lambda: [_scrape(document.content) for document in documents],
        },
        repeats,
    )
    ours, soup = (median(seconds[who]) / len(pages) * 1e3 for who in ("parse", "soup"))
    size = sum(map(len, pages)) // len(pages) // 1024
    return (
        f"soup: {name:<16} {size:3} kB a page: parse {ours:6.2f} ms, {1e3 / ours:6.0f} pages/s; "
        f"Beautiful Soup and regexes {soup:6.2f} ms, {1e3 / soup:6.0f} pages/s: "
        f"{soup / ours:.1f} times as long"
    )


def _scrape(content: bytes) -> list[tuple[str, ...]]:
    text = BeautifulSoup(content, "html.parser").get_text("\n")
    return [found.groups() for pattern in _TABLE for found in pattern.finditer(text)]


def _first_look(pages: list[str], repeats: int) -> str:
    """Time the look alone: what is decoded is looked through, and put aside."""

    def look() -> None:
        for page in pages:
            may_hold_bulletin(page)

    seconds = median(interleaved({"look": look}, repeats)["look"]) / len(pages)
    size = sum(map(len, pages)) // len(pages) // 1024
    return (
        f"soup: the first look at a page of other news, {size} kB: {seconds * 1e6:.0f} microseconds"
    )
