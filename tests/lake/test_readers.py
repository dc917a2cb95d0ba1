"""`losses` reads alike in every reader that is installed: same values, same types.

But for pandas and pyarrow they are imported where they read, so that collecting is quick.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from schemas.fields import Table
from schemas.tables import LOSSES, TABLES
from tests.ledger import Printed, document, take_in

NEW_YEAR = date(2024, 1, 1)
COLUMNS = list(LOSSES.columns)
SORTED = list(LOSSES.sort_key)


@pytest.fixture(scope="module")
def losses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years with every kind of null; what is not printed stays null."""
    root = tmp_path_factory.mktemp("lake")
    figures: list[dict[str, Printed]] = [
        {"tanks": (10, 1), "personnel": (282630, 350)},
        {"tanks": (12, 3), "personnel": (283080, None)},
        {"tanks": (13, 1)},
        {"tanks": (15, 2), "personnel": (283080, 0)},
    ]
    days = [NEW_YEAR + timedelta(days=n - 2) for n in range(4)]
    take_in(root, [document(day, found) for day, found in zip(days, figures, strict=True)])
    return root / "losses"


@pytest.fixture(scope="module")
def expected(losses: Path) -> list[dict[str, Any]]:
    """The rows as pyarrow reads the two files themselves, partitions aside."""
    files = sorted(losses.rglob("*.parquet"))
    assert [path.parent.name for path in files] == ["year=2023", "year=2024"]
    found: list[dict[str, Any]] = ds.dataset(files).to_table().to_pylist()
    assert {row["delta_status"] for row in found} == {
        "first",
        "mismatch",
        "not_printed",
        "ok",
        "gap",
    }
    return found


def test_pyarrow(losses: Path, expected: list[dict[str, Any]]) -> None:
    table = (
        ds.dataset(losses, partitioning="hive")
        .to_table()
        .sort_by([(k, "ascending") for k in SORTED])
    )
    assert table.select(COLUMNS).to_pylist() == expected
    assert table["year"].to_pylist() == [row["report_date"].year for row in expected]
    kinds = {name: table.schema.field(name).type for name in COLUMNS}
    assert kinds["report_date"] == kinds["previous_date"] == pa.date32()
    assert kinds["total"] == kinds["delta"] == kinds["discrepancy"] == pa.int64()
    assert kinds["war_day"] == kinds["days_missing"] == pa.int32()
    assert kinds["category"] == kinds["delta_status"] == kinds["diagnosis"] == pa.string()


def test_pandas_backed_by_arrow(losses: Path, expected: list[dict[str, Any]]) -> None:
    frame = pd.read_parquet(losses, dtype_backend="pyarrow").sort_values(SORTED)
    assert _records(frame) == expected


def test_pandas_as_most_people_call_it(losses: Path, expected: list[dict[str, Any]]) -> None:
    frame = pd.read_parquet(losses).sort_values(SORTED).reset_index(drop=True)
    kinds = {"date32": "object", "int32": "Int32", "int64": "Int64", "bool": "boolean"}
    for field in LOSSES.fields:
        assert str(frame[field.name].dtype) in (kinds.get(field.type), "str", "string"), field.name
    assert frame["delta"].isna().any()
    assert frame["delta"].dtype == "Int64"
    assert _records(frame) == expected


def test_polars(losses: Path, expected: list[dict[str, Any]]) -> None:
    import polars as pl

    frame = pl.read_parquet(losses, hive_partitioning=True).sort(SORTED)
    assert frame.select(COLUMNS).to_dicts() == expected
    kinds = frame.schema
    assert kinds["report_date"] == kinds["previous_date"] == pl.Date()
    assert kinds["total"] == kinds["delta"] == kinds["discrepancy"] == pl.Int64()
    assert kinds["war_day"] == kinds["days_missing"] == pl.Int32()
    assert kinds["category"] == kinds["diagnosis"] == pl.String()
    assert kinds["approximate"] == pl.Boolean()


def test_duckdb(losses: Path, expected: list[dict[str, Any]]) -> None:
    import duckdb

    found = duckdb.sql(f"FROM read_parquet('{losses}/**/*.parquet', hive_partitioning = true)")
    assert found is not None
    kinds = dict(zip(found.columns, map(str, found.types), strict=True))
    assert kinds["report_date"] == kinds["previous_date"] == "DATE"
    assert kinds["total"] == kinds["delta"] == kinds["discrepancy"] == "BIGINT"
    assert kinds["war_day"] == kinds["days_missing"] == "INTEGER"
    assert kinds["category"] == kinds["diagnosis"] == "VARCHAR"
    assert kinds["approximate"] == "BOOLEAN"
    rows = found.order(", ".join(SORTED)).project(", ".join(COLUMNS)).fetchall()
    assert [dict(zip(COLUMNS, row, strict=True)) for row in rows] == expected


def test_the_line_that_makes_dates_of_dates(losses: Path) -> None:
    """What the docs show beside every call of pandas, and what it is good for."""
    frame = pd.read_parquet(losses)
    frame["report_date"] = pd.to_datetime(frame["report_date"])
    day = (frame["report_date"] == "2023-12-31").sum()
    assert day == 2
    assert (frame["report_date"] >= "2023-12-31").sum() == len(frame) - 2
    by_day = frame.set_index("report_date")
    assert len(by_day.loc["2023-12-31"]) == day
    assert list(by_day["total"].resample("YS").count()) == [4, 3]
    assert len(frame.groupby(pd.Grouper(key="report_date", freq="D"))) == 4
    other = pd.DataFrame({"report_date": pd.date_range("2023-12-31", periods=1)})
    assert len(frame.merge(other, on="report_date")) == day
    assert frame["delta"].dtype == "Int64"


CALLS: dict[str, Callable[[pd.DataFrame], object]] = {
    ">=": lambda frame: frame["report_date"] >= "2023-12-31",
    "loc": lambda frame: frame.set_index("report_date").sort_index().loc["2023-12"],
    "resample": lambda frame: frame.set_index("report_date")["total"].resample("YS").sum(),
    "Grouper": lambda frame: frame.groupby(pd.Grouper(key="report_date", freq="D")).size(),
    "merge": lambda frame: frame.merge(
        pd.DataFrame({"report_date": pd.date_range("2023-12-31", periods=1)}), on="report_date"
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_without_that_line_the_usual_calls_fail(losses: Path, call: str) -> None:
    """What docs/explanation/parquet.md says of them; and one finds nothing and says nothing."""
    frame = pd.read_parquet(losses)
    assert not (frame["report_date"] == "2023-12-31").any()
    with pytest.raises((TypeError, KeyError, ValueError)):
        CALLS[call](frame)
    frame["report_date"] = pd.to_datetime(frame["report_date"])
    CALLS[call](frame)


def test_fastparquet(losses: Path, expected: list[dict[str, Any]]) -> None:
    import fastparquet

    files = map(str, sorted(losses.rglob("*.parquet")))
    frame = pd.concat([fastparquet.ParquetFile(path).to_pandas() for path in files])
    assert frame["delta"].dtype == "Int64"
    assert frame["report_date"].dtype == "datetime64[ns]"
    assert (frame["report_date"] == "2023-12-31").sum() == 2
    plain = ["category", "total", "delta", "delta_status", "discrepancy", "approximate", "source"]
    found = [
        {str(name): None if value is pd.NA else value for name, value in row.items()}
        for row in frame[plain].to_dict("records")
    ]
    assert found == [{name: row[name] for name in plain} for row in expected]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_fastparquet_reads_every_table(losses: Path, table: Table) -> None:
    import fastparquet

    for path in sorted((losses.parent / table.name).rglob("*.parquet")):
        frame = fastparquet.ParquetFile(str(path)).to_pandas()
        assert list(frame.columns) == list(table.columns)
        assert len(frame) == pq.ParquetFile(path).metadata.num_rows


def test_datafusion(losses: Path, expected: list[dict[str, Any]]) -> None:
    import datafusion

    context = datafusion.SessionContext()
    context.register_parquet("losses", str(losses))
    found = context.sql(f"SELECT {', '.join(COLUMNS)} FROM losses ORDER BY report_date, category")
    assert found.to_arrow_table().to_pylist() == expected


@pytest.mark.slow
def test_ibis(losses: Path, expected: list[dict[str, Any]]) -> None:
    import ibis

    table = ibis.duckdb.connect().read_parquet(f"{losses}/**/*.parquet", hive_partitioning=True)
    found = table.order_by(SORTED).select(COLUMNS).to_pyarrow()
    assert found.to_pylist() == expected


def test_a_question_about_a_month_reads_one_file(losses: Path) -> None:
    """The year is in the path, and each file says from which day to which it goes."""
    data = ds.dataset(losses, partitioning="hive")
    december = (ds.field("year") == 2023) & (ds.field("report_date") >= date(2023, 12, 1))
    assert len(list(data.get_fragments(filter=december))) == 1
    for path in losses.rglob("*.parquet"):
        file = pq.ParquetFile(path).metadata
        assert file.num_row_groups == 1
        assert file.row_group(0).column(0).statistics.has_min_max


def test_every_table_is_read_by_every_reader(losses: Path) -> None:
    import duckdb
    import polars as pl

    for table in TABLES[:3]:
        folder = losses.parent / table.name
        found = ds.dataset(folder, partitioning="hive").to_table().num_rows
        assert found == len(pd.read_parquet(folder)) == len(pl.read_parquet(folder))
        assert found == len(duckdb.sql(f"FROM '{folder}/**/*.parquet'") or [])


def test_a_null_is_never_a_float(losses: Path) -> None:
    import polars as pl

    readings = {
        "pyarrow": ds.dataset(losses, partitioning="hive").to_table().to_pylist(),
        "polars": pl.read_parquet(losses).to_dicts(),
        "pandas": _records(pd.read_parquet(losses, dtype_backend="pyarrow")),
    }
    for reader, rows in readings.items():
        values = [value for row in rows for value in row.values()]
        assert None in values, reader
        assert not any(isinstance(value, float) for value in values), reader


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): None if value is pd.NA else value for name, value in row.items()}
        for row in frame[COLUMNS].to_dict("records")
    ]
