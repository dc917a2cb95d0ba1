"""A web archive searched in parts by workers gives what it gives as a whole, damaged or not."""

import gzip
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import UsageError
from flows.parse.reader import DocumentReader
from flows.sources import warc
from flows.sources.base import Found
from schemas.records import Document
from tests import newsweb
from tests.sources.test_warc import SERIES, bulletin, record
from tests.spreading import Sent
from tests.tries import tries

PART = 20_000


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "_PART", PART)


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crawl") / "news.warc.gz"
    newsweb.write_warc(path, newsweb.crawl(60, dict(islice(SERIES.items(), 12))))
    return path


def told(found: Iterator[Found]) -> list[object]:
    return [
        (one.url, one.content, one.media_type) if isinstance(one, Document) else str(one)
        for one in found
    ]


def whole(path: Path) -> list[object]:
    return told(warc.documents(path, "warc", None, None, DocumentReader()))


def in_parts(*paths: Path) -> tuple[list[object], list[str]]:
    """Return what workers find, and the names of their tasks."""
    workers = Sent()
    reader = DocumentReader(spread=workers)
    return told(warc.search(paths, "warc", None, None, reader)), workers.names


def test_parts_give_what_the_whole_gives(crawl: Path) -> None:
    found, parts = in_parts(crawl)
    assert len(found) == 12
    assert found == whole(crawl)
    assert len(parts) > 5
    assert parts[0] == "search news.warc.gz from byte 0"


def test_what_workers_read_is_not_read_again(crawl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = DocumentReader(spread=Sent())
    found = list(warc.search([crawl], "warc", None, None, reader))
    monkeypatch.setattr("flows.parse.reader.contents", None)
    for one in found:
        assert isinstance(one, Document)
        assert all(bulletin.accepted for bulletin in reader.read_all(one))


@pytest.mark.slow
@given(place=st.floats(0, 1), length=st.integers(1, 3 * PART), cut=st.booleans())
@settings(max_examples=tries(20))
def test_damage_is_told_and_passed_over_as_ever(
    crawl: Path, tmp_path_factory: pytest.TempPathFactory, place: float, length: int, cut: bool
) -> None:
    content = bytearray(crawl.read_bytes())
    start = int(place * (len(content) - 1))
    content[start : start + length] = b"" if cut else bytes(length)
    path = tmp_path_factory.mktemp("damaged") / "news.warc.gz"
    path.write_bytes(content)
    assert in_parts(path)[0] == whole(path)


def test_a_record_inside_of_a_page_is_no_place_to_cut(tmp_path: Path) -> None:
    inner = gzip.compress(record(bulletin(1)), mtime=0)
    outer = record(inner * (2 * PART // len(inner)), **{"Content-Type": "application/gzip"})
    path = tmp_path / "nested.warc.gz"
    members = [gzip.compress(record(bulletin(n)), mtime=0) for n in (2, 3)]
    stored = gzip.compress(outer, compresslevel=0, mtime=0)
    path.write_bytes(members[0] + stored + members[1])
    found, parts = in_parts(path)
    assert len(parts) > 1
    assert found == whole(path)
    assert len(found) == 2


@pytest.mark.parametrize("together", [2, 3, 60])
def test_records_that_are_compressed_together_are_all_read(tmp_path: Path, together: int) -> None:
    """Such as by `gzip news.warc`: of those only the first one has a place of its own."""
    noise = "".join(map(chr, range(32, 127))).encode() * 20
    records = [record(bulletin(n % 9 + 1) + b"<!-- %d -->" % n + noise) for n in range(60)]
    path = tmp_path / "news.warc.gz"
    path.write_bytes(
        b"".join(
            gzip.compress(b"".join(records[n : n + together]), compresslevel=0, mtime=0)
            for n in range(0, 60, together)
        )
    )
    found, _ = in_parts(path)
    assert len(found) == 60
    assert found == whole(path)


def test_an_archive_that_changes_is_read_as_it_is_then(crawl: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.warc.gz"
    path.write_bytes(crawl.read_bytes())
    hits = warc._search_part(
        warc._Part(path), DocumentReader(), source="warc", since=None, until=None
    )
    assert len(warc._pages_at(hits) or ()) == 12
    for content in (gzip.compress(record(b"<p>it rains</p>"), mtime=0), b""):
        path.write_bytes(content)
        assert warc._pages_at(hits) is None


def test_archives_that_are_not_compressed_and_other_files_are_one_part(tmp_path: Path) -> None:
    plain, empty = tmp_path / "a.warc", tmp_path / "b.warc.gz"
    newsweb.write_warc(plain, newsweb.crawl(20, {date(2023, 10, 9): SERIES[date(2023, 10, 9)]}))
    empty.write_bytes(b"")
    found, parts = in_parts(plain, empty)
    assert len(parts) == 2
    assert found == whole(plain) + whole(empty)


def test_a_worker_that_does_not_see_the_archive_says_so(crawl: Path, tmp_path: Path) -> None:
    part = warc._Part(tmp_path / "elsewhere.warc.gz")
    with pytest.raises(UsageError, match=r"elsewhere.warc.gz: a worker .* does not see"):
        warc._search_part(part, DocumentReader(), source="warc", since=None, until=None)
