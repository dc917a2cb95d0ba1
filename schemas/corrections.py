"""Known errors of sources as data: `corrections.toml` as typed, checked records."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

from msgspec import Meta, Struct

from schemas import typed
from schemas.codes import CorrectionStatus, RevisionField
from schemas.registry import Registry, load_registry

FIELDS = (RevisionField.TOTAL, RevisionField.DELTA)
"""The numbers that a source prints."""


_Text = Annotated[str, Meta(pattern=r"\S", description="a text in quotes")]
_Count = Annotated[int, Meta(description="a whole number")]


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """One printed number of a source that is known to be wrong; the keys are those of the file.

    `expect` is the number as the source prints it: the guard that the entry is still about what
    stands there. `correct` is what it should be, None where nobody can tell.
    """

    source: _Text
    report_date: Annotated[
        date, Meta(description="a date as in 2023-10-09, without quotes and time")
    ]
    category: str
    field: Annotated[RevisionField, Meta(description='"total" or "delta"')]
    expect: _Count
    what: _Text
    why: _Text
    link: _Text
    status: CorrectionStatus
    correct: _Count | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    correction: Annotated[
        tuple[dict[str, object], ...],
        Meta(description="tables: write [[correction]] above each entry, not [correction]"),
    ] = ()


def parse_corrections(text: str, registry: Registry) -> tuple[Correction, ...]:
    """Return the entries of the text of a `corrections.toml`, in its order.

    Raises NotValid, naming the entry, for what is not TOML, a missing or an unknown key, a value
    of another type, an unknown category, field or status, and two entries about one number.
    """
    file = typed.record(typed.toml(text, "corrections.toml"), _File, "corrections.toml")
    entries = [_correction(table, n, registry) for n, table in enumerate(file.correction, 1)]
    _check_once_each(entries)
    return tuple(entries)


@cache
def load_corrections() -> tuple[Correction, ...]:
    """Return the known errors that come with Tallybook."""
    text = files("schemas").joinpath("corrections.toml").read_text("utf-8")
    return parse_corrections(text, load_registry())


def _correction(table: dict[str, object], number: int, registry: Registry) -> Correction:
    named = ", ".join(
        str(table[key]) for key in ("source", "report_date", "category") if key in table
    )
    where = f"corrections.toml: entry {number} ({named or 'no name'})"
    entry = typed.record(table, Correction, where)
    if entry.category not in registry.categories:
        what = typed.unknown(entry.category, registry.categories, "category")
        raise typed.NotValid(f"{where}: {what}")
    if entry.field not in FIELDS:
        raise typed.NotValid(f"{where}: field must be {' or '.join(FIELDS)}")
    if entry.correct == entry.expect:
        raise typed.NotValid(f"{where}: correct is the same as expect: then nothing is wrong")
    return entry


def _check_once_each(entries: Iterable[Correction]) -> None:
    numbers = set()
    for entry in entries:
        number = entry.source, entry.report_date, entry.category, entry.field
        if number in numbers:
            raise typed.NotValid(
                f"corrections.toml: two entries are about {' '.join(map(str, number))}"
            )
        numbers.add(number)
