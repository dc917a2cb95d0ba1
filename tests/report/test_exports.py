"""Exports: each format read back with a tool of its own says what the tables say."""

import csv
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from flows import files
from flows.cli.export import FORMATS
from flows.errors import DamagedTable, UsageError
from flows.lake.lake import Lake, open_lake
from flows.lake.whole_tables import partitions_of
from flows.report.exports import extra, workbook
from flows.report.exports.community import NAMES
from flows.report.exports.export import Export, export
from schemas.fields import Table
from schemas.records import war_day
from schemas.tables import BULLETINS, FIGURES, LOSSES, TABLES
from tests import reference
from tests.ledger import Printed, document, take_in
from tests.reports import shown

pytestmark = pytest.mark.slow

NEW_YEAR = date(2024, 1, 1)
DAY = timedelta(days=1)
FORMULA = "=HYPERLINK(A1)"


def documents() -> list[Any]:
    """Return three years' turns, two sources, nulls of all kinds, a revision, texts as formulas."""
    figures: list[dict[str, Printed]] = [
        {"tanks": (10, 1), "personnel": (282630, 350)},
        {"tanks": (12, 3), "personnel": (283080, None)},
        {"tanks": (13, 1)},
        {"tanks": (15, 4), "personnel": (283080, 0)},
        {"tanks": (16, 1), "personnel": (283090, 10)},
    ]
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    return [
        *(
            document(NEW_YEAR + n * DAY, found, warnings=['a "quoted" remark, with\na line'])
            for n, found in enumerate(figures, start=-2)
        ),
        document(NEW_YEAR, {"tanks": (13, 1)}, "second", noon, unrecognized=[[FORMULA, 5, None]]),
        document(NEW_YEAR, {}, refused=FORMULA),
        document(date(2022, 4, 29), {"prisoners": (400, None), "tanks": (900, None)}),
    ]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    root = tmp_path_factory.mktemp("lake")
    take_in(root, documents())
    again = document(
        NEW_YEAR + DAY, {"tanks": (14, 1)}, published_at=datetime(2025, 1, 1, tzinfo=UTC)
    )
    take_in(root, [again])
    return open_lake(root)


def written(lake: Lake, name: str, out: Path, **options: Any) -> Export:
    done = export(lake, name, out, **options)
    shown(done)
    assert [Path(file.path).stat().st_size for file in done.files] == [f.bytes for f in done.files]
    return done


def expected(lake: Lake, table: Table) -> list[dict[str, Any]]:
    """The rows of a table as its files hold them."""
    found = [row for part in partitions_of(lake, table) for row in part.to_pylist()]
    assert found, "nothing to compare"
    return found


def as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_json_lines_hold_every_column_of_every_row(
    lake: Lake, tmp_path: Path, table: Table
) -> None:
    done = written(lake, "jsonl", tmp_path / "out.jsonl", table=table.name)
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    wanted = [{name: as_text(v) for name, v in row.items()} for row in expected(lake, table)]
    assert found == wanted
    assert done.rows == len(wanted)
    assert list(found[0]) == [field.name for field in table.every_field]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_one_parquet_file_is_the_table(lake: Lake, tmp_path: Path, table: Table) -> None:
    written(lake, "parquet", tmp_path / "out.parquet", table=table.name)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.to_pylist() == expected(lake, table)
    assert found.schema.field("report_date").metadata[b"description"]
    frame = pd.read_parquet(tmp_path / "out.parquet")
    assert not [n for n in frame.columns if pd.api.types.is_float_dtype(frame[n].dtype)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_csv_holds_what_the_table_holds(lake: Lake, tmp_path: Path, table: Table) -> None:
    written(lake, "csv", tmp_path / "out.csv", table=table.name)
    content = (tmp_path / "out.csv").read_bytes()
    assert b"\r" not in content
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    wanted = expected(lake, table)
    assert len(found) == len(wanted)
    for line, row in zip(found, wanted, strict=True):
        for name, value in row.items():
            cell = line[name]
            match value:
                case None:
                    assert cell == ""
                case bool() | list():
                    assert json.loads(cell) == value
                case int():
                    assert int(cell) == value
                case date():
                    assert cell == value.isoformat()
                case _:
                    assert cell in (value, f"'{value}")


def test_no_text_from_outside_is_a_formula_in_a_spreadsheet(lake: Lake, tmp_path: Path) -> None:
    assert any(row["reason"] == FORMULA for row in expected(lake, BULLETINS))
    written(lake, "csv", tmp_path / "out.csv", table="bulletins")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t", "\r")]
    written(lake, "xlsx", tmp_path / "out.xlsx", table="bulletins")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["bulletins"]
    (cell,) = [c for line in sheet.iter_rows() for c in line if c.value == FORMULA]
    assert cell.data_type == "s"


def test_a_number_below_zero_stays_a_number(lake: Lake, tmp_path: Path) -> None:
    rows = [row for row in expected(lake, LOSSES) if (row["discrepancy"] or 0) < 0]
    assert rows
    written(lake, "csv", tmp_path / "out.csv")
    frame = pd.read_csv(tmp_path / "out.csv")
    assert frame["discrepancy"].min() == min(row["discrepancy"] for row in rows)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_workbook_holds_the_rows_and_what_the_columns_mean(
    lake: Lake, tmp_path: Path, table: Table
) -> None:
    written(lake, "xlsx", tmp_path / "out.xlsx", table=table.name)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    header, *lines = book[table.name].iter_rows(values_only=True)
    assert list(header) == [field.name for field in table.every_field]
    wanted = expected(lake, table)
    for line, row in zip(lines, wanted, strict=True):
        for found, value in zip(line, row.values(), strict=True):
            match value:
                case datetime():
                    assert found == value.replace(tzinfo=None, microsecond=found.microsecond)
                case date():
                    assert found == datetime.combine(value, datetime.min.time())
                case list():
                    assert json.loads(str(found)) == value
                case "":
                    assert found is None
                case _:
                    assert found == value
                    assert type(found) is type(value)
    meanings = {line[0]: line[3] for line in book["columns"].iter_rows(values_only=True)}
    assert meanings["report_date"] == table.fields[0].description or table is FIGURES


def test_a_table_that_no_sheet_holds_is_refused(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(UsageError, match="an Excel sheet holds 3 rows"):
        export(lake, "xlsx", tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_has_all_tables_and_views(lake: Lake, tmp_path: Path) -> None:
    written(lake, "sqlite", tmp_path / "out.sqlite")
    with closing(sqlite3.connect(tmp_path / "out.sqlite")) as database:
        for table in TABLES:
            found = database.execute(f"SELECT * FROM {table.name} ORDER BY rowid").fetchall()
            wanted = [
                tuple(
                    json.loads(f) if isinstance(v, list) else f
                    for f, v in zip(line, row.values(), strict=True)
                )
                for line, row in zip(found, expected(lake, table), strict=True)
            ]
            assert wanted == [tuple(map(as_text, row.values())) for row in expected(lake, table)], (
                table.name
            )
        _check_views(lambda query: database.execute(query).fetchall(), lake)
        (meaning,) = database.execute(
            "SELECT meaning FROM columns_of_tables "
            "WHERE \"table\" = 'losses' AND \"column\" = 'daily'"
        ).fetchone()
        assert "plot this" in meaning
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_duckdb_has_all_tables_with_types_and_views(lake: Lake, tmp_path: Path) -> None:
    written(lake, "duckdb", tmp_path / "out.duckdb")
    assert [path.name for path in tmp_path.iterdir()] == ["out.duckdb"]
    with closing(duckdb.connect(str(tmp_path / "out.duckdb"), read_only=True)) as database:
        for table in TABLES:
            found = database.sql(f"SELECT * FROM {table.name}").to_arrow_table().to_pylist()
            assert found == expected(lake, table), table.name
        kinds = dict(
            database.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'losses'"
            ).fetchall()
        )
        assert (kinds["report_date"], kinds["delta"], kinds["war_day"]) == (
            "DATE",
            "BIGINT",
            "INTEGER",
        )
        _check_views(lambda query: database.execute(query).fetchall(), lake)
        (told,) = database.execute(
            "SELECT comment FROM duckdb_columns() "
            "WHERE table_name = 'losses' AND column_name = 'daily'"
        ).fetchall()
        assert "plot this" in told[0]


def _check_views(ask: Any, lake: Lake) -> None:
    losses = expected(lake, LOSSES)
    daily = ask("SELECT report_date, category, daily FROM losses_daily")
    assert [(str(day), *rest) for day, *rest in daily] == [
        (str(row["report_date"]), row["category"], row["daily"]) for row in losses
    ]
    odd = ask("SELECT category, discrepancy FROM mismatches")
    assert odd == [
        (r["category"], r["discrepancy"]) for r in losses if r["delta_status"] == "mismatch"
    ]
    assert odd


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_wide_has_one_row_a_day(lake: Lake, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    done = written(lake, "wide", out)
    frame = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    losses = expected(lake, LOSSES)
    days = sorted({row["report_date"].isoformat() for row in losses})
    assert [str(day)[:10] for day in frame["report_date"]] == days
    assert done.rows == len(days)
    wide = {str(row["report_date"])[:10]: row for row in frame.to_dict("records")}
    for row in losses:
        of_day = wide[row["report_date"].isoformat()]
        for name in ("total", "daily"):
            value = of_day[f"{row['category']}_{name}"]
            assert (None if pd.isna(value) else value) == row[name]
    counted = sum(int(frame[name].notna().sum()) for name in frame.columns if "_total" in name)
    assert counted == len(losses)
    if ending == "parquet":
        assert str(frame["tanks_daily"].dtype) == "Int64"


def test_wide_says_how_its_file_is_to_be_named(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in .csv or .parquet"):
        export(lake, "wide", tmp_path / "out.xlsx")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_lake_gives_the_same_bytes(lake: Lake, tmp_path: Path, name: str) -> None:
    outs = [tmp_path / f"{n}.csv" for n in range(2)]
    first, second = (written(lake, name, out) for out in outs)
    assert first.rows == second.rows
    if name != "duckdb":  # whose file holds random identifiers; its content is compared above
        assert [f.sha256 for f in first.files] == [f.sha256 for f in second.files]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_replaced_unless_that_is_wanted(lake: Lake, tmp_path: Path, name: str) -> None:
    out = tmp_path / "there.csv"
    if name == "community":
        out.mkdir()
    kept = out / "russia_losses_personnel.json" if name == "community" else out
    kept.write_text("mine")
    with pytest.raises(UsageError, match="exists already; --force replaces it"):
        export(lake, name, out)
    assert kept.read_text() == "mine"
    written(lake, name, out, force=True)
    assert kept.read_bytes() != b"mine"


@pytest.mark.parametrize("name", FORMATS)
def test_what_fails_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    root, out = tmp_path / "lake", tmp_path / "out" / "there.csv"
    out.parent.mkdir()
    take_in(root, documents())
    for damaged in root.glob("losses/year=2024/*"):
        damaged.write_bytes(damaged.read_bytes()[:-9])
    with pytest.raises(DamagedTable):
        export(open_lake(root), name, out)
    assert [path for path in out.parent.rglob("*") if path.is_file()] == []


def test_dates_choose_the_rows(lake: Lake, tmp_path: Path) -> None:
    done = written(lake, "csv", tmp_path / "out.csv", since=NEW_YEAR, until=NEW_YEAR + DAY)
    days = set(pd.read_csv(tmp_path / "out.csv")["report_date"])
    assert days == {"2024-01-01", "2024-01-02"}
    assert done.rows == sum(
        NEW_YEAR <= row["report_date"] <= NEW_YEAR + DAY for row in expected(lake, LOSSES)
    )
    with pytest.raises(UsageError, match="is after the last one"):
        export(lake, "csv", tmp_path / "b.csv", since=NEW_YEAR, until=NEW_YEAR - DAY)


def test_nothing_is_written_into_the_lake(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(lake.root)
    for place in (lake.root / "losses" / "x.csv", tmp_path / "link" / "x.csv"):
        with pytest.raises(UsageError, match="lies inside the lake"):
            export(lake, "csv", place)


@pytest.mark.parametrize(
    "arguments",
    [
        ("plot", "tanks", "--out", "lake/losses/x.svg"),
        ("archive", "export", "--out", "lake/archive/x.warc.gz"),
        ("report", "--out", "lake/losses/site"),
        ("report", "--data-docs", "lake/report"),
    ],
)
def test_no_command_writes_what_it_makes_into_the_tables(
    lake: Lake, in_process: Any, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "lake").symlink_to(lake.root)
    before = lake.storage.names()
    done = in_process(*arguments, "--lake", "lake")
    assert (done.returncode, "lies inside the lake" in done.stderr) == (2, True)
    assert lake.storage.names() == before


def test_a_device_is_not_replaced_by_a_file(lake: Lake, tmp_path: Path) -> None:
    """And "-", which elsewhere is the standard output, becomes no file of that name."""
    os.mkfifo(tmp_path / "pipe")
    for out in (Path("/dev/null"), tmp_path / "pipe", Path("-")):
        with pytest.raises(UsageError, match="is no file"):
            export(lake, "csv", out, force=True)
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_stays_a_link(lake: Lake, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    written(lake, "csv", link, force=True)
    assert link.is_symlink()
    assert real.read_text().startswith("report_date,")


@pytest.mark.parametrize(("name", "module"), [("xlsx", "xlsxwriter"), ("duckdb", "duckdb")])
def test_a_missing_package_is_named_with_its_extra(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(module)

    monkeypatch.setattr(extra, "import_module", missing)
    with pytest.raises(UsageError, match=r"pip install 'tallybook\[export\]'"):
        export(lake, name, tmp_path / "out")


def test_table_goes_with_formats_of_one_table(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--table goes with csv, jsonl, xlsx, parquet"):
        export(lake, "sqlite", tmp_path / "out", table="figures")


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_lake_gives_an_empty_file(tmp_path: Path, name: str) -> None:
    empty = open_lake(tmp_path / "lake", create=True)
    done = written(empty, name, tmp_path / "out.csv")
    assert done.rows == 0
    if name == "community":
        assert json.loads((tmp_path / "out.csv" / "russia_losses_equipment.json").read_text()) == []
    if name in ("csv", "wide"):
        assert (tmp_path / "out.csv").read_text().startswith("report_date,")


def test_the_command_tells_what_it_wrote(lake: Lake, in_process: Any, tmp_path: Path) -> None:
    done = in_process("export", "csv", "--out", "a.csv", "--lake", str(lake.root), "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["files"][0]["bytes"] == (tmp_path / "a.csv").stat().st_size
    again = in_process("export", "csv", "--out", "a.csv", "--lake", str(lake.root))
    assert again.returncode == 2
    assert again.stderr == "tallybook: a.csv exists already; --force replaces it\n"


@pytest.fixture
def community(tmp_path: Path) -> Callable[[Path], list[Any]]:
    """Return a function that exports a lake: the records of equipment, personnel, corrections."""

    def exported(root: Path) -> list[Any]:
        written(open_lake(root), "community", tmp_path / "out")
        return [json.loads((tmp_path / "out" / name).read_text("utf-8")) for name in NAMES.values()]

    return exported


def test_corrections_are_what_of_a_change_is_no_loss(
    tmp_path: Path, community: Callable[[Path], list[Any]]
) -> None:
    printed: list[Printed] = [(1000, 5), (1005, 5), (1055, 7), (1060, 5), (1066, 6)]
    take_in(
        tmp_path / "lake",
        [
            document(NEW_YEAR + n * DAY, {"tanks": tanks, "personnel": (9000 + n, None)})
            for n, tanks in enumerate(printed)
        ],
    )
    equipment, personnel, corrections = community(tmp_path / "lake")
    assert equipment[0] == {"date": "2024-01-01", "day": 677, "tank": 1000}
    assert [record["tank"] for record in equipment] == [total for total, _ in printed]
    assert personnel[1] == {
        "date": "2024-01-02",
        "day": 678,
        "personnel": 9001,
        "personnel*": "about",
    }
    (correction,) = corrections
    assert correction.pop("date") == "2024-01-03"
    assert correction.pop("day") == 679
    assert {key: value for key, value in correction.items() if value} == {"tank": 43}
    assert len(correction) == 14


def test_the_community_files_come_out_as_they_are(
    tmp_path: Path, community: Callable[[Path], list[Any]]
) -> None:
    """Shape and totals of every day, and each correction that the printed deltas can tell."""
    series = reference.load()
    take_in(
        tmp_path / "lake",
        [
            document(day, {name: (f.total, f.delta) for name, f in figures.items()})
            for day, figures in series.items()
        ],
    )
    names = ("losses_equipment", "losses_personnel", "losses_equipment_correction")
    theirs = [json.loads(reference.published(f"{n}.json")) for n in names]
    ours = community(tmp_path / "lake")
    for record in theirs[1]:
        if record["personnel*"] == "more":  # six days, on which the bulletins say "about", too
            record["personnel*"] = "about"
    assert ours[:2] == theirs[:2]
    assert list(ours[0][-1]) == list(theirs[0][-1])
    assert list(ours[1][0]) == list(theirs[1][0])
    assert {tuple(record) for record in ours[2]} == {tuple(record) for record in theirs[2]}
    for record in theirs[2]:  # two name another day than their date, one is dated a day too early
        day = date.fromisoformat(record["date"])
        record["date"] = str(reference.MISDATED_CORRECTIONS.get(day, day))
        record["day"] = war_day(date.fromisoformat(record["date"]))
    assert ours[2] == theirs[2]


def test_what_killed_exports_left_goes_with_the_next_while_nobody_else_writes(
    lake: Lake, tmp_path: Path
) -> None:
    out, mine = tmp_path / "losses.csv", tmp_path / ".tallybook-notes"
    left = tmp_path / f"{files.OUTSIDE_PREFIX}0-losses.csv"
    parts = tmp_path / f"{files.OUTSIDE_PREFIX}0-losses.xlsx.parts"
    mine.write_text("mine")
    left.write_text("half")
    parts.mkdir()
    (parts / "tmp0").write_text("half")
    with files.beside(tmp_path / "other.csv") as other:
        left.write_text("half")  # the first one swept it
        other.write_text("of another export, which is at work")
        export(lake, "csv", out)
        assert other.exists()
        assert left.exists()
    export(lake, "csv", out, force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [mine.name, out.name]
