"""Known errors of sources as data: `corrections.toml` as typed, checked records."""

import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.registry import Registry, load_registry

FIELDS = ("total", "delta")
STATUSES = ("open", "reported", "disputed", "fixed")


@dataclass(frozen=True, slots=True)
class Correction:
    """One printed number of a source that is known to be wrong; the keys are those of the file.

    `expect` is the number as the source prints it: the guard that the entry is still about what
    stands there. `correct` is what it should be, None where nobody can tell. `status`: "open",
    "reported" to the publisher, "disputed" by them, or "fixed" (older copies may still have it).
    """

    source: str
    report_date: date
    category: str
    field: str
    expect: int
    what: str
    why: str
    link: str
    status: str
    correct: int | None = None


_REQUIRED = {field.name for field in fields(Correction) if field.default is MISSING}
_KNOWN = {field.name for field in fields(Correction)}


def parse_corrections(text: str, registry: Registry) -> tuple[Correction, ...]:
    """Return the entries of the text of a `corrections.toml`, in its order.

    Raises ValueError, naming the entry, for what is not TOML, a missing or an unknown key, a value
    of another type, an unknown category, field or status, and two entries about one number.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"corrections.toml: not valid TOML: {error}") from error
    if unknown := given.keys() - {"correction"}:
        raise ValueError(f"corrections.toml: unknown table {min(unknown)!r}; write [[correction]]")
    tables = given.get("correction", [])
    if not isinstance(tables, list):
        raise ValueError(
            "corrections.toml: write [[correction]] above each entry, not [correction]"
        )
    found = [_correction(table, place, registry) for place, table in enumerate(tables, 1)]
    _once_each(found)
    return tuple(found)


@cache
def load_corrections() -> tuple[Correction, ...]:
    """Return the known errors that come with Tallybook."""
    text = files("schemas").joinpath("corrections.toml").read_text("utf-8")
    return parse_corrections(text, load_registry())


def _correction(table: dict[str, Any], place: int, registry: Registry) -> Correction:
    where = ", ".join(
        str(table[key]) for key in ("source", "report_date", "category") if key in table
    )
    where = f"corrections.toml: entry {place} ({where or 'no name'})"
    for name in sorted(_REQUIRED - table.keys()):
        raise ValueError(f"{where}: the key {name!r} is missing")
    for name in sorted(table.keys() - _KNOWN):
        raise ValueError(f"{where}: unknown key {name!r}; known are {', '.join(sorted(_KNOWN))}")
    for name, problem in _problems(table, registry):
        raise ValueError(f"{where}: {name} = {table[name]!r}: {problem}")
    return Correction(**table)


def _problems(table: dict[str, Any], registry: Registry) -> Iterable[tuple[str, str]]:
    """Yield the keys whose values cannot be used, and why."""
    day = table["report_date"]
    if not isinstance(day, date) or isinstance(day, datetime):
        yield "report_date", "not a date; write it as in 2023-10-09, without quotes"
    for name in ("expect", "correct"):
        if name in table and (not isinstance(table[name], int) or isinstance(table[name], bool)):
            yield name, "not a whole number"
    for name in ("source", "what", "why", "link"):
        if not isinstance(table[name], str) or not table[name].strip():
            yield name, "not a text"
    for name, known in (
        ("category", registry.categories),
        ("field", FIELDS),
        ("status", STATUSES),
    ):
        if table[name] not in known:
            yield name, f"unknown; known are {', '.join(known)}"
    if table.get("correct") == table["expect"]:
        yield "correct", "the same as `expect`: then nothing is wrong"


def _once_each(found: Iterable[Correction]) -> None:
    seen = set()
    for one in found:
        number = one.source, one.report_date, one.category, one.field
        if number in seen:
            raise ValueError(
                f"corrections.toml: two entries are about {' '.join(map(str, number))}"
            )
        seen.add(number)
