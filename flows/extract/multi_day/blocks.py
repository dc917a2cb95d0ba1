"""A page of many days, such as the index portal's month: a date as a heading, its list below."""

import re
from datetime import date

from flows.extract.multi_day.base import Part
from flows.moments import iso_date
from schemas.codes import Reason
from schemas.records import Bulletin

_HEADING = re.compile(
    r"^[ \t]*(?:(?P<d>\d\d)\.(?P<m>\d\d)\.(?P<y>\d{4})|(?P<iso>\d{4}-\d\d-\d\d))[^\d\n]{0,40}$",
    re.M,
)
"""A line of "09.10.2023" or "2023-10-09" with a few words behind it and no further number."""

_DATED_LINE = re.compile(r"\n[ \t]*\d\d[\d.][\d-]")
"""How every heading but the first of a text begins: cheap to look for."""

_ITEM = re.compile(r"[ \t]*[^\W\d][^\n]{0,70}?[-\u2010-\u2015\u2212:\t][^\d\n]{0,20}\d")
"""A label, a dash or tabulator, and a number: "Tanks \u2014 4823 (+2)"; labels reach 61 letters."""

_LINE = re.compile(r"[^\n]*\S[^\n]*")
"""A line that is not blank."""

_FEWEST_ITEMS = 3
"""Fewer items below a date are no list of losses; the shortest of 2022 have some ten."""

_FEWEST_DAYS = 2
"""A page with one day is an ordinary document."""

_ENOUGH_OTHERS = 2
"""So many lines on end that are no items end a list; one may be a remark inside it."""


def day_blocks(text: str) -> tuple[Part, ...]:
    """Return the days of a text whose dates are headings of lists; none where it is no such text.

    Between two days a heading without a list is a day that cannot be read, and refused; elsewhere
    it heads something else.
    """
    if not _DATED_LINE.search(text):
        return ()
    headings = list(_HEADING.finditer(text))
    if len(headings) < _FEWEST_DAYS:
        return ()
    limits = [*(heading.start() for heading in headings[1:]), len(text)]
    ends = [_end_of_list(text, h.end(), limit) for h, limit in zip(headings, limits, strict=True)]
    lists = [n for n, end in enumerate(ends) if end is not None]
    if len(lists) < _FEWEST_DAYS:
        return ()
    return tuple(
        _part(heading, end)
        for n, (heading, end) in enumerate(zip(headings, ends, strict=True))
        if lists[0] <= n <= lists[-1] or _same_month(heading, headings[lists[0]])
    )


def _end_of_list(text: str, start: int, end: int) -> int | None:
    """Return where the list that stands between two offsets ends; None where none begins there.

    Two lines on end that are no items end it: what follows the last day is no part of it.
    """
    last, items, others = start, 0, 0
    for line in _LINE.finditer(text, start, end):
        if _ITEM.match(line[0]):
            last, items, others = line.end(), items + 1, 0
        else:
            others += 1
            if others == _ENOUGH_OTHERS:
                break
    return last if items >= _FEWEST_ITEMS else None


def _part(heading: re.Match[str], end: int | None) -> Part:
    if end is not None:
        return Part(heading.start(), end, day=_date(heading))
    reason = f"no list of losses stands below {heading[0].strip()!r}"
    return Part(
        *heading.span(),
        Bulletin("refused", reason, Reason.DAY_WITHOUT_LIST, report_date=_date(heading)),
    )


def _same_month(heading: re.Match[str], other: re.Match[str]) -> bool:
    day, month = _date(heading), _date(other)
    return day is not None and month is not None and day.replace(day=1) == month.replace(day=1)


def _date(heading: re.Match[str]) -> date | None:
    return iso_date(heading["iso"] or "{y}-{m}-{d}".format_map(heading.groupdict()))
