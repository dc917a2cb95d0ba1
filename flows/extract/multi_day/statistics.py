"""The statistics of the russianwarship.rip API: totals and increases, one day or a list of days.

Its address and keys are known from public clients of it; see `keys.toml`.
"""

from collections.abc import Iterator, Mapping

from flows.extract.multi_day.base import Contents, assemble
from flows.extract.multi_day.record import Entry, keys_of, piece


def statistics(data: object) -> Contents | None:
    """Return the days of an answer of the API; None where the data is none.

    `{"data": {"records": [...]}}` is a list of days, `{"data": {...}}` one; each has "date",
    "stats" and "increase". An increase is a printed delta, 0 too.
    """
    answer = data.get("data") if isinstance(data, dict) else None
    if not isinstance(answer, dict):
        return None
    records = answer.get("records", [answer] if "stats" in answer else None)
    if not isinstance(records, list):
        return None
    keys = keys_of("statistics")
    return assemble(piece(record, _entries(record), keys) for record in records)


def _entries(record: object) -> Iterator[Entry]:
    stats, increase = _table(record, "stats"), _table(record, "increase")
    for key in dict.fromkeys((*stats, *increase)):
        yield Entry(key, stats.get(key), increase.get(key))


def _table(record: object, name: str) -> Mapping[str, object]:
    table = record.get(name) if isinstance(record, dict) else None
    return table if isinstance(table, dict) else {}
