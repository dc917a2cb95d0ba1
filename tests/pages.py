"""Whole pages around a bulletin: what news sites and portals print before, beside and behind it.

What other pages say is told in links, teasers, boxes, captions, comments and quotes; its text is
the bulletin's own with every figure moved, so that whatever is taken from it shows.
"""

import html
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flows.extract.text import extract
from schemas.records import Document

Furniture = Callable[[str, date], tuple[str, str]]
"""From another day's text and the page's day to the markup before and behind the article."""

_NUMBER = re.compile(r"(?<![\d.,/])\d{2,}(?![\d.,/])")
_OTHER_DAYS = range(1, 6)


def wrapped(document: Document, day: date, furniture: Furniture | None) -> Document:
    """Return a document as an article with a headline and a dateline, furniture around it."""
    page = extract(document)
    lines = [line.strip() for line in page.text.split("\n") if line.strip()]
    title = page.title or lines[0]
    rest = lines[1:] if lines and lines[0] == title else lines
    body = "".join(f"<p>{html.escape(line)}</p>" for line in rest)
    before, behind = furniture(html.escape(another_day(page.text)), day) if furniture else ("", "")
    markup = (
        f"<html><head><title>{html.escape(title)} | Site</title></head><body>"
        "<header><nav><a href='/'>Home</a><a href='/world'>World</a></nav></header>"
        f"{before}<main><h1>{html.escape(title)}</h1>{body}</main>{behind}"
        "<footer>2030</footer></body></html>"
    )
    return Document("pages", "page", markup.encode(), "text/html", document.published_on or day)


def another_day(text: str) -> str:
    """Return a text with each of its numbers lowered: what a page says of another day."""
    return _NUMBER.sub(lambda number: str(int(number[0]) - 1), text)


def _paragraphs(other: str) -> str:
    return "".join(f"<p>{line}</p>" for line in other.split("\n") if line.strip())


def _first_lines(other: str) -> str:
    return " ".join([line.strip() for line in other.split("\n") if line.strip()][:2])


def _links(day: date, item: str) -> str:
    """Return links to the bulletins of the days before; `item` formats one."""
    days = [day - timedelta(days=back) for back in _OTHER_DAYS]
    return "".join(
        item.format(
            number=(d - date(2022, 2, 23)).days,
            dotted=f"{d:%d.%m.%Y}",
            named=f"{d:%B} {d.day}, {d.year}",
            iso=d.isoformat(),
        )
        for d in days
    )


_TITLE = "Day {number} of the war. Total combat losses of the enemy from 24.02.2022 to {dotted}"


def _related_box(_: str, day: date) -> tuple[str, str]:
    item = f"<li><a href='/{{iso}}'>{_TITLE}</a> <span>{{named}} // 10:00</span></li>"
    return "", f"<div class='related'><h3>Related</h3><ul>{_links(day, item)}</ul></div>"


def _bare_link_list(_: str, day: date) -> tuple[str, str]:
    item = f"<li><span>{{named}}</span><br><a href='/{{iso}}'>{_TITLE}</a></li>"
    return "", f"<div><h4>More</h4><ul>{_links(day, item)}</ul></div>"


def _by_theme(_: str, day: date) -> tuple[str, str]:
    item = f"<div><div>07:41, {{named}}</div><a>Defense</a> <a href='/{{iso}}'>{_TITLE}</a></div>"
    return "", f"<div>By theme</div>{_links(day, item)}"


def _aside(other: str, day: date) -> tuple[str, str]:
    return f"<aside>{_paragraphs(other)}</aside>", ""


def _teasers_before(other: str, day: date) -> tuple[str, str]:
    teaser = f"<h3><a href='/1'>{_links(day, _TITLE)[:90]}</a></h3><p>{_first_lines(other)}</p>"
    return f"<div class='top-teasers'><div>{teaser}</div></div>", ""


def _teasers_behind(other: str, day: date) -> tuple[str, str]:
    teaser = f"<h3><a href='/1'>{_links(day, _TITLE)[:90]}</a></h3><p>{_first_lines(other)}</p>"
    return "", f"<div><div>{teaser}</div><div>{teaser}</div></div>"


def _cards(other: str, day: date) -> tuple[str, str]:
    card = f"<a class='card' href='/1'><h4>{_first_lines(other)}</h4>{_paragraphs(other)}</a>"
    return card, card


def _comments(other: str, day: date) -> tuple[str, str]:
    return "", f"<div id='comments'><div><b>Reader</b>{_paragraphs(other)}</div></div>"


def _calendar(_: str, day: date) -> tuple[str, str]:
    cells = "".join(f"<td><a href='/{n}'>{n}</a></td>" for n in range(1, 29))
    table = f"<caption>{day:%B %Y}</caption><tr>{cells}</tr>"
    return "", f"<div class='widget-calendar'><table>{table}</table></div>"


def _quote_behind(other: str, day: date) -> tuple[str, str]:
    return "", f"<blockquote>{_paragraphs(other)}</blockquote>"


def _quote_before(other: str, day: date) -> tuple[str, str]:
    return f"<blockquote class='embed'>{_paragraphs(other)}</blockquote>", ""


def _caption(other: str, day: date) -> tuple[str, str]:
    caption = f"<figcaption>{_first_lines(other)}, {day - timedelta(days=9):%d.%m.%Y}</figcaption>"
    return f"<figure><img src='/1'>{caption}</figure>", ""


def _neighbours(_: str, day: date) -> tuple[str, str]:
    return "", f"<div><a>Previous: {_links(day, _TITLE)[:90]}</a></div><div><a>Next page</a></div>"


def _read_also(_: str, day: date) -> tuple[str, str]:
    item = f"<p>Read also: <a href='/{{iso}}'>{_TITLE}</a></p>"
    return _links(day, item), _links(day, item)


FURNITURE: Mapping[str, Furniture] = {
    "related box": _related_box,
    "list of links": _bare_link_list,
    "by theme": _by_theme,
    "aside": _aside,
    "teasers before": _teasers_before,
    "teasers behind": _teasers_behind,
    "cards": _cards,
    "comments": _comments,
    "calendar": _calendar,
    "quote behind": _quote_behind,
    "quote before": _quote_before,
    "caption": _caption,
    "neighbours": _neighbours,
    "read also": _read_also,
}
"""What pages have around an article, by name."""


def all_at_once(other: str, day: date) -> tuple[str, str]:
    """Return all furniture of a page together."""
    pieces = [furniture(other, day) for furniture in FURNITURE.values()]
    return "".join(before for before, _ in pieces), "".join(behind for _, behind in pieces)
