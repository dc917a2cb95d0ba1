"""Prefilter: a cheap first look at a page, tags and all, for a word that every bulletin holds."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from schemas.languages import load_languages

_MANY_ENTITIES = 150
"""So many letters written as numbers are a text; other pages have a handful (news pages 0 to 7)."""


@cache
def anchor_endings() -> Mapping[str, tuple[str, ...]]:
    """How the words go on that are meant by anchors of which every page holds one ("charset").

    An ending with `~` may be followed by anything, any other by no letter.
    """
    endings: dict[str, tuple[str, ...]] = {}
    for language in load_languages().values():
        for anchor, own in language.anchor_endings.items():
            endings[anchor] = tuple(dict.fromkeys((*endings.get(anchor, ()), *own)))
    return endings


@cache
def _anchors() -> Mapping[str, tuple[str, ...]]:
    """The beginnings of words of which every bulletin in any language holds one.

    By a letter of theirs that is not everywhere, and by "" where they have none.
    """
    by_letter: dict[str, list[str]] = {}
    for language in load_languages().values():
        for anchor in language.anchors:
            by_letter.setdefault("" if anchor.isascii() else max(anchor), []).append(anchor)
    return {letter: tuple(dict.fromkeys(anchors)) for letter, anchors in by_letter.items()}


def possible_anchors(lower: str) -> Iterator[str]:
    """Yield the anchors that can stand in a text in lower case."""
    for letter, anchors in _anchors().items():
        if letter in lower:
            yield from anchors


@cache
def _rare_letters() -> str:
    """The rare letters of the anchors, small and large."""
    return "".join(f"{letter}{letter.upper()}" for letter in _anchors())


@cache
def _ascii_words() -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """The anchors in ASCII, each with the pattern of the words that are meant.

    A pattern starts with plain letters, which are quick to look for.
    """
    endings = anchor_endings()
    words = []
    for anchor in sorted(_anchors().get("", ())):
        start = pattern = re.escape(anchor)
        if anchor in endings:
            whole = "|".join(_ending(ending) for ending in endings[anchor])
            pattern = f"{start}(?<![a-z]{start})(?:{whole})"
        words.append((anchor.encode(), re.compile(pattern.encode())))
    return tuple(words)


def _ending(ending: str) -> str:
    open_ended = ending.endswith("~")
    return re.escape(ending.removesuffix("~")) + ("" if open_ended else "(?![a-z])")


def may_hold_bulletin(markup: str) -> bool:
    """Whether a page, tags and all, may hold a bulletin: no more than a glance at its words.

    Characters written as entities cannot be seen, so that a page full of them may hold one.
    """
    ascii_lower = markup.encode("utf-8", "replace").lower()  # of ASCII alone, and so at once
    if any(anchor in ascii_lower and word.search(ascii_lower) for anchor, word in _ascii_words()):
        return True
    if not markup.isascii() and any(letter in markup for letter in _rare_letters()):
        lower = markup.lower()
        if any(anchor in lower for anchor in possible_anchors(lower)):
            return True
    return markup.count("&#") > _MANY_ENTITIES
