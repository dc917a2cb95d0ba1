"""Prefilter: a cheap first look at a page, tags and all, for a word that every bulletin holds."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from schemas.languages import load_languages

_MANY_ENTITIES = 150

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


def possible_anchors(lower: str) -> Iterator[str]:
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
        if any(anchor in lower for anchor in possible_anchors(lower)):
            return True
    return markup.count("&#") > _MANY_ENTITIES
