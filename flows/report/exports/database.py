"""All tables in one database file, SQLite or DuckDB, with views for the questions asked most."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.files import json_text
from flows.report.exports.extra import needing, unwritable
from flows.report.exports.text_files import rows
from schemas.fields import Table
from schemas.tables import TABLES

Source = Callable[[Table], Iterable[pa.Table]]
"""Gives the rows of a table, some at a time."""

VIEWS = {
    "losses_daily": "SELECT report_date, loss_date, war_day, category, daily, daily_basis, total "
    "FROM losses ORDER BY report_date, category",
    "mismatches": "SELECT * FROM losses WHERE delta_status = 'mismatch' "
    "ORDER BY report_date, category",
}
"""What to plot, and what does not add up."""

_SQLITE = {"int32": "INTEGER", "int64": "INTEGER", "bool": "INTEGER"}
"""The types of columns in SQLite; anything else is TEXT: dates and times ISO 8601, lists JSON."""

_DUCKDB = {
    "date32": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "bool": "BOOLEAN",
    "string": "VARCHAR",
    "strings": "VARCHAR[]",
    "warnings": "STRUCT(code VARCHAR, text VARCHAR)[]",
    "unrecognized": "STRUCT(label VARCHAR, total BIGINT, delta BIGINT)[]",
}

_DESCRIPTIONS = "columns_of_tables"
"""A table in SQLite, which has no comments on columns: what each of them means."""


def write_sqlite(data: Source, path: Path) -> int:
    """Write all tables into a new SQLite file; return the rows of `losses`. Raises OSError."""
    with unwritable(sqlite3.OperationalError), closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = OFF")  # a file that fails is thrown away
        database.execute("PRAGMA synchronous = OFF")
        counts = {}
        for table in TABLES:
            columns = ", ".join(
                f'"{f.name}" {_SQLITE.get(f.type, "TEXT")}{"" if f.nullable else " NOT NULL"}'
                for f in table.every_field
            )
            database.execute(f'CREATE TABLE "{table.name}" ({columns})')
            marks = ", ".join("?" for _ in table.every_field)
            insert = f'INSERT INTO "{table.name}" VALUES ({marks})'
            found = ([*map(_sqlite_value, row)] for row in rows(data(table)))
            database.executemany(insert, found)
            (counts[table.name],) = database.execute(
                f'SELECT count(*) FROM "{table.name}"'
            ).fetchone()
        database.execute("CREATE INDEX losses_by_category ON losses (category, report_date)")
        database.execute(
            f'CREATE TABLE {_DESCRIPTIONS} ("table" TEXT, "column" TEXT, unit TEXT, meaning TEXT)'
        )
        database.executemany(
            f"INSERT INTO {_DESCRIPTIONS} VALUES (?, ?, ?, ?)",
            [(t.name, f.name, f.unit, f.description) for t in TABLES for f in t.every_field],
        )
        for name, query in VIEWS.items():
            database.execute(f"CREATE VIEW {name} AS {query}")
        database.commit()
    return int(counts["losses"])


def _sqlite_value(value: Any) -> Any:
    match value:
        case list():
            return json_text(value)
        case date():
            return value.isoformat()
        case _:
            return value


def write_duckdb(data: Source, path: Path) -> int:
    """Write all tables into a new DuckDB file; return the rows of `losses`.

    Raises UsageError where DuckDB is missing, OSError.
    """
    duckdb = needing("duckdb")
    refused = (duckdb.IOException, duckdb.FatalException)
    with unwritable(*refused), closing(duckdb.connect(str(path))) as database:
        counts = {}
        for table in TABLES:
            columns = ", ".join(
                f'"{f.name}" {_DUCKDB[f.type]}{"" if f.nullable else " NOT NULL"}'
                for f in table.every_field
            )
            database.execute(f'CREATE TABLE "{table.name}" ({columns})')
            database.execute(f'COMMENT ON TABLE "{table.name}" IS {_quoted(table.description)}')
            for f in table.every_field:
                told = f"{f.description} Unit: {f.unit}." if f.unit else f.description
                database.execute(f'COMMENT ON COLUMN "{table.name}"."{f.name}" IS {_quoted(told)}')
            counts[table.name] = 0
            for part in data(table):
                database.register("part", part)
                database.execute(f'INSERT INTO "{table.name}" SELECT * FROM part')
                database.unregister("part")
                counts[table.name] += part.num_rows
        for name, query in VIEWS.items():
            database.execute(f"CREATE VIEW {name} AS {query}")
    return counts["losses"]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
