"""(e) pages read a second on one core, against Beautiful Soup and a table of plain regexes."""

import re
from datetime import date
from statistics import median

from bs4 import BeautifulSoup

from flows.parse import read
from schemas.records import Document
from tests import examples, reference, render
from tests.benchmarks.timing import interleaved

PAGES = 60
_DAY = date(2024, 3, 5)
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


def compare(repeats: int) -> list[str]:
    """Return one line for short bulletins, long articles, look-alikes and pages of other news."""
    return [_line(name, pages, repeats) for name, pages in _corpora().items()]


def _corpora() -> dict[str, list[str]]:
    days = list(reference.load().items())[-PAGES:]
    lists = [render.render("list", day, found, render.Style(markup="ul")) for day, found in days]
    alike = [p.read_text("utf-8") for p in examples.paths() if p.name.startswith("not-")]
    return {
        "short bulletins": lists,
        "long articles": [_long(page) for page in lists],
        "look-alikes": [_long(f"<p>{text}</p>") for text in alike[:PAGES]],
        "other news": [_long("") for _ in range(PAGES)],
    }


def _long(inner: str) -> str:
    """Return a page of some 50 kB around a text, menus and all."""
    talk = "".join(_TALK.format(n=n) for n in range(5, 215))
    return f"<html><body><nav><ul>{_MENU}</ul></nav><article>{inner}{talk}</article></body></html>"


def _line(name: str, pages: list[str], repeats: int) -> str:
    documents = [Document("folder", "page", p.encode(), "text/html", _DAY) for p in pages]
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
        f"(e) {name:<16} {size:3} kB a page: parse {ours:6.2f} ms, {1e3 / ours:6.0f} pages/s; "
        f"Beautiful Soup and regexes {soup:6.2f} ms: {soup / ours:.1f} times as long"
    )


def _scrape(content: bytes) -> list[tuple[str, ...]]:
    text = BeautifulSoup(content, "html.parser").get_text("\n")
    return [found.groups() for pattern in _TABLE for found in pattern.finditer(text)]
