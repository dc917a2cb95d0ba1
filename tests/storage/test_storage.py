"""What holds of every storage, on local disk and in object storage."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from flows.errors import LakeError
from flows.lake.lake import open_lake
from flows.storage.address import storage_at
from schemas.records import Document
from tests.ledger import NOW, days, document, rebuilt, statuses, take_in
from tests.objectstore import Store
from tests.storage.conftest import tables

FIRST = date(2023, 12, 30)


def test_what_was_written_is_read_listed_and_removed(place: str) -> None:
    storage = storage_at(place)
    contents = {"a/one.txt": b"1", "a/b/two.txt": b"", "c.txt": b"3" * 70_000}
    assert storage.is_empty()
    storage.write_many(contents)
    assert not storage.is_empty()
    assert storage.names() == sorted(contents)
    assert storage.names("a") == ["a/b/two.txt", "a/one.txt"]
    assert storage.names("nothing") == []
    assert {name: storage.read(name) for name in contents} == contents
    storage.write("c.txt", b"4", apart=True)
    assert storage.read("c.txt") == b"4"
    assert storage_at(str(storage)).read("c.txt") == b"4", "its address opens it again"
    storage.remove("a/b/two.txt")
    storage.remove("a/b/two.txt")
    storage.remove_many(["a/one.txt", "a/none.txt"])
    assert storage.names() == ["c.txt"]


def test_a_file_that_is_not_there_is_told_apart(place: str) -> None:
    storage = storage_at(place)
    storage.write("a/one.txt", b"1")
    for name in ("one.txt", "a/two.txt"):
        assert not storage.exists(name)
        with pytest.raises(FileNotFoundError):
            storage.read(name)
    assert storage.exists("a/one.txt")
    assert place.rpartition("/")[2] in storage.where("a/one.txt")


def test_touching_leaves_what_is_there(place: str) -> None:
    storage = storage_at(place)
    storage.write("marker", b"3 times")
    storage.touch_many(["marker", "other"])
    assert (storage.read("marker"), storage.read("other")) == (b"3 times", b"")


def test_under_a_lock_each_change_is_seen_at_once(place: str) -> None:
    storage = storage_at(place)
    storage.write("t/one", b"1")
    with storage.locked(".lock"):
        assert (storage.names("t"), storage.read("t/one")) == (["t/one"], b"1")
        storage.write_many({"t/one": b"2", "t/two": b"2"})
        assert (storage.names("t"), storage.read("t/one")) == (["t/one", "t/two"], b"2")
        storage.remove("t/one")
        assert storage.names("t") == ["t/two"]
        assert not storage.exists("t/one")
        with pytest.raises(FileNotFoundError):
            storage.read("t/one")
        storage.write("t/one", b"3")
    assert storage_at(place).read("t/one") == b"3"


def test_a_lock_keeps_others_out_is_reentrant_and_comes_back(place: str) -> None:
    mine, other = storage_at(place), storage_at(place)
    for _ in range(2):
        with mine.locked(".lock"), mine.locked(".lock"), mine.locked("a/.lock", guards=("a/",)):
            with pytest.raises(LakeError, match="Another run"), other.locked(".lock", timeout=0):
                pass
            mine.write("a/one", b"1")
        with other.locked(".lock", timeout=0):
            other.write("a/one", b"2")


def test_a_lake_lives_through_all_that_happens_to_it(place: str) -> None:
    """Publish, revise, quarantine, release, read anew: as on disk, to the byte."""
    moved = document(FIRST, {"tanks": (9, 0)}, tag="m", reread={"day": "2024-01-02", "tag": "n"})
    bad = document(FIRST, {}, refused="no figures", reread={"refused": None})
    take_in(place, [*days(FIRST, 10, 12, 15), moved, bad])
    lake = open_lake(place)
    assert len(lake.quarantined()) == 1
    assert len(lake.losses()) == 3
    take_in(place, [moved, bad], now=NOW + timedelta(days=1), parser=2)
    assert not lake.quarantined()
    assert not lake.archive.pending()
    before = tables(place)
    assert set(statuses(place)) >= {"first"}
    rebuilt(place, now=NOW + timedelta(days=1), parser=2)
    assert tables(place) == before


def test_a_run_leaves_its_summary(place: str) -> None:
    lake = open_lake(place, create=True)
    summary = {
        "kind": "daily",
        "state": "completed",
        "exit_status": 0,
        "run_id": "r",
        "error": None,
        "started_at": NOW.isoformat(),
        "finished_at": NOW.isoformat(),
        "sources": [],
    }
    where = lake.write_run(summary)
    assert where.startswith(place)
    assert lake.last_runs().last is not None
    assert [run["run_id"] for run in lake.runs()] == ["r"]


def test_a_page_that_goes_back_is_one_document_with_both_sightings(place: str) -> None:
    url, one, two = "https://outlet.example/a", b"<p>one", b"<p>two"
    archive = open_lake(place, create=True).archive
    page = partial(Document, "outlet", url, media_type="text/html")
    for hours, content in enumerate((one, two, one)):
        moment = NOW + timedelta(hours=hours)
        archive.store([page(content=content, fetched_at=moment)], moment)
    assert len(archive.keys()) == 2
    (again,) = archive.provenance(("outlet", page(content=one).sha256)).observations
    assert again.archived_at == NOW + timedelta(hours=2)


@pytest.mark.slow
def test_the_two_kinds_give_the_same_bytes(s3: Store, tmp_path: Path) -> None:
    documents = [*days(FIRST, 10, 12, 15), document(FIRST, {}, refused="no figures")]
    found = []
    for uri in (f"{tmp_path}/lake", s3.new_lake()):
        take_in(uri, documents)
        found.append(tables(uri))
    assert found[0] == found[1]
    assert found[0]


@pytest.mark.slow
def test_other_tools_read_the_tables_where_they_are(
    s3: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/how-to/object-storage.md shows it; a store on loopback needs its address."""
    import pandas as pd
    import polars as pl
    from pyarrow.fs import S3FileSystem

    uri = s3.new_lake()
    take_in(uri, days(FIRST, 10, 12, 15))
    place = s3.environment["AWS_ENDPOINT_URL"]
    files = S3FileSystem(endpoint_override=place)
    table = f"{uri.removeprefix('s3://')}/losses"
    frame = pd.read_parquet(table, dtype_backend="pyarrow", filesystem=files)
    assert list(frame["total"]) == [10, 12, 15]
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    read = pl.read_parquet(f"{uri}/losses/**/*.parquet", hive_partitioning=True)
    assert read["total"].to_list() == [10, 12, 15]
