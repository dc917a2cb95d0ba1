"""Records of the tables as Arrow data, and back: generated from the declarations of the columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from schemas.codes import BulletinWarningCode
from schemas.fields import Field, Table, arrow_schema
from schemas.records import BulletinWarning, Unrecognized

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Record = DataclassInstance

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment, and the day, from which Arrow counts."""

_WARNINGS = {code.value: code for code in BulletinWarningCode}
_schema = cache(arrow_schema)


def to_arrow(table: Table, records: Sequence["Record"]) -> pa.Table:
    """Return records as Arrow data with the table's frozen schema."""
    arrays = [
        _array([*map(attrgetter(field.name), records)], field, kind)
        for field, kind in zip(table.fields, _schema(table).types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=_schema(table))


def from_arrow(table: Table, data: pa.Table, in_path: Mapping[str, str]) -> Iterator["Record"]:
    """Yield the records of Arrow data that has the table's columns; `in_path` gives the others.

    Raises KeyError for a code that is not on the list of its column.
    """
    columns = {
        field.name: _decoded(python_values(data[field.name]), field) for field in table.fields
    }
    constant = {name: [value] * data.num_rows for name, value in in_path.items()}
    every = columns | constant
    ordered = [every[declared.name] for declared in fields_of(table.record)]
    for values in zip(*ordered, strict=True):
        yield table.record(*values)


def python_values(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's values as Python has them; times are aware, in UTC.

    Times are made of numbers here: pyarrow would import pandas first, half a second that a command
    which only reads should not take.
    """
    is_time = pa.types.is_timestamp(column.type)
    values: list[Any] = (column.cast(pa.int64()) if is_time else column).to_pylist()
    if not is_time:
        return values
    return [None if value is None else EPOCH + timedelta(microseconds=value) for value in values]


def _decoded(values: list[Any], field: Field) -> list[Any]:
    """Return a column's values as the record holds them: codes, tuples and structs."""
    if field.codes:
        codes: dict[str | None, Any] = {code.value: code for code in field.values} | {None: None}
        return [codes[value] for value in values]
    if field.type in ("string", "date32"):
        return _shared(values)
    if field.type == "strings":
        return [*map(tuple, values)]
    if field.type == "warnings":
        return [tuple(BulletinWarning(_WARNINGS[w["code"]], w["text"]) for w in v) for v in values]
    if field.type == "unrecognized":
        return [tuple(Unrecognized(**item) for item in items) for items in values]
    return values


def _shared(values: list[Any]) -> list[Any]:
    """Return the values, each an object of its own only once: a hash stands in a dozen rows."""
    known: dict[Any, Any] = {}
    return [known.setdefault(value, value) for value in values]


def _array(values: Sequence[Any], field: Field, kind: pa.DataType) -> pa.Array:
    if field.type in ("warnings", "unrecognized"):
        values = [[asdict(struct) for struct in structs] for structs in values]
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # Half a surrogate pair, from a JSON text or a file name.
        return pa.array([_well_formed(value) for value in values], kind)


def _well_formed(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list | tuple):
        return [_well_formed(item) for item in value]
    if isinstance(value, dict):
        return {name: _well_formed(item) for name, item in value.items()}
    return value
