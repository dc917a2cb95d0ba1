"""Items: the labelled numbers of a text, as they are printed."""

from typing import NamedTuple

from schemas.records import BulletinWarning

FEWEST_CATEGORIES = 3
"""Fewer labelled figures side by side are a passing mention, not a bulletin."""


class Item(NamedTuple):
    """A labelled number: `label` are the offsets of the label, `categories` what it may stand for.

    `categories` is empty where nobody knows the label; `total` and `delta` are None where not
    printed. `top` and `line` are its first and last line, counted from 0 without blank ones;
    `listed` says that the item starts its line. `problem` is a remark on how it is printed, to be
    completed with its label.
    """

    categories: tuple[str, ...]
    label: tuple[int, int]
    total: int | None
    delta: int | None
    approximate: bool
    rounded: bool
    start: int
    end: int
    top: int
    line: int
    listed: bool
    problem: BulletinWarning | None = None
