"""The community data set: a JSON list of records a day, totals only, equipment or personnel."""

from collections.abc import Iterator

from flows.extract.multi_day.base import Contents, Part, assemble
from flows.extract.multi_day.record import Entry, keys_of, piece, read_count
from schemas.codes import Reason
from schemas.records import Bulletin

_CORRECTIONS = "not the bulletins: a list of corrections, many of its numbers are below zero"
_MANY = 20
"""Corrections are below zero in every second record, totals never; one in so many may be a slip."""


def community(data: object) -> Contents | None:
    """Return the days of a file of the data set; None where the data is none.

    A record has "date", "day" and a total a key. The corrections that lie beside the totals have
    the same shape: they are refused as a whole.
    """
    if not isinstance(data, list) or not any(_is_record(record) for record in data):
        return None
    keys = keys_of("community")
    contents = assemble(piece(record, _entries(record), keys) for record in data)
    if sum(map(_is_below_zero, data)) * _MANY < len(data):
        return contents
    refused = Part(
        0, len(contents.page.text), Bulletin("refused", _CORRECTIONS, Reason.CORRECTIONS)
    )
    return Contents(contents.page, (refused,))


def _is_record(record: object) -> bool:
    """Whether it has a date and something that is counted: other lists have dates, too."""
    categories = keys_of("community").categories
    return (
        isinstance(record, dict) and "date" in record and not categories.keys().isdisjoint(record)
    )


def _entries(record: object) -> Iterator[Entry]:
    """Yield what a record counts; a key with "*" behind it says how exact the number is."""
    if not isinstance(record, dict):
        return
    other = keys_of("community").other
    for key, value in record.items():
        if key not in other:
            yield Entry(key, value, approximate=bool(record.get(f"{key}*")))


def _is_below_zero(record: object) -> bool:
    values = record.values() if isinstance(record, dict) else ()
    return any((read_count(value) or 0) < 0 for value in values)
