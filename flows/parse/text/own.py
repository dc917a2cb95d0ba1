"""Own text: what of a page's text is the article's own, and what belongs to other pages.

A link that fills its line, a box of other articles, a teaser under a heading that is a link, a
caption: what stands there is of the day that it names, and dates or counts nothing here.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from schemas.records import Page

Span: TypeAlias = tuple[int, int]

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_ITEM = re.compile(r"[ \t]*(?:[-\u2010-\u2015\u2212:=\t(+]+[ \t]*)+[^\d\s]{0,9}[ \t]*\d")
"""A dash and a number: the link before it is the label of a list."""

_OWN = frozenset({"heading", "list"})
"""What is an article's own, whatever else is on the page."""

_LEAST_LINKED = 15
"""Fewer letters of a link are a name or a section; they say nothing of another day."""

_TEASER_LINES = 3
"""A teaser has a date, a lead or two below its heading; more is an article of its own."""

_MOST_OF_TEXT = 0.6
"""What holds so much of a page's text is no box beside its article."""

_MOST_LISTS = 500
"""More lists, inside each other perhaps, are not looked at; pages have some 30."""

_LEAST_LINKS = 2
"""So many links that fill their lines make a list one of links."""


def own_text(page: Page, *, with_quotes: bool) -> str:
    """Return the text with all that is not the article's own blank; offsets stay valid."""
    if all(passage.kind in _OWN for passage in page.passages):
        return page.text
    return _blanked(page.text, _foreign(page, with_quotes))


def quotes_numbers(page: Page) -> bool:
    """Whether anything with a number in it is quoted on the page."""
    quotes = (page.text[p.start : p.end] for p in page.passages if p.kind == "quote")
    return any(any(map(str.isdigit, quote)) for quote in quotes)


def _blanked(text: str, spans: Iterable[Span]) -> str:
    parts, done = [], 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        start = max(start, done)
        blank = "\n".join(" " * len(line) for line in text[start:end].split("\n"))
        parts += [text[done:start], blank]
        done = end
    return "".join((*parts, text[done:]))


def _foreign(page: Page, with_quotes: bool) -> Iterator[Span]:
    text = page.text
    most = _MOST_OF_TEXT * len(text.strip())
    for kind, start, end in page.passages:
        is_box = kind == "box" and len(text[start:end].strip()) < most
        if is_box or kind == "caption" or (kind == "quote" and not with_quotes):
            yield start, end
        elif kind == "link" and "\n" in text[start:end].strip() and end - start < most:
            yield start, end  # a card
    linked = [line for line, links in _links_by_line(page).items() if _is_link(page, line, links)]
    if linked:
        yield from linked
        yield from _link_lists(page, linked)
        yield from _teasers(page, linked)


def _links_by_line(page: Page) -> dict[Span, list[Span]]:
    """Return the lines that hold links, in order, and the links of each."""
    text = page.text
    by_line: dict[Span, list[Span]] = {}
    for kind, start, end in page.passages:
        while kind == "link" and start < end:
            line_end = text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
            line = text.rfind("\n", 0, start) + 1, line_end
            by_line.setdefault(line, []).append((start, min(end, line_end)))
            start = line_end + 1
    return by_line


def _is_link(page: Page, line: Span, links: Sequence[Span]) -> bool:
    """Whether a line is a link with little beside it: a date, a section, "Read also"."""
    text = page.text
    letters = sum(sum(map(str.isalpha, text[a:b])) for a, b in links)
    if letters < _LEAST_LINKED or 2 * letters < sum(map(str.isalpha, text[slice(*line)])):
        return False
    return not _is_title(page, line) and not any(_ITEM.match(text, b, line[1]) for _, b in links)


def _is_title(page: Page, line: Span) -> bool:
    return bool(page.title) and page.text[slice(*line)].strip() in (page.title or "")


def _link_lists(page: Page, linked: Sequence[Span]) -> Iterator[Span]:
    """Yield the lists of which links are the most, whatever else stands in them."""
    starts = [start for start, _ in linked]
    lists = [passage for passage in page.passages if passage.kind == "list"]
    if len(lists) <= _MOST_LISTS:
        for _, start, end in lists:
            inside = linked[bisect_right(starts, start - 1) : bisect_right(starts, end - 1)]
            if len(inside) >= _LEAST_LINKS:
                filled = sum(b - a for a, b in inside)
                if 2 * filled > len(page.text[start:end].strip()):
                    yield start, end


def _teasers(page: Page, linked: Sequence[Span]) -> Iterator[Span]:
    """Yield what stands below the headings that are links, up to the next heading."""
    starts = [start for start, _ in linked]
    headings = [p for p in page.passages if p.kind == "heading"]
    for n, heading in enumerate(headings):
        place = bisect_right(starts, heading.start) - 1
        if place < 0 or linked[place][1] < heading.end:
            continue
        stop = headings[n + 1].start if n + 1 < len(headings) else len(page.text)
        lines = [line.end() for line in _LINE.finditer(page.text, heading.end, stop)]
        if lines:
            yield heading.start, lines[:_TEASER_LINES][-1]
