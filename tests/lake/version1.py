"""A lake as version 1 of the schema had it, made of one of today's: the columns spelled out here.

They are those of the last commit that wrote version 1, and stay as they are whatever today's are.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_STRINGS = pa.list_(pa.field("element", pa.string(), nullable=False))
_TIME = pa.timestamp("us", tz="UTC")

COLUMNS: Mapping[str, Mapping[str, pa.DataType]] = {
    "losses": {
        "report_date": pa.date32(),
        "war_day": pa.int32(),
        "category": pa.string(),
        "total": pa.int64(),
        "delta": pa.int64(),
        "approximate": pa.bool_(),
        "previous_date": pa.date32(),
        "previous_total": pa.int64(),
        "days_missing": pa.int32(),
        "change": pa.int64(),
        "discrepancy": pa.int64(),
        "delta_status": pa.string(),
        "diagnosis": pa.string(),
        "suggested_total": pa.int64(),
        "hint": pa.string(),
        "source": pa.string(),
        "sources_agreeing": pa.int32(),
        "sources_total": pa.int32(),
        "document_sha256": pa.string(),
    },
    "figures": {
        "report_date": pa.date32(),
        "category": pa.string(),
        "total": pa.int64(),
        "delta": pa.int64(),
        "approximate": pa.bool_(),
        "label": pa.string(),
        "start": pa.int32(),
        "end": pa.int32(),
        "document_sha256": pa.string(),
    },
    "bulletins": {
        "report_date": pa.date32(),
        "war_day": pa.int32(),
        "source": pa.string(),
        "url": pa.string(),
        "title": pa.string(),
        "headlines": _STRINGS,
        "language": pa.string(),
        "complete": pa.bool_(),
        "figures": pa.int32(),
        "bulletins": pa.int32(),
        "published_at": _TIME,
        "published_on": pa.date32(),
        "fetched_at": _TIME,
        "status": pa.string(),
        "reason": pa.string(),
        "warnings": _STRINGS,
        "document_sha256": pa.string(),
    },
    "revisions": {
        "report_date": pa.date32(),
        "category": pa.string(),
        "field": pa.string(),
        "old_value": pa.int64(),
        "new_value": pa.int64(),
        "old_text": pa.string(),
        "new_text": pa.string(),
        "seen_at": _TIME,
        "cause": pa.string(),
        "old_document_sha256": pa.string(),
        "new_document_sha256": pa.string(),
    },
}

_NULLABLE: Mapping[str, frozenset[str]] = {
    "losses": frozenset(
        {
            *("delta", "previous_date", "previous_total", "days_missing", "change"),
            *("discrepancy", "diagnosis", "suggested_total", "hint"),
        }
    ),
    "figures": frozenset({"total", "delta"}),
    "bulletins": frozenset(
        {
            *("report_date", "war_day", "title", "language", "published_at", "published_on"),
            *("fetched_at", "reason"),
        }
    ),
    "revisions": frozenset({"old_value", "new_value", "old_text", "new_text"}),
}


def as_version_1(root: Path) -> None:
    """Write the tables of a lake as version 1 had them, and its mark."""
    for name in COLUMNS:
        for path in sorted((root / name).rglob("*.parquet")):
            rows = pq.ParquetFile(path).read().to_pylist()
            schema = _schema(name)
            pq.write_table(
                pa.Table.from_pylist([_old(name, row) for row in rows], schema),
                path,
                compression="zstd",
            )
    mark = {"format": "tallybook lake", "schema_version": 1}
    (root / "lake.json").write_text(json.dumps(mark, indent=1) + "\n")


def _schema(table: str) -> pa.Schema:
    fields = [
        pa.field(name, kind, nullable=name in _NULLABLE[table])
        for name, kind in COLUMNS[table].items()
    ]
    return pa.schema(fields, metadata={"tallybook.schema_version": "1"})


def _old(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row with the values that version 1 had: a sentence for a warning, other names of causes."""
    if table == "bulletins":
        row["warnings"] = [warning["text"] for warning in row["warnings"]]
    if table == "revisions" and row["cause"] == "neighbour_changed":
        row["cause"] = "days_beside"
    return {name: row[name] for name in COLUMNS[table]}
