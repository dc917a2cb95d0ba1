"""The field table, and what is generated from it: Arrow schemas and dtypes."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.codes import Code, DeltaStatus
from schemas.fields import PANDAS_DTYPES, SCHEMA_VERSION, Table, arrow_schema
from schemas.tables import LOSSES, TABLES
from tests.ledger import document, take_in

LISTS = ("strings", "warnings", "unrecognized")
BY_NAME = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@BY_NAME
def test_every_column_is_described_once(table: Table) -> None:
    assert len(set(table.columns)) == len(table.columns)
    assert set(table.sort_key) <= set(table.columns)
    for field in table.fields:
        assert field.description.endswith("."), field.name
        if field.type in ("int32", "int64"):
            assert field.unit, f"{field.name}: a number has a unit"


@BY_NAME
def test_the_arrow_schema_carries_description_unit_and_nullability(table: Table) -> None:
    schema = arrow_schema(table)
    assert tuple(schema.names) == table.columns
    assert schema.metadata[b"tallybook.schema_version"] == str(SCHEMA_VERSION).encode()
    for field in table.fields:
        found = schema.field(field.name)
        assert found.nullable == field.nullable
        assert found.metadata[b"description"].decode() == field.description
        assert found.metadata.get(b"unit", b"").decode() == field.unit


def test_no_column_is_a_float() -> None:
    kinds = {field.type for table in TABLES for field in arrow_schema(table)}
    assert not any(pa.types.is_floating(kind) for kind in kinds)


@BY_NAME
def test_the_pandas_dtypes_are_real_and_cover_every_scalar_column(table: Table) -> None:
    for field in table.fields:
        if field.type not in LISTS:
            made = pa.array(pd.Series([None], dtype=PANDAS_DTYPES[field.type]))
            expected = arrow_schema(table).field(field.name).type
            assert made.cast(expected).null_count == 1
            assert made.type == expected or field.type == "string"


def test_the_columns_promised_by_the_design_are_there() -> None:
    promised = {
        *("report_date", "war_day", "category", "total", "delta"),
        *("previous_date", "previous_total", "change", "discrepancy"),
        *("loss_date", "daily", "daily_basis", "url"),
        *("delta_status", "diagnosis", "suggested_total"),
        *("source", "sources_agreeing", "sources_total", "document_sha256"),
    }
    assert promised <= set(LOSSES.columns)
    assert [*DeltaStatus] == ["ok", "ok_unprinted", "not_printed", "mismatch", "gap", "first"]


@BY_NAME
def test_the_files_have_the_frozen_schema(table: Table, tmp_path: Path) -> None:
    day = date(2023, 10, 9)
    take_in(tmp_path, [document(day, {"tanks": (4823, 2)})])
    noon = datetime(2023, 10, 9, 12, tzinfo=UTC)
    take_in(tmp_path, [document(day, {"tanks": (4832, None)}, published_at=noon)])
    (path,) = (tmp_path / table.name).rglob("*.parquet")
    file = pq.ParquetFile(path)
    assert file.schema_arrow.equals(arrow_schema(table), check_metadata=True)
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("codes", Code.__subclasses__(), ids=lambda codes: codes.__name__)
def test_every_code_has_a_meaning_and_no_blank(codes: type[Code]) -> None:
    for code in codes:
        assert code.meaning.endswith("."), code
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code), code
