"""Windows: the parts of a long text that can hold the bulletin."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flows.extract.prefilter import possible_anchors
from flows.parse.text.normalize import normalize

_SHORT = 6_000
"""Up to here a text is read as a whole; articles with the bulletin have some 500 to 2,600."""

_BEGINNING = 1_500
"""So much of a long text is read for its title and date, whatever stands in it."""

_AROUND = 1_200
"""A bulletin reaches at most so far to either side of its tanks: the longest lists have 640."""

_NEAR = 150
"""A number stands this near to the anchor in every list; elsewhere the word counts nothing."""

_WORDS = re.compile(r"\S[^\n]*")
_DIGIT = re.compile(r"\d")  # as printed: of any script


@dataclass(frozen=True, slots=True)
class Windows:
    """A normalized text as long as the printed one, and the parts of it that are not blank."""

    text: str
    spans: tuple[tuple[int, int], ...]


def windows_of(text: str) -> Windows:
    """Return the text normalized, with everything blank that stands far from any anchor.

    The beginning of the text stays, for its title and date. The length is kept: offsets stay valid.
    """
    if len(text) <= _SHORT:
        return Windows(normalize(text), ((0, len(text)),))
    parts, done = [], 0
    spans = tuple(_merged(text))
    for start, end in spans:
        parts += ["\n" * (start - done), normalize(text[start:end])]
        done = end
    return Windows("".join([*parts, "\n" * (len(text) - done)]), spans)


def _merged(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of whole lines that are read, in order, none touching the next."""
    spans = sorted(_whole_lines(text, start, end) for start, end in _around_anchors(text))
    start, end = spans[0]
    for a, b in spans[1:]:
        if a > end:
            yield start, end
            start = a
        end = max(end, b)
    yield start, end


def _around_anchors(text: str) -> Iterator[tuple[int, int]]:
    yield 0, _end_of_beginning(text)
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    for anchor in possible_anchors(lower):
        place = lower.find(anchor)
        while place >= 0:
            if _DIGIT.search(lower, max(place - _NEAR, 0), place + _NEAR):
                yield max(place - _AROUND, 0), min(place + _AROUND, len(text))
                place = lower.find(anchor, place + _AROUND // 2)
            else:
                place = lower.find(anchor, place + 1)


def _end_of_beginning(text: str) -> int:
    """Return where the beginning ends: what is blank, as other pages' text is, does not count."""
    left = _BEGINNING
    for words in _WORDS.finditer(text):
        left -= words.end() - words.start()
        if left < 0:
            return words.end()
    return len(text)


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    line_end = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if line_end < 0 else line_end
