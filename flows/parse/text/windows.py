"""Focus: a cheap first look at a page, and the part of a long text that can hold the bulletin."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from flows.parse.text.normalize import fold
from schemas.languages import load_languages

_DIGIT = re.compile(r"\d")
_LONG = 6_000
_HEAD = 1_500
_AROUND = 1_200
_NEAR = 150
_MANY_ENTITIES = 150
_LINE_BREAK = "\n"

WHOLE_WORDS: Mapping[str, str] = {
    "char": r"s?(?![a-z])",
    "carr": r"(?:os?|i)(?![a-z])",
    "tanc": r"(?:ur|ul|(?![a-z]))",
}
"""Anchors that every page holds ("charset", "distance"), and how the words go on that are meant."""


@cache
def _anchors() -> Mapping[str, tuple[str, ...]]:
    """The beginnings of words of which every bulletin in any language holds one.

    By a letter of theirs that is not everywhere, and by "" where they have none.
    """
    found: dict[str, list[str]] = {}
    for language in load_languages().values():
        for anchor in language.anchors:
            found.setdefault("" if anchor.isascii() else max(anchor), []).append(anchor)
    return {letter: tuple(dict.fromkeys(anchors)) for letter, anchors in found.items()}


def _possible(lower: str) -> Iterator[str]:
    """Yield the anchors that can stand in a text in lower case."""
    for letter, anchors in _anchors().items():
        if letter in lower:
            yield from anchors


@cache
def _letters() -> str:
    """The rare letters of the anchors, small and large."""
    return "".join(f"{letter}{letter.upper()}" for letter in _anchors())


@cache
def _plain() -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """The anchors in ASCII, each with the pattern of the words that are meant."""
    heads = {next((h for h in WHOLE_WORDS if a.startswith(h)), a) for a in _anchors().get("", ())}
    return tuple((head.encode(), _whole(head)) for head in sorted(heads))


def _whole(head: str) -> re.Pattern[bytes]:
    """Return the pattern of a word; it starts with plain letters, which are quick to look for."""
    rest = WHOLE_WORDS.get(head)
    start = re.escape(head)
    return re.compile((start if rest is None else f"{start}(?<![a-z]{start}){rest}").encode())


def may_hold_bulletin(markup: str) -> bool:
    """Whether a page, tags and all, may hold a bulletin: no more than a glance at its words.

    Characters written as entities cannot be seen, so that a page full of them may hold one.
    """
    plain = markup.encode("utf-8", "replace").lower()  # of ASCII alone, and so at once
    if any(head in plain and word.search(plain) for head, word in _plain()):
        return True
    if not markup.isascii() and any(letter in markup for letter in _letters()):
        lower = markup.lower()
        if any(anchor in lower for anchor in _possible(lower)):
            return True
    return markup.count("&#") > _MANY_ENTITIES


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
    for anchor in _possible(lower):
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
