"""What a published column is, and what is generated from it: Arrow schemas, pandas dtypes.

The columns themselves are the fields of the records in `schemas/tables.py`, declared there once.
"""

import dataclasses
import json
import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from schemas.codes import Code
from schemas.records import BulletinWarning, Unrecognized

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from _typeshed import DataclassInstance

SCHEMA_VERSION = 2
"""Version of the published tables; a lake written by a newer one is refused.

1: the first. 2: `loss_date`, `daily`, `daily_basis` and `url` in `losses`, `decided_by` in
`figures`, `reason_code` and structs for `unrecognized` and `warnings` in `bulletins`.
"""

PANDAS_DTYPES = MappingProxyType(
    {
        "date32": "date32[day][pyarrow]",
        "timestamp": "timestamp[us, tz=UTC][pyarrow]",
        "int32": "Int32",
        "int64": "Int64",
        "bool": "boolean",
        "string": "string[pyarrow]",
    }
)

_PANDAS_TYPES = MappingProxyType(
    {
        "date32": "date",
        "timestamp": "datetimetz",
        "int32": "int32",
        "int64": "int64",
        "bool": "bool",
        "string": "unicode",
    }
)
"""What pandas metadata calls the types."""

_NUMPY_TYPES = MappingProxyType(
    dict(PANDAS_DTYPES) | {"date32": "datetime64[ns]", "timestamp": "datetime64[ns]"}
)
"""The dtypes in pandas metadata. Measured, fastparquet 2026.9 and pandas 3.1 over losses:

| dates are called | pandas gives | fastparquet gives | integers with nulls |
| --- | --- | --- | --- |
| date32[day][pyarrow] | date32[day][pyarrow] | TypeError | Int64 |
| object | object (dates) | object (dates) | Int64 |
| datetime64[ns] | object (dates) | datetime64[ns] | Int64 |
| not at all | object (dates) | KeyError | Int64 |
| no metadata | object (dates) | datetime64[ns] | float64 in pandas |

None makes a date of the file a datetime64 in pandas: `pd.to_datetime` does, after each of them.
"""

_STRUCTS: MappingProxyType[type, str] = MappingProxyType(
    {BulletinWarning: "warnings", Unrecognized: "unrecognized"}
)
"""The records that a list column can hold, and the type that such a column has here."""


Codes = type[Code]
"""An enumeration of codes."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column: name, type, unit, whether it may be null, and what it means.

    `type` is one of date32, timestamp (microseconds, UTC), int32, int64, bool, string, strings (a
    list of strings), warnings and unrecognized (lists of structs). `codes` are the enumerations
    whose values a coded column may have.
    """

    name: str
    type: str
    description: str
    unit: str = ""
    nullable: bool = False
    codes: tuple[Codes, ...] = ()

    @property
    def values(self) -> tuple[Code, ...]:
        """The allowed values of a coded column; none for any other."""
        return tuple(code for codes in self.codes for code in codes)


def column(
    description: str, unit: str = "", *, int32: bool = False, partition: bool = False
) -> Any:
    """Declare a column: the field of a record, with what it means and its unit.

    `int32`: a number that 32 bits always hold. `partition`: it stands in the folder's name only.
    """
    more = {"description": description, "unit": unit, "int32": int32, "partition": partition}
    return dataclasses.field(metadata=more)


@dataclass(frozen=True)
class Table:
    """One published table: its folder in the lake, one row's meaning and record, its sort key.

    `partitions` are the folder levels below it: "year", and columns declared as `partition`.
    """

    name: str
    description: str
    record: "type[DataclassInstance]"
    partitions: tuple[str, ...]
    sort_key: tuple[str, ...]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The columns of the table's files, in file order."""
        names = {f.name for f in dataclasses.fields(self.record) if f.metadata["partition"]}
        return tuple(f for f in self.every_field if f.name not in names)

    @cached_property
    def every_field(self) -> tuple[Field, ...]:
        """The columns of the table's rows: those that stand in the folders' names alone, too."""
        hints = typing.get_type_hints(self.record)
        return tuple(_field(f, hints[f.name]) for f in dataclasses.fields(self.record))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The column names, in file order."""
        return tuple(f.name for f in self.fields)


def _field(declared: "dataclasses.Field[Any]", hint: Any) -> Field:
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    kinds = typing.get_args(hint) if union else (hint,)
    named = [kind for kind in kinds if kind is not type(None)]
    return Field(
        name=declared.name,
        type="int32" if declared.metadata["int32"] else _type_of(named[0]),
        description=declared.metadata["description"],
        unit=declared.metadata["unit"],
        nullable=len(named) < len(kinds),
        codes=tuple(k for k in named if isinstance(k, type) and issubclass(k, Code)),
    )


def _type_of(hint: Any) -> str:
    """Return the column type of a record's annotation; None aside."""
    if typing.get_origin(hint) is tuple:
        element = typing.get_args(hint)[0]
        return "strings" if element is str else _STRUCTS[element]
    scalars = {date: "date32", datetime: "timestamp", int: "int64", bool: "bool", str: "string"}
    return "string" if issubclass(hint, Code) else scalars[hint]


def arrow_schema(table: Table) -> "pa.Schema":
    """Return the frozen Arrow schema of a table, description and unit in each field's metadata."""
    return schema_of(table.fields)


def schema_of(fields: "Sequence[Field]") -> "pa.Schema":
    """Return the Arrow schema of columns, as `arrow_schema` does of those of a table's files."""
    import pyarrow as pa

    def list_of(kind: pa.DataType) -> pa.DataType:
        return pa.list_(pa.field("element", kind, nullable=False))

    kinds = {
        "date32": pa.date32(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "strings": list_of(pa.string()),
        "warnings": list_of(
            pa.struct(
                [
                    pa.field("code", pa.string(), nullable=False),
                    pa.field("text", pa.string(), nullable=False),
                ]
            )
        ),
        "unrecognized": list_of(
            pa.struct(
                [
                    pa.field("label", pa.string(), nullable=False),
                    pa.field("total", pa.int64()),
                    pa.field("delta", pa.int64()),
                ]
            )
        ),
    }
    described = [
        pa.field(
            f.name,
            kinds[f.type],
            nullable=f.nullable,
            metadata={"description": f.description} | ({"unit": f.unit} if f.unit else {}),
        )
        for f in fields
    ]
    return pa.schema(
        described,
        metadata={
            "tallybook.schema_version": str(SCHEMA_VERSION),
            "pandas": json.dumps(_pandas_metadata(fields)),
        },
    )


def _pandas_metadata(fields: "Sequence[Field]") -> dict[str, Any]:
    """What pandas needs to give each column its dtype by itself: a missing count is no float."""
    return {
        "index_columns": [],
        "column_indexes": [],
        "columns": [
            {
                "name": f.name,
                "field_name": f.name,
                # A list has to be named, or fastparquet reads nothing; its elements need no type.
                "pandas_type": _PANDAS_TYPES.get(f.type, "object"),
                "numpy_type": _NUMPY_TYPES.get(f.type, "object"),
                "metadata": {"timezone": "UTC"} if f.type == "timestamp" else None,
            }
            for f in fields
        ],
        "pandas_version": "3",
    }
