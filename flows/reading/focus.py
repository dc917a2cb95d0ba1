"""Focus: a cheap first look at a page, and the part of a long text that can hold the bulletin."""

import re
from collections.abc import Iterator
from functools import cache

from flows.reading.fold import fold
from schemas.languages import load_languages

_DIGIT = re.compile(r"\d")
_LONG = 6_000
_HEAD = 1_500
_AROUND = 1_200
_NEAR = 150
_MANY_ENTITIES = 150
_LINE_BREAK = "\n"


@cache
def _anchors() -> tuple[str, ...]:
    """The beginnings of words of which every bulletin in any language holds one."""
    return tuple(dict.fromkeys(a for lang in load_languages().values() for a in lang.anchors))


def may_hold_bulletin(markup: str) -> bool:
    """Whether a page, tags and all, may hold a bulletin: no more than a glance at its words.

    Characters written as entities cannot be seen, so that a page full of them may hold one.
    """
    lower = markup.lower()
    return any(anchor in lower for anchor in _anchors()) or lower.count("&#") > _MANY_ENTITIES


def focus(text: str) -> str:
    """Return the text folded, with everything blank that stands far from any anchor.

    The head of the text stays, for its title and date. The length is kept: offsets stay valid.
    """
    if len(text) <= _LONG:
        return fold(text)
    parts, at = [], 0
    for start, end in _merged(text):
        parts += [_LINE_BREAK * (start - at), fold(text[start:end])]
        at = end
    return "".join([*parts, _LINE_BREAK * (len(text) - at)])


def _merged(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of whole lines that are read, in order, none touching the next."""
    spans = sorted((_line_start(text, a), _line_end(text, b)) for a, b in _spans(text))
    start, end = spans[0]
    for a, b in spans[1:]:
        if a > end:
            yield start, end
            start = a
        end = max(end, b)
    yield start, end


def _spans(text: str) -> Iterator[tuple[int, int]]:
    yield 0, _HEAD
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    for anchor in _anchors():
        at = lower.find(anchor)
        while at >= 0:
            if _DIGIT.search(lower, max(at - _NEAR, 0), at + _NEAR):
                yield max(at - _AROUND, 0), min(at + _AROUND, len(text))
                at = lower.find(anchor, at + _AROUND // 2)
            else:
                at = lower.find(anchor, at + 1)


def _line_start(text: str, at: int) -> int:
    return text.rfind(_LINE_BREAK, 0, at) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find(_LINE_BREAK, at)
    return len(text) if end < 0 else end
