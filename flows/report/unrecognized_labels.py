"""Items whose label nobody knows as text, and back: `bulletins.warnings` keeps them so."""

import re
from collections.abc import Iterable

from schemas.records import Unrecognized
from schemas.suites import UNKNOWN_LABEL

_ITEM = re.compile(r"(.*?)(?: (\d+))?(?: \(([+-]?\d+)\))?", re.DOTALL)
_BETWEEN = "; "


def told(items: Iterable[Unrecognized]) -> str:
    """Return the items with their numbers: "hovercraft 7 (+1); balloons 12"."""
    return _BETWEEN.join(map(_told, items))


def told_in(sentence: str) -> list[Unrecognized]:
    """Return the items that a remark on a document tells; none where it is another remark."""
    head, _, items = sentence.partition(f"{UNKNOWN_LABEL}: ")
    return [] if head or not items else [_read(item) for item in items.split(_BETWEEN)]


def _told(item: Unrecognized) -> str:
    label = " ".join(item.label.replace(";", ",").split())
    total = "" if item.total is None else f" {item.total}"
    return label + total + ("" if item.delta is None else f" ({item.delta:+})")


def _read(item: str) -> Unrecognized:
    found = _ITEM.fullmatch(item)
    assert found
    label, total, delta = found.groups()
    return Unrecognized(label, _number(total), _number(delta))


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
