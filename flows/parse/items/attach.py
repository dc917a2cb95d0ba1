"""Completed: an item whose other number stands after it, without a label of its own."""

import re

from flows.parse.items.item import Item
from flows.parse.items.labelled import label_after
from flows.parse.items.line import LONGEST_GAP, LONGEST_RAISE, Sight
from flows.parse.items.numbers import Number
from flows.parse.lexicon.matches import Places
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_DIGIT = re.compile(r"\d")
_LONGEST_LEFT = 30
_LONGEST_ASIDE = 100


def completed(sight: Sight, last: Item, number: Number, taken: int) -> Item | None:
    """Add to the item before a number its delta, or its total; None where it is neither."""
    gap = number.start - last.end
    whole = _raised_to(sight, last, number, taken) if gap <= LONGEST_RAISE else None
    if whole is None and gap <= LONGEST_GAP:
        whole = (
            _total_after(sight, last, number)
            or _including(sight, last, number)
            or _trailing(sight, last, number)
        )
    return whole


def _total_after(sight: Sight, last: Item, number: Number) -> Item | None:
    """Read the total after "LABEL (+DELTA) - "."""
    if last.total is not None or last.delta is None:
        return None
    if not sight.glued(last.end, number.start):
        return None
    return last._replace(total=number.value, end=number.end, problem=number.problem)


def _raised_to(sight: Sight, last: Item, number: Number, taken: int) -> Item | None:
    """Read the total after "DELTA LABEL, bringing the total to"."""
    if last.delta is not None or not _led_by(sight, sight.cues.raised_to, last.end, number):
        return None
    if number.value is None or last.total is None or number.value < last.total:
        return None
    if sight.cues.other.search(last.end, number.start):
        return None
    own = label_after(sight, number, taken, number.end, None)
    if own and own.categories != last.categories:
        return None
    return last._replace(
        total=number.value,
        delta=last.total,
        end=number.end,
        approximate=number.rounded or sight.about_before(number, taken),
        rounded=number.rounded,
    )


def _led_by(sight: Sight, cue: Places, start: int, number: Number) -> bool:
    lead = sight.lead(cue, start, number)
    return lead is not None and sight.glued_or_dated(lead, number.start)


def _trailing(sight: Sight, last: Item, number: Number) -> Item | None:
    """Read the delta of "TOTAL LABEL, 410 in the last 24 hours", "TOTAL. 9 more than yesterday"."""
    cues, far = sight.cues, len(sight.text)
    gap = sight.text[last.end : number.start].rstrip(" \t+")
    at = sight.blanks(number.end)
    more = cues.more.match(at, far)
    if last.delta is not None or not (more or gap.endswith((",", ";", "(", "-"))):
        return None
    said = more or cues.daily.match(at, far)
    if not said and (part := cues.including.match(at, far)):
        said = cues.daily.search(part.end(), min(part.end() + LONGEST_GAP, sight.end))
    return last._replace(delta=number.value, end=said.end()) if said else None


def _including(sight: Sight, last: Item, number: Number) -> Item | None:
    """Read the delta after "TOTAL LABEL, including", if it is the last day's."""
    if last.delta is not None:
        return None
    lead = sight.lead(sight.cues.including, last.end, number)
    end = None if lead is None else _daily_around(sight, lead, number)
    return last._replace(delta=number.value, end=end) if end else None


def _daily_around(sight: Sight, lead: int, number: Number) -> int | None:
    """Return where the passage ends that makes a number the last day's, or None."""
    cues = sight.cues
    daily = cues.daily.search(lead, number.start)
    if daily:
        glued = sight.glued(lead, daily.start()) and sight.glued(daily.end(), number.start)
        return number.end if glued else None
    stop = min(number.end + _LONGEST_ASIDE, sight.line.sentence(number.start)[1])
    says = cues.daily.search(number.end, stop) or cues.more.search(number.end, stop)
    return says.end() if says and sight.glued(lead, number.start) else None


def as_delta(
    sight: Sight, item: Item, number: Number, before: Item | None, lead: int
) -> Item | None:
    """Read "11,155 tanks, including four tanks": what is led by "including" may be a delta.

    It is one where the last day is named, or where `before` it its label stands, too: None then,
    for it is a part of the item before.
    """
    if item.delta is not None or not sight.glued_or_dated(lead, number.start):
        return item
    if before and before.categories == item.categories:
        return None
    stop = min(item.end + LONGEST_GAP, sight.end)
    daily = sight.cues.daily.search(item.end, stop)
    alone = daily and not _DIGIT.search(sight.text, item.end, daily.start())
    return item._replace(total=None, delta=item.total) if alone else item


def left_over(sight: Sight, last: Item, number: Number) -> Item | None:
    """Remark on a number of a list line that belongs to nothing: it may have been a delta."""
    near = number.start - last.end <= _LONGEST_LEFT
    if not near or not last.listed or last.delta is not None or last.problem:
        return None
    printed = sight.text[last.end : number.end].strip()
    remark = f"{printed!r} after it is not understood"
    return last._replace(problem=BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, remark))
