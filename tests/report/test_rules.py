"""What is published held against the rules of the audit, by whoever has the Parquet."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from flows.lake.lake import open_lake
from schemas.codes import RuleName
from schemas.suites import LEDGER
from tests.conftest import Command
from tests.report.site.built import days_of, lake_of

pytestmark = pytest.mark.slow  # Great Expectations checks.

TOTALS = [(4700, 10), (4710, 10), (4725, 5), (4730, 5)]
FILE = "losses/year=2023/part-0.parquet"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lake"), days_of(TOTALS))


def altered(lake: Path, out: Path, column: str, value: object) -> Path:
    """Write a copy of the published file, one row's value in a column another; return its path."""
    data = pq.ParquetFile(lake / FILE).read()
    field = data.schema.field(column).with_nullable(True)
    first_tanks = pc.index(data["category"], "tanks").as_py()
    values = data[column].to_pylist()
    values[first_tanks + 5] = value
    place = data.schema.get_field_index(column)
    pq.write_table(data.set_column(place, field, pa.array(values, field.type)), out)
    return out


def test_what_is_published_passes_and_what_it_flags_is_told(
    lake: Path, in_process: Command
) -> None:
    done = in_process("verify", "--rules", "--lake", lake)
    assert done.returncode == 0, done
    assert "broken         warning   delta_differs" in done.stdout
    assert "not broken     critical  rows_missing: There is no row to check." in done.stdout
    assert "named after what would break it" in done.stdout
    assert "1 row: " in done.stdout
    assert "printed +5, changed by +15" in done.stdout
    assert "No critical rule is broken" in done.stdout
    for place in (lake / "losses", lake / FILE):
        alone = in_process("verify", "--rules", place, "--json")
        report = json.loads(alone.stdout)
        assert (alone.returncode, report["rows"]) == (0, 20)
        rules = [rule["rule"] for rule in report["rules"]]
        assert set(rules) == {one.meta["rule"] for one in LEDGER.expectations if one.meta}


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("total", 4711, RuleName.ROW_CONTRADICTS_ITSELF),
        *(
            pytest.param(column, value, RuleName.ROW_CONTRADICTS_ITSELF, marks=pytest.mark.full)
            for column, value in (("previous_total", 4701), ("change", 11), ("daily", 11))
        ),
        ("delta", 11, RuleName.ROW_CONTRADICTS_ITSELF),
        ("delta_status", "mismatch", RuleName.ROW_CONTRADICTS_ITSELF),
        ("delta_status", "fine", RuleName.CODE_UNKNOWN),
        ("category", "zeppelins", RuleName.CATEGORY_UNKNOWN),
        ("category", "aircraft", RuleName.CATEGORY_REPEATED),
        ("report_date", None, RuleName.VALUE_MISSING),
    ],
)
def test_a_file_that_was_tampered_with_does_not_pass(
    lake: Path, in_process: Command, tmp_path: Path, column: str, value: object, rule: RuleName
) -> None:
    altered(lake, tmp_path / "losses.parquet", column, value)
    done = in_process("verify", "--rules", "losses.parquet")
    assert done.returncode == 1, done
    assert f"broken         critical  {rule}" in done.stdout
    assert "this is not as published" in done.stdout


def test_bytes_that_changed_on_the_way_are_told(
    lake: Path, in_process: Command, tmp_path: Path
) -> None:
    content = bytearray((lake / FILE).read_bytes())
    content[200] ^= 0xFF
    (tmp_path / "losses.parquet").write_bytes(content)
    done = in_process("verify", "--rules", "losses.parquet")
    assert done.returncode == 1
    assert "losses.parquet cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.parquet", "there is no such file or folder"),
        (".", "there is no Parquet file in"),
        ("figures.parquet", "is no file of losses: it has no column"),
    ],
)
def test_what_is_no_published_losses_is_said(
    lake: Path, in_process: Command, tmp_path: Path, name: str, said: str
) -> None:
    if name == "figures.parquet":
        (figures,) = (lake / "figures").rglob("*.parquet")
        (tmp_path / name).write_bytes(figures.read_bytes())
    done = in_process("verify", "--rules", name)
    assert done.returncode == 2
    assert said in done.stderr


def test_data_docs_are_written_elsewhere_and_leave_nothing_behind(
    lake: Path, in_process: Command, tmp_path: Path
) -> None:
    done = in_process("report", "--data-docs", "docs", "--lake", lake)
    assert (done.returncode, done.stdout) == (0, "docs/index.html\n")
    suites = {path.stem for path in (tmp_path / "docs/expectations").iterdir()}
    assert suites >= {"documents", "figures", "ledger"}
    (validation,) = (tmp_path / "docs/validations").rglob("*.html")
    assert validation.relative_to(tmp_path / "docs/validations").parts[0] == "ledger"
    assert in_process("report", "--data-docs", "docs", "--lake", lake).returncode == 0
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/thesis.txt").write_text("mine")
    other = in_process("report", "--data-docs", "thesis", "--lake", lake)
    assert other.returncode == 2
    assert "holds other files" in other.stderr
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["thesis.txt"]


def test_a_site_or_data_docs_have_to_be_asked_for(lake: Path, in_process: Command) -> None:
    done = in_process("report", "--lake", lake)
    assert done.returncode == 2
    assert "Missing option '--out' or '--data-docs'" in done.stderr


def test_the_record_of_a_run_has_the_result_of_each_rule(lake: Path) -> None:
    (record,) = open_lake(lake).runs()
    assert [(one["suite"], one["rows"]) for one in record["rules"]] == [
        ("documents", 4),
        ("figures", 20),
        ("ledger", 20),
    ]
    broken = {
        (one["suite"], rule): n for one in record["rules"] for rule, n in one["broken"].items() if n
    }
    assert broken[("ledger", "delta_differs")] == 1
    assert broken[("documents", "categories_missing")] == 4
    assert len(json.dumps(record["rules"])) < 3_000
