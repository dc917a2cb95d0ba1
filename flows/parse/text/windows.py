"""Focus: the part of a long text that can hold the bulletin."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flows.extract.prefilter import possible_anchors
from flows.parse.text.normalize import fold

_DIGIT = re.compile(r"\d")
_LONG = 6_000
_HEAD = 1_500
_AROUND = 1_200
_NEAR = 150
_LINE_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Focus:
    """A folded text of the length of the printed one, and the parts of it that are not blank."""

    text: str
    spans: tuple[tuple[int, int], ...]


def focus(text: str) -> Focus:
    """Return the text folded, with everything blank that stands far from any anchor.

    The head of the text stays, for its title and date. The length is kept: offsets stay valid.
    """
    if len(text) <= _LONG:
        return Focus(fold(text), ((0, len(text)),))
    parts, at = [], 0
    spans = tuple(_merged(text))
    for start, end in spans:
        parts += [_LINE_BREAK * (start - at), fold(text[start:end])]
        at = end
    return Focus("".join([*parts, _LINE_BREAK * (len(text) - at)]), spans)


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
    for anchor in possible_anchors(lower):
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
