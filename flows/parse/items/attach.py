"""Attach: an item whose other number stands after it, without a label of its own."""

import re

from flows.parse.items.deltas import is_of_another_period
from flows.parse.items.item import Item
from flows.parse.items.labelled import label_after
from flows.parse.items.line import LONGEST_GAP, LONGEST_RAISE, YEARS, LineReader
from flows.parse.items.numbers import Number
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_DIGIT = re.compile(r"\d")  # normalized: 0 to 9

_SIGNED_ASIDE = re.compile(r"[(\[][ \t]*\+[ \t]*\Z")

_SECOND_DELTA = re.compile(r"[ \t|;/,]*[(\[]?[ \t]*\+[ \t]*")

_LONGEST_LEFT = 30
"""A number further behind an item is none of its own: "tanks - 4823 (2)" is 2 away."""

_LONGEST_ASIDE = 100
"""How far "including 350" reaches to "over the past day", inside its sentence."""


def completed(reader: LineReader, last: Item, number: Number, free_from: int) -> Item | None:
    """Add to the item before a number its delta, or its total; None where it is neither."""
    gap = number.start - last.end
    if gap > LONGEST_RAISE:
        return None
    is_near = gap <= LONGEST_GAP
    if last.delta is not None:
        if not is_near:
            return None
        return _with_two_deltas(reader, last, number) or _total_after(reader, last, number)
    whole = _raised_to(reader, last, number, free_from)
    if whole is None and is_near:
        whole = (
            _in_all(reader, last, number, free_from)
            or _including(reader, last, number)
            or _trailing(reader, last, number)
            or _added(reader, last, number)
        )
    return whole


def _with_two_deltas(reader: LineReader, last: Item, number: Number) -> Item | None:
    """Take neither of two deltas, "+31 | +2": one is a week's or a month's, and nothing says which.

    The second one may say it: "(+2) +31 in a week".
    """
    if not _SECOND_DELTA.fullmatch(reader.text, last.end, number.start):
        return None
    if is_of_another_period(reader.matches, number.end, min(number.end + LONGEST_GAP, reader.end)):
        return None
    text = f"{reader.text[last.end : number.end].strip()!r} stands behind another delta"
    remark = BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, text)
    return last._replace(delta=None, end=number.end, problem=remark)


def _total_after(reader: LineReader, last: Item, number: Number) -> Item | None:
    """Read the total after "LABEL (+DELTA) - "."""
    if last.total is not None or not reader.is_glued(last.end, number.start):
        return None
    return last._replace(total=number.value, end=number.end, problem=number.problem)


def _raised_to(reader: LineReader, last: Item, number: Number, free_from: int) -> Item | None:
    """Read the total after "DELTA LABEL, bringing the total to"."""
    if last.total is None or number.value is None or number.value < last.total:
        return None
    lead = reader.lead(reader.matches.raised_to, last.end, number)
    if lead is None or not reader.is_glued_or_dated(lead, number.start):
        return None
    if reader.matches.not_the_bulletin.search(last.end, number.start):
        return None
    own = label_after(reader, number, free_from, number.end, None)
    if own and own.categories != last.categories:
        return None
    sentence, _ = reader.line.sentence(number.start)
    before = reader.matches.labels.last(max(sentence, free_from), number.start)
    if before and reader.categories(before) not in ((), last.categories):
        return None  # the next sentence is about another category
    return last._replace(
        total=number.value,
        delta=last.total,
        end=number.end,
        approximate=number.rounded or reader.says_about_before(number, free_from),
        rounded=number.rounded,
    )


def _in_all(reader: LineReader, last: Item, number: Number, free_from: int) -> Item | None:
    """Read the total of "artillery systems: three more, 804 in all" in one sentence."""
    matches = reader.matches
    if last.total is None or number.value is None:
        return None
    if (
        number.value < last.total
        or number.value in YEARS
        or not reader.line.sentence(number.start)[0] <= last.start
    ):
        return None
    after = reader.skip_blanks(number.end)
    before = matches.since.last(last.end, number.start)
    is_led = before is not None and reader.is_glued(before.end(), number.start)
    if not is_led and not matches.since.match(after, reader.end):
        return None
    if label_after(reader, number, free_from, number.end, None):
        return None
    about = number.rounded or reader.says_about_before(number, free_from)
    return last._replace(
        total=number.value,
        delta=last.total,
        end=number.end,
        approximate=about,
        rounded=number.rounded,
    )


def _trailing(reader: LineReader, last: Item, number: Number) -> Item | None:
    """Read the delta of "TOTAL LABEL, 410 in the last 24 hours", "TOTAL. 9 more than yesterday"."""
    matches, far = reader.matches, len(reader.text)
    gap = reader.text[last.end : number.start].rstrip(" \t+")
    after = reader.skip_blanks(number.end)
    more = matches.more.match(after, far)
    if not (more or gap.endswith((",", ";", "(", "-"))):
        return None
    of_a_day = more or matches.daily.match(after, far)
    if not of_a_day and (including := matches.including.match(after, far)):
        stop = min(including.end() + LONGEST_GAP, reader.end)
        of_a_day = matches.daily.search(including.end(), stop)
    if not of_a_day or reader.is_a_total_before(last.categories, last.total, number.value):
        return None
    return last._replace(delta=number.value, end=of_a_day.end())


def _added(reader: LineReader, last: Item, number: Number) -> Item | None:
    """Read the delta of "TOTAL LABEL since the start of the war (+1,080 ...)", "risen by 590"."""
    if last.total is None or number.value is None:
        return None
    if number.value >= last.total or last.start < reader.line.sentence(number.start)[0]:
        return None
    gap = reader.text[last.end : number.start]
    if reader.matches.labels.search(last.end, number.start):
        return None
    stop = min(number.end + LONGEST_GAP, reader.line.sentence(number.start)[1])
    if is_of_another_period(reader.matches, number.end, stop):
        return None
    if not _SIGNED_ASIDE.search(gap):
        lead = reader.lead(reader.matches.risen_by, last.end, number)
        if lead is None or not reader.is_glued(lead, number.start):
            return None
    return last._replace(delta=number.value, end=number.end)


def _including(reader: LineReader, last: Item, number: Number) -> Item | None:
    """Read the delta after "TOTAL LABEL, including", if it is the last day's."""
    lead = reader.lead(reader.matches.including, last.end, number)
    own = lead and label_after(reader, number, last.end, number.end, None)
    if own and own.categories != last.categories:
        return None
    end = None if lead is None else _daily_around(reader, lead, number)
    return last._replace(delta=number.value, end=end) if end else None


def _daily_around(reader: LineReader, lead: int, number: Number) -> int | None:
    """Return where the passage ends that makes a number the last day's, or None."""
    matches = reader.matches
    daily = matches.daily.search(lead, number.start)
    if daily:
        glued = reader.is_glued(lead, daily.start())
        return number.end if glued and reader.is_glued(daily.end(), number.start) else None
    stop = min(number.end + _LONGEST_ASIDE, reader.line.sentence(number.start)[1])
    of_a_day = matches.daily.search(number.end, stop) or matches.more.search(number.end, stop)
    return of_a_day.end() if of_a_day and reader.is_glued(lead, number.start) else None


def as_delta(
    reader: LineReader, item: Item, number: Number, before: Item | None, lead: int
) -> Item | None:
    """Read "11,155 tanks, including four tanks": what is led by "including" may be a delta.

    It is one where the last day is named, or where `before` it its label stands, too: None then,
    for it is a part of the item before.
    """
    if item.delta is not None or not reader.is_glued_or_dated(lead, number.start):
        return item
    if before and before.categories == item.categories:
        return None
    stop = min(item.end + LONGEST_GAP, reader.end)
    daily = reader.matches.daily.search(item.end, stop)
    alone = daily and not _DIGIT.search(reader.text, item.end, daily.start())
    return item._replace(total=None, delta=item.total) if alone else item


def left_over(reader: LineReader, last: Item, number: Number) -> Item | None:
    """Remark on a number of a list line that belongs to nothing: it may have been a delta."""
    near = number.start - last.end <= _LONGEST_LEFT
    if not near or not last.listed or last.delta is not None or last.problem:
        return None
    remark = f"{reader.text[last.end : number.end].strip()!r} after it is not understood"
    return last._replace(problem=BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, remark))
