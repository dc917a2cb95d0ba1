"""A text that prints several bulletins, one below the other, each under its own date.

They are told apart by their items: where a text goes through the categories again with other
totals, another list begins. Each is read by itself, with what stands above it behind the last list.
"""

import re
from dataclasses import replace

from flows.extract.multi_day import moved_passages
from flows.parse.page import PageReading
from schemas.codes import BulletinWarningCode, Reason
from schemas.records import Bulletin, Page

_FEWEST_REPEATED = 3
"""A figure or two may be printed twice, in the summary and in the list."""

_END = re.compile(r"[.!?;\u3002\u061f\u06d4\n]\s*")
"""What ends a list: the next one begins behind it."""


def may_be_several(bulletin: Bulletin) -> bool:
    """Whether what a text reads as may be several bulletins: two dates, or categories twice."""
    if not bulletin.accepted:
        return bulletin.reason_code is Reason.DATE_CONFLICT
    categories = [figure.category for figure in bulletin.figures]
    contradicted = (w.code is BulletinWarningCode.DATE_CONTRADICTED for w in bulletin.warnings)
    return len(set(categories)) < len(categories) or any(contradicted)


def second_list(reading: PageReading) -> int | None:
    """Return the offset at which the text of another list begins; None where there is one list."""
    totals: dict[tuple[str, ...], int] = {}
    repeated: set[tuple[str, ...]] = set()
    before = begins = None
    last = 0
    for group in reading.groups:
        for item, role in group.items:
            if not item.categories or role != "total" or item.total is None or not group.is_own:
                continue
            if totals.setdefault(item.categories, item.total) != item.total:
                repeated.add(item.categories)
                if begins is None:
                    before, begins = last, item.start
            last = item.end
    if begins is None or len(repeated) < _FEWEST_REPEATED:
        return None
    end = _END.search(reading.text, before or 0, begins)
    return end.end() if end else None


def parted(page: Page, at: int) -> tuple[Page, Page]:
    """Return the page up to an offset and the rest, which has no title; passages across go."""
    above = [passage for passage in page.passages if passage.end <= at]
    below = [passage for passage in page.passages if passage.start >= at]
    return (
        replace(page, text=page.text[:at], passages=tuple(above)),
        replace(page, text=page.text[at:], title=None, passages=moved_passages(below, -at)),
    )
