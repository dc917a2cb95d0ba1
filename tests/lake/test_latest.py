"""`latest.json` and `datapackage.json`: true, the same for the same publications, and last."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

import flows.files
from flows.lake import latest
from flows.lake.published import Latest
from flows.storage.local import LocalStorage
from schemas.codes import DeltaStatus
from schemas.fields import SCHEMA_VERSION
from schemas.tables import TABLES
from tests.ledger import NOW, days, document, files, rebuilt, take_in
from tests.reports import validate

pytestmark = pytest.mark.slow  # Each test fills a lake or more.

NEW_YEAR = date(2024, 1, 1)
DAY = timedelta(days=1)


def said(root: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((root / "latest.json").read_bytes())
    validate(Latest, told)
    return told


def both(root: Path) -> tuple[bytes, bytes]:
    return (root / "latest.json").read_bytes(), (root / "datapackage.json").read_bytes()


def check(root: Path) -> None:
    """Every file of the tables, and nothing else, is told as it is."""
    told = said(root)
    files = {f["path"]: f for table in told["tables"].values() for f in table["files"]}
    assert files.keys() == {p.relative_to(root).as_posix() for p in root.rglob("*.parquet")}
    for path, file in files.items():
        content = (root / path).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["bytes"] == len(content)
        assert file["rows"] == pq.ParquetFile(root / path).metadata.num_rows
    for table in told["tables"].values():
        assert table["rows"] == sum(file["rows"] for file in table["files"])
    assert told["schema_version"] == SCHEMA_VERSION
    assert not (root / ".publishing").exists()


def test_it_tells_what_is_published(tmp_path: Path) -> None:
    take_in(tmp_path, days(NEW_YEAR - DAY, 10, 12, 15))
    check(tmp_path)
    told = said(tmp_path)
    assert told["newest_report_date"] == "2024-01-02"
    assert told["updated_at"] == NOW.isoformat()
    assert told["generation"] == 1


def test_the_generation_counts_what_changes_something(tmp_path: Path) -> None:
    one, two, three = days(NEW_YEAR - DAY, 10, 12, 15)
    take_in(tmp_path, [one])
    take_in(tmp_path, [two], now=NOW + DAY)
    assert said(tmp_path)["generation"] == 2
    before = both(tmp_path)
    take_in(tmp_path, [one, two], now=NOW + 2 * DAY)
    rebuilt(tmp_path, now=NOW + 3 * DAY)
    take_in(tmp_path, [], now=NOW + 4 * DAY)
    assert both(tmp_path) == before
    take_in(tmp_path, [three], now=NOW + 5 * DAY)
    assert said(tmp_path)["generation"] == 3
    assert said(tmp_path)["updated_at"] == (NOW + 5 * DAY).isoformat()
    check(tmp_path)


def test_the_same_publications_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for n, one in enumerate(days(NEW_YEAR - DAY, 10, 12, 15)):
            take_in(tmp_path / name, [one], now=NOW + n * DAY)
    assert both(tmp_path / "a") == both(tmp_path / "b")


def test_a_daily_run_reads_only_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(tmp_path, [*days(date(2022, 6, 1), 10, 12), *days(NEW_YEAR, 20, 22)])
    read: list[str] = []
    original, finish = LocalStorage.read, latest.finish

    def spied(storage: LocalStorage, name: str) -> bytes:
        read.append(name)
        return original(storage, name)

    def finishing(*given: Any, **more: Any) -> None:
        read.clear()
        finish(*given, **more)

    monkeypatch.setattr(LocalStorage, "read", spied)
    monkeypatch.setattr(latest, "finish", finishing)
    take_in(tmp_path, days(NEW_YEAR + 2 * DAY, 25), now=NOW + DAY)
    assert {name for name in read if name.endswith(".parquet")} == {
        "bulletins/year=2024/part-0.parquet",
        "figures/source=first/year=2024/part-0.parquet",
        "losses/year=2024/part-0.parquet",
    }
    check(tmp_path)


@pytest.mark.parametrize("name", ["latest.json", "datapackage.json"])
@pytest.mark.parametrize("content", [None, b"{", b'{"generation": true}'])
def test_what_is_lost_or_damaged_is_written_anew(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    one, two, three = days(NEW_YEAR - DAY, 10, 12, 15)
    take_in(tmp_path, [one])
    take_in(tmp_path, [two])
    (tmp_path / name).unlink()
    if content:
        (tmp_path / name).write_bytes(content)
    take_in(tmp_path, [three], now=NOW + DAY)
    check(tmp_path)
    assert said(tmp_path)["generation"] == 3
    assert said(tmp_path)["updated_at"] == (NOW + DAY).isoformat()


class Crash(Exception):
    pass


@pytest.mark.parametrize("at", [("losses",), ("bulletins",), ("latest.json",), ("datapackage",)])
def test_it_changes_last_and_a_crash_leaves_no_old_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: Sequence[str]
) -> None:
    """A rerun that finds some tables written already still tells their hashes."""
    one, two = days(NEW_YEAR, 10, 12)
    take_in(tmp_path / "whole", [one])
    take_in(tmp_path / "whole", [two])
    root = tmp_path / "broken"
    take_in(root, [one])
    before = (root / "latest.json").read_bytes()
    original = flows.files.write_many

    def crashing(contents: Any, *more: Any) -> None:
        if any(str(path.relative_to(root)).startswith(tuple(at)) for path in contents):
            raise Crash
        original(contents, *more)

    with monkeypatch.context() as patch:
        patch.setattr(flows.files, "write_many", crashing)
        with pytest.raises(Crash):
            take_in(root, [two])
    assert (root / "latest.json").read_bytes() == before
    assert (root / ".publishing").exists()
    take_in(root, [])
    assert both(root) == both(tmp_path / "whole")
    check(root)


def test_every_table_is_there_from_the_first_publication_on(tmp_path: Path) -> None:
    take_in(tmp_path, [document(NEW_YEAR, {}, refused="no figures")])
    check(tmp_path)
    for table in TABLES:
        folder = tmp_path / table.name
        rows = 1 if table.name == "bulletins" else 0
        assert len(pd.read_parquet(folder)) == rows
        assert pl.read_parquet(folder / "**/*.parquet", hive_partitioning=True).height == rows
        found = duckdb.sql(f"FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
        assert found is not None
        assert set(table.columns) <= set(found.columns)
        assert len(found.fetchall()) == rows
    take_in(tmp_path, days(NEW_YEAR, 10, 12))
    check(tmp_path)
    assert [p.parent.name for p in tmp_path.glob("losses/*/*")] == ["year=2024"]
    assert [p.parent.parent.name for p in tmp_path.glob("figures/*/*/*")] == ["source=first"]


def test_an_empty_table_is_the_same_whatever_was_there_before(tmp_path: Path) -> None:
    refused = document(NEW_YEAR, {}, refused="no figures")
    take_in(tmp_path / "a", [refused])
    one = days(NEW_YEAR, 10)[0]
    take_in(tmp_path / "b", [refused, one])
    for path in (tmp_path / "b").glob(f"archive/??/{one.sha256}.*"):
        path.unlink()
    rebuilt(tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_the_data_package_is_one_by_its_own_tool(tmp_path: Path) -> None:
    take_in(tmp_path, [*days(NEW_YEAR - DAY, 10, 12), *days(NEW_YEAR, 12, source="second")])
    told = json.loads((tmp_path / "datapackage.json").read_bytes())
    report = frictionless.Package.validate_descriptor(told)
    assert report.valid, report.flatten()
    broken = told | {"resources": [{"name": "a b", "path": 5}]}
    assert not frictionless.Package.validate_descriptor(broken).valid
    assert [resource["name"] for resource in told["resources"]] == [t.name for t in TABLES]
    losses = told["resources"][0]
    assert losses["path"] == ["losses/year=2023/part-0.parquet", "losses/year=2024/part-0.parquet"]
    for resource, table in zip(told["resources"], TABLES, strict=True):
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert names == pq.read_schema(tmp_path / resource["path"][0]).names
        assert names == list(table.columns)
        assert all((tmp_path / path).is_file() for path in resource["path"])
    fields = {field["name"]: field for field in losses["schema"]["fields"]}
    assert fields["delta_status"]["constraints"]["enum"] == [code.value for code in DeltaStatus]
    assert fields["delta_status"]["codes"]["ok"] == DeltaStatus.OK.meaning
    assert fields["total"]["unit"] == "count"
    assert "personnel" in fields["category"]["codes"]
    assert told["version"] == "1"
    assert told["created"] == NOW.isoformat()
    assert {source["title"] for source in told["sources"]} > {"source first", "source second"}
    assert "licence" in told["license_note"]


def test_updated_at_is_that_of_all_documents_where_it_is_not_remembered(tmp_path: Path) -> None:
    one, two = days(NEW_YEAR, 10, 12)
    take_in(tmp_path, [two], now=datetime(2026, 11, 5, tzinfo=UTC))
    (tmp_path / "latest.json").unlink()
    take_in(tmp_path, [one], now=datetime(2026, 11, 2, tzinfo=UTC))
    assert said(tmp_path)["updated_at"] == "2026-11-05T00:00:00+00:00"
