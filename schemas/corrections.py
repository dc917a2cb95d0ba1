"""Known errors of sources as data: `corrections.toml` as typed, checked records."""

import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.codes import CorrectionStatus, RevisionField
from schemas.registry import Registry, load_registry

FIELDS = (RevisionField.TOTAL, RevisionField.DELTA)
"""The numbers that a source prints."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One printed number of a source that is known to be wrong; the keys are those of the file.

    `expect` is the number as the source prints it: the guard that the entry is still about what
    stands there. `correct` is what it should be, None where nobody can tell.
    """

    source: str
    report_date: date
    category: str
    field: RevisionField
    expect: int
    what: str
    why: str
    link: str
    status: CorrectionStatus
    correct: int | None = None


_REQUIRED = {field.name for field in fields(Correction) if field.default is MISSING}
_KNOWN = {field.name for field in fields(Correction)}


def parse_corrections(text: str, registry: Registry) -> tuple[Correction, ...]:
    """Return the entries of the text of a `corrections.toml`, in its order.

    Raises ValueError, naming the entry, for what is not TOML, a missing or an unknown key, a value
    of another type, an unknown category, field or status, and two entries about one number.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"corrections.toml: not valid TOML: {error}") from error
    if unknown := content.keys() - {"correction"}:
        raise ValueError(f"corrections.toml: unknown table {min(unknown)!r}; write [[correction]]")
    tables = content.get("correction", [])
    if not isinstance(tables, list):
        raise ValueError(
            "corrections.toml: write [[correction]] above each entry, not [correction]"
        )
    entries = [_correction(table, number, registry) for number, table in enumerate(tables, 1)]
    _check_once_each(entries)
    return tuple(entries)


@cache
def load_corrections() -> tuple[Correction, ...]:
    """Return the known errors that come with Tallybook."""
    text = files("schemas").joinpath("corrections.toml").read_text("utf-8")
    return parse_corrections(text, load_registry())


def _correction(table: dict[str, Any], number: int, registry: Registry) -> Correction:
    where = ", ".join(
        str(table[key]) for key in ("source", "report_date", "category") if key in table
    )
    where = f"corrections.toml: entry {number} ({where or 'no name'})"
    for name in sorted(_REQUIRED - table.keys()):
        raise ValueError(f"{where}: the key {name!r} is missing")
    for name in sorted(table.keys() - _KNOWN):
        raise ValueError(f"{where}: unknown key {name!r}; known are {', '.join(sorted(_KNOWN))}")
    for name, problem in _problems(table, registry):
        raise ValueError(f"{where}: {name} = {table[name]!r}: {problem}")
    codes = {"field": RevisionField(table["field"]), "status": CorrectionStatus(table["status"])}
    return Correction(**(table | codes))


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
        ("status", tuple(CorrectionStatus)),
    ):
        if table[name] not in known:
            yield name, f"unknown; known are {', '.join(known)}"
    if table.get("correct") == table["expect"]:
        yield "correct", "the same as `expect`: then nothing is wrong"


def _check_once_each(entries: Iterable[Correction]) -> None:
    numbers = set()
    for entry in entries:
        number = entry.source, entry.report_date, entry.category, entry.field
        if number in numbers:
            raise ValueError(
                f"corrections.toml: two entries are about {' '.join(map(str, number))}"
            )
        numbers.add(number)
