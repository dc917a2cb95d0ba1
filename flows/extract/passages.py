"""Passages: what the parts of a page's text were on it: links, headings, quotes, lists, boxes.

The library that turns markup into text keeps no places. So a mark is set into the markup where an
element begins and ends; the marks come out in the text, and are taken out of it again.
"""

import re
from collections.abc import Iterator

from schemas.records import Passage, PassageKind

_KINDS: dict[str, PassageKind] = {
    "a": "link",
    "h1": "heading",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "h5": "heading",
    "h6": "heading",
    "blockquote": "quote",
    "ul": "list",
    "ol": "list",
    "figcaption": "caption",
}
"""What elements are."""

_MARKS: dict[PassageKind, tuple[str, str]] = {
    "link": ("\x01", "\x02"),
    "heading": ("\x03", "\x04"),
    "quote": ("\x05", "\x06"),
    "list": ("\x07", "\x08"),
    "caption": ("\x0e", "\x0f"),
    "box": ("\x10", "\x11"),
}
"""The marks of the beginning and the end: control characters, which stand in no text."""

_MARKS_OF = {
    name: _MARKS[kind]
    for tag, kind in _KINDS.items()
    for name in (tag, tag.upper(), tag.capitalize(), tag[0] + tag[1:].upper())
}

_ALL_MARKS = "".join(first + last for first, last in _MARKS.values())
_MARK = re.compile(f"[{_ALL_MARKS}]")
_OPENS: dict[str, PassageKind] = {first: kind for kind, (first, _) in _MARKS.items()}
_CLOSES: dict[str, PassageKind] = {last: kind for kind, (_, last) in _MARKS.items()}

_MARKS_ALONE = re.compile(rf"\n[ \t]*((?:[{_ALL_MARKS}][ \t]*)+)(?=\n|\Z)")
"""A line that only marks have made."""

_TAG = re.compile(
    r"<(/?)(?=[aAbBfhHoOuU])"
    r"([aA]|[hH][1-6]|blockquote|BLOCKQUOTE|[uUoO][lL]|figcaption)(?=[\s>])"
)

_BOXES = (
    *("related", "recommend", "similar", "teaser", "promo", "popular", "most-read", "trending"),
    *("also", "read-more", "readmore", "-news", "sidebar", "comment", "archive", "calendar"),
)
"""What stands in the class or id of a box beside an article, in any content system."""

_WRAPPERS = ("has-", "with-", "no-", "is-", "js-", "page-", "single", "post-", "layout", "without")
"""So begin the classes that say of a whole page that it has such a box, or is of such a kind."""

_BOX_TAG = re.compile(r"<(div|section|ul|ol|aside|article|details|table|p|li)\b([^<>]*)>", re.I)
_NAMES = re.compile(r"""\b(?:class|id)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.I)
_HEADLINE = re.compile(r"<h1[\s>]", re.I)
_LINK = re.compile(r"<(?:a|td)[\s>]", re.I)
"""What boxes of other pages have, and calendars; a lead called "teaser" has none."""

_MOST_BOXES = 50
"""Where each ends is looked for; a page has a handful."""

_LONGEST_TAG = 600
"""A tag with all its attributes is not longer."""


def marked(markup: str) -> str:
    """Return the markup with a mark where each passage begins and ends."""
    if any(map(markup.__contains__, _ALL_MARKS)):
        markup = _MARK.sub("", markup)
    places = sorted((*_of_elements(markup), *_of_boxes(markup)))
    if not places:
        return markup
    parts, done = [], 0
    for place, mark in places:
        parts += [markup[done:place], mark]
        done = place
    return "".join((*parts, markup[done:]))


def _of_elements(markup: str) -> Iterator[tuple[int, str]]:
    """Yield where marks go, inside their elements, for those that `_KINDS` knows."""
    for tag in _TAG.finditer(markup):
        closes, name = tag.groups()
        if closes:
            yield tag.start(), _MARKS_OF[name][1]
        elif (end := markup.find(">", tag.end())) >= 0:
            yield end + 1, _MARKS_OF[name][0]


def _of_boxes(markup: str) -> Iterator[tuple[int, str]]:
    """Yield where the marks of boxes go: of elements whose class or id says that they are one."""
    if "=" not in markup:
        return  # no attribute names any
    first, last = _MARKS["box"]
    done = looked = 0
    for start in sorted({tag for name in _BOXES if name in markup for tag in _tags(markup, name)}):
        tag = _BOX_TAG.match(markup, start)
        if start < done or looked == _MOST_BOXES or not tag or not _is_box(tag[2]):
            continue
        looked += 1
        end = _end_of(markup, tag)
        if end is None or _HEADLINE.search(markup, tag.end(), end):
            continue  # the element holds the article
        if not _LINK.search(markup, tag.end(), end) and "comment" not in tag[2].lower():
            continue
        yield tag.end(), first
        yield end, last
        done = end


def _tags(markup: str, name: str) -> Iterator[int]:
    """Yield where the tags begin that have a name somewhere in them."""
    place = markup.find(name)
    while place >= 0:
        tag = markup.rfind("<", max(place - _LONGEST_TAG, 0), place)
        if tag >= 0 and markup.find(">", tag, place) < 0:
            yield tag
        place = markup.find(name, place + 1)


def _is_box(attributes: str) -> bool:
    names = (name for found in _NAMES.findall(attributes) for name in "".join(found).split())
    return any(
        not name.lower().startswith(_WRAPPERS) and any(box in name.lower() for box in _BOXES)
        for name in names
    )


def _end_of(markup: str, tag: re.Match[str]) -> int | None:
    """Return where the closing tag of an element begins; None where it is not closed."""
    depth = 1
    for other in re.finditer(rf"<(/?){tag[1]}(?=[\s>])", markup[tag.end() :], re.I):
        depth += -1 if other[1] else 1
        if not depth:
            return tag.end() + other.start()
    return None


def unmarked(text: str) -> tuple[str, tuple[Passage, ...]]:
    """Return a text without its marks, and the passages that they set apart, in order."""
    if not any(map(text.__contains__, _ALL_MARKS)):
        return text, ()
    text = _MARKS_ALONE.sub(r"\1", text)
    parts: list[str] = []
    passages: list[Passage] = []
    open_since: dict[PassageKind, list[int]] = {}
    done = 0
    for marks, mark in enumerate(_MARK.finditer(text)):
        place = mark.start()
        parts.append(text[done:place])
        done = place + 1
        if kind := _OPENS.get(mark[0]):
            open_since.setdefault(kind, []).append(place - marks)
        elif open_since.get(kind := _CLOSES[mark[0]]):
            start = open_since[kind].pop()
            if start < place - marks:
                passages.append(Passage(kind, start, place - marks))
    parts.append(text[done:])
    return "".join(parts), tuple(sorted(passages, key=lambda passage: passage[1:]))
