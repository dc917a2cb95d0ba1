"""The archive keeps every document untouched, once, with its first provenance."""

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import files
from flows.archive import provenance
from flows.archive.store import Archive
from flows.archive.verify import verify
from flows.errors import LakeError, UsageError
from schemas.records import Document, Exchange
from tests.crash import KILLED, in_process
from tests.tries import tries

NOW = datetime(2026, 11, 1, 9, 30, 0, 123456, tzinfo=UTC)
NOISE = bytes(range(256)) * 9


def _all_files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_the_bytes_come_back_untouched_with_their_provenance(tmp_path: Path) -> None:
    document = Document(
        "article",
        "https://example.org/a?b=ü",
        NOISE,
        media_type="application/octet-stream",
        published_on=date(2023, 10, 9),
        fetched_at=NOW - timedelta(seconds=3),
    )
    (stored,) = Archive(tmp_path).store([document], NOW)
    (loaded,) = Archive(tmp_path).load_all()
    assert stored == loaded
    assert loaded.document == document
    assert loaded.archived_at == NOW
    found = Archive(tmp_path).provenance(("article", document.sha256))
    assert (found.sha256, found.size) == (document.sha256, len(NOISE))
    assert found.tool_version


def test_the_layout_is_content_addressed(tmp_path: Path) -> None:
    document = Document("folder", "a.txt", b"text")
    Archive(tmp_path).store([document], NOW)
    place = f"archive/{document.sha256[:2]}/{document.sha256}"
    marker = f"archive/.pending/{document.sha256}.folder"
    assert set(_all_files(tmp_path)) == {f"{place}.gz", f"{place}.folder.json", marker}
    record = json.loads((tmp_path / f"{place}.folder.json").read_text())
    assert record["url"] == "a.txt"
    assert record["fetched_at"] is None
    assert record["archived_at"] == "2026-11-01T09:30:00.123456+00:00"


def test_two_sources_with_the_same_bytes_share_them(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    documents = [Document("folder", "a.txt", b"text"), Document("article", "https://x", b"text")]
    assert [a.document for a in archive.store(documents, NOW)] == documents
    sha256 = documents[0].sha256
    assert archive.keys() == {("folder", sha256), ("article", sha256)}
    assert len(list(tmp_path.rglob("*.gz"))) == 1


def test_the_first_record_wins_and_is_what_store_returns(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.store([Document("folder", "first.txt", b"text")], NOW)
    before = _all_files(tmp_path)
    later = Document("folder", "second.txt", b"text", published_on=date(2023, 1, 1))
    (stored,) = archive.store([later], NOW + timedelta(days=1))
    assert (stored.document.url, stored.archived_at) == ("first.txt", NOW)
    assert stored.document.published_on is None
    assert _all_files(tmp_path) == before


def test_copies_in_one_batch_give_one_document_whatever_their_order(tmp_path: Path) -> None:
    copies = [
        Document("folder", "b.txt", b"text"),
        Document("folder", "z.txt", b"text", published_on=date(2023, 1, 2)),
        Document("folder", "c.txt", b"text", published_on=date(2023, 1, 2)),
    ]
    (one,) = Archive(tmp_path / "one").store(copies, NOW)
    (other,) = Archive(tmp_path / "other").store(copies[::-1], NOW)
    assert one == other
    assert one.document.url == "c.txt"


def test_the_same_documents_give_the_same_bytes(tmp_path: Path) -> None:
    documents = [Document("folder", f"{n}.txt", f"text {n}".encode()) for n in range(40)]
    Archive(tmp_path / "one").store(documents, NOW)
    for one in reversed(documents):
        Archive(tmp_path / "other").store([one], NOW)
    assert _all_files(tmp_path / "one") == _all_files(tmp_path / "other")


def test_documents_come_in_the_order_given_and_load_sorted(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    documents = [Document("folder", f"{n}.txt", f"text {n}".encode()) for n in range(9)]
    assert [a.document for a in archive.store(documents, NOW)] == documents
    loaded = [(a.document.source, a.document.sha256) for a in archive.load_all()]
    assert loaded == sorted(archive.keys())


def test_an_empty_or_missing_archive_has_no_keys(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert archive.keys() == set()
    assert archive.store([], NOW) == []
    assert list(tmp_path.iterdir()) == []


def test_other_files_in_the_archive_are_not_documents(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.store([Document("folder", "a.txt", b"text")], NOW)
    for name in ("notes.json", "README", f"{'0' * 63}.folder.json"):
        next((tmp_path / "archive").glob("??")).joinpath(name).write_text("{}")
    assert len(archive.keys()) == 1


@pytest.mark.parametrize("source", ["", "../up", "a/b", "A", "a b", "dot.dot", "ü", "x" * 65])
def test_a_source_name_cannot_leave_the_lake(tmp_path: Path, source: str) -> None:
    with pytest.raises(UsageError, match="name of a source"):
        Archive(tmp_path).store([Document(source, "a.txt", b"text")], NOW)
    assert list(tmp_path.iterdir()) == []


TEXT = Document("folder", "a.txt", b"a text of some length " * 9, published_on=date(2023, 10, 9))
OTHER = Document("folder", "b.txt", b"another text")


def _root(archive: Archive) -> Path:
    return Path(archive.storage.where("archive"))


def _content_path(archive: Archive, document: Document) -> Path:
    return _root(archive) / document.sha256[:2] / f"{document.sha256}.gz"


def _record_path(archive: Archive, document: Document) -> Path:
    return _root(archive) / document.sha256[:2] / f"{document.sha256}.{document.source}.json"


def _flipped(content: bytes) -> bytes:
    """Return it with a bit changed in its middle."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def _take_in(archive: Archive, document: Document, how: str) -> None:
    """Archive a document a day later, as a run does or as an import does."""
    if how == "store":
        archive.store([document], NOW + timedelta(days=1))
    else:
        archive.restore([(provenance.first_record(document, NOW), document.content)])


LOSSES: dict[str, Callable[[bytes], bytes | None]] = {
    "lost": lambda content: None,
    "empty": lambda content: b"",
    "cut off": lambda content: content[:-9],
    "one bit": _flipped,
    "none": lambda content: b"no gzip",
    "another": lambda content: gzip.compress(b"another text", mtime=0),
    "unfolds": lambda content: gzip.compress(bytes(10**6)),
    "followed": lambda content: content + bytes(4),
}
"""What can become of the bytes of a document; None: they are gone."""


@pytest.mark.parametrize("how", ["store", "restore"])
@pytest.mark.parametrize("loss", LOSSES)
def test_damaged_or_lost_bytes_are_mended_when_they_come_again(
    tmp_path: Path, loss: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Archive(tmp_path)
    archive.store([TEXT, OTHER], NOW)
    before = _all_files(tmp_path)
    paths = [_content_path(archive, TEXT), _content_path(archive, OTHER)]
    for path in paths:
        damaged = LOSSES[loss](path.read_bytes())
        path.unlink() if damaged is None else path.write_bytes(damaged)
    if loss != "followed":  # zeros behind it do a reader no harm, but `verify` complains
        with pytest.raises(LakeError, match=TEXT.sha256):
            archive.load(("folder", TEXT.sha256))
    assert len(verify(archive).problems) >= 2 - (loss == "another")
    _take_in(archive, TEXT, how)
    assert archive.load(("folder", TEXT.sha256)).document == TEXT
    assert archive.load(("folder", TEXT.sha256)).archived_at == NOW
    assert (str(paths[0]) in caplog.text) == (loss != "lost"), "what is mended is told"
    if loss != "another":
        assert verify(archive).problems, "the other document did not come again"
    _take_in(archive, OTHER, how)
    assert _all_files(tmp_path) == before
    assert not verify(archive).problems


def test_only_the_documents_that_come_are_read(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.store([TEXT, OTHER], NOW)
    os.utime(_content_path(archive, OTHER), (0, 0))
    _content_path(archive, OTHER).chmod(0)
    try:
        before = _content_path(archive, OTHER).stat()
        archive.store([TEXT], NOW)
        assert _content_path(archive, OTHER).stat() == before
    finally:
        _content_path(archive, OTHER).chmod(0o600)


RECORDS: dict[str, Callable[[bytes], bytes | None]] = {
    "lost": lambda content: None,
    "empty": lambda content: b"",
    "cut off": lambda content: content[:-20],
    "one bit": lambda content: content.replace(b'"size"', b'"sizd"'),
    "no text": lambda content: b"\xff\xfe" + content,
    "a list": lambda content: b"[]",
    "no zone": lambda content: content.replace(b"+00:00", b""),
    "of another document": lambda content: content.replace(
        TEXT.sha256.encode(), OTHER.sha256.encode()
    ),
    "of another source": lambda content: content.replace(b'"folder"', b'"article"'),
}
"""What can become of a provenance record; None: it is gone."""


@pytest.mark.parametrize("how", ["store", "restore"])
@pytest.mark.parametrize("loss", RECORDS)
def test_a_damaged_record_does_not_keep_its_document_out(
    tmp_path: Path, loss: str, how: str
) -> None:
    archive = Archive(tmp_path)
    archive.store([TEXT, OTHER], NOW)
    archive.clear_pending(archive.keys())
    path = _record_path(archive, TEXT)
    damaged = RECORDS[loss](path.read_bytes())
    path.unlink() if damaged is None else path.write_bytes(damaged)
    assert damaged != b"" or path.exists()
    with pytest.raises(LakeError, match=TEXT.sha256):
        archive.provenance(("folder", TEXT.sha256))
    archive.store([OTHER], NOW)
    assert archive.pending() == [], "that of another document is not touched"
    _take_in(archive, TEXT, how)
    stored = archive.load(("folder", TEXT.sha256))
    assert stored.document == TEXT
    assert stored.archived_at == (NOW + timedelta(days=1) if how == "store" else NOW)
    assert archive.pending() == [("folder", TEXT.sha256)]
    assert not verify(archive).problems


@pytest.mark.parametrize("lost", ["record", "bytes", "memory"])
def test_no_other_document_s_damage_keeps_a_page_out(tmp_path: Path, lost: str) -> None:
    """Neither that of the version before it, nor any, where the memory of addresses is lost."""
    archive = Archive(tmp_path)
    url = "https://outlet.example/a"
    pages = [Document("outlet", url, b"<p>%d" % n, fetched_at=NOW) for n in range(3)]
    for page in pages[:2]:
        archive.store([page], NOW)
    if lost == "bytes":
        _content_path(archive, pages[1]).write_bytes(b"")
    else:
        _record_path(archive, pages[1]).write_bytes(b"{")
    if lost == "memory":
        shutil.rmtree(tmp_path / "seen")
    for page in (pages[0], pages[2], pages[1]):
        (stored,) = Archive(tmp_path).store([page], NOW + timedelta(hours=1))
        assert stored.document == page


def test_a_record_that_cannot_be_opened_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.store([TEXT], NOW)
    path = _record_path(archive, TEXT)
    path.unlink()
    path.mkdir()
    with pytest.raises(LakeError, match=TEXT.sha256):
        archive.store([TEXT], NOW)


def test_what_is_new_is_pending_until_it_is_cleared(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    keys = sorted(("folder", document.sha256) for document in (TEXT, OTHER))
    assert archive.pending() == []
    archive.store([TEXT], NOW)
    archive.restore([(provenance.first_record(OTHER, NOW), OTHER.content)])
    assert archive.pending() == Archive(tmp_path).pending() == keys
    archive.clear_pending([keys[0], ("folder", "0" * 64)])
    assert archive.pending() == keys[1:]
    archive.clear_pending(keys)
    archive.store([TEXT, OTHER], NOW)
    archive.restore([(provenance.first_record(OTHER, NOW), OTHER.content)])
    assert archive.pending() == [], "what is on record is not new"
    archive.mark_pending(reversed(keys))
    assert archive.pending() == keys
    assert not verify(archive).problems
    assert archive.keys() == set(keys)


def test_what_a_page_goes_back_to_is_pending_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    url = "https://outlet.example/a"
    for hours, content in enumerate((b"<p>one", b"<p>two", b"<p>one")):
        archive.clear_pending(archive.keys())
        page = Document("outlet", url, content, fetched_at=NOW + timedelta(hours=hours))
        archive.store([page], NOW + timedelta(hours=hours))
    assert archive.pending() == [("outlet", Document("x", "x", b"<p>one").sha256)]


def test_a_marker_without_its_document_is_passed_over_and_removed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.mark_pending([("folder", TEXT.sha256)])
    (tmp_path / "archive" / ".pending" / "notes.txt").write_text("?")
    assert archive.pending() == []
    archive.store([OTHER], NOW)
    assert archive.pending() == [("folder", OTHER.sha256)]
    names = {path.name for path in (tmp_path / "archive" / ".pending").iterdir()}
    assert names == {"notes.txt", f"{OTHER.sha256}.folder"}


@pytest.mark.slow
def test_a_crash_leaves_no_record_that_no_later_run_would_publish(tmp_path: Path) -> None:
    page = Document("outlet", "https://outlet.example/a", b"<p>one", fetched_at=NOW)
    documents = [TEXT, OTHER, page]
    keys = {(document.source, document.sha256) for document in documents}

    def interrupted(root: Path, kill_at: int | None) -> bool:
        step = partial(Archive(root).store, documents, NOW)
        return in_process(step, kill_at=kill_at) == KILLED

    for point in count():
        root = tmp_path / str(point)
        killed = interrupted(root, point)
        archive = Archive(root)
        assert set(archive.pending()) == archive.keys()
        assert {archived.document.sha256 for archived in archive.load_all()} <= {
            document.sha256 for document in documents
        }
        interrupted(root, None)
        assert set(archive.pending()) == archive.keys() == keys
        if not killed:
            break
    assert point > 2 * len(documents)


def test_many_threads_may_store_at_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    documents = [Document("folder", f"{n}.txt", f"text {n % 20}".encode()) for n in range(60)]
    with ThreadPoolExecutor(6) as threads:
        stored = list(threads.map(lambda document: archive.store([document], NOW), documents))
    assert [[a.document.content for a in s] for s in stored] == [[d.content] for d in documents]
    assert len(archive.keys()) == len(archive.pending()) == 20
    assert not verify(archive).problems


headers = st.lists(st.tuples(st.sampled_from(["etag", "date", "x"]), st.text()), max_size=4)
exchanges = st.none() | st.builds(
    Exchange,
    st.integers(200, 304),
    st.lists(st.text(), max_size=2).map(tuple),
    headers.map(tuple),
    headers.map(tuple),
    st.booleans(),
)


@settings(max_examples=tries(12), deadline=None)
@given(
    url=st.text(st.characters(), max_size=30),
    media_type=st.text(max_size=20),
    published_on=st.none() | st.dates(),
    fetched_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    exchange=exchanges,
)
def test_what_store_returns_is_what_is_loaded(
    url: str,
    media_type: str,
    published_on: date | None,
    fetched_at: datetime | None,
    exchange: Exchange | None,
) -> None:
    document = Document("outlet", url, b"text", media_type, published_on, fetched_at, exchange)
    with tempfile.TemporaryDirectory() as folder:
        stored = Archive(Path(folder)).store([document], NOW)
        assert list(Archive(Path(folder)).load_all()) == stored


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="cannot be read"):
        Archive(tmp_path).load(("folder", "0" * 64))
    with pytest.raises(LakeError, match="cannot be read"):
        Archive(tmp_path).provenance(("folder", "0" * 64))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file")
    with pytest.raises(LakeError, match=r"Cannot write .*lake"):
        Archive(tmp_path / "lake").store([Document("folder", "a.txt", b"text")], NOW)


def test_leftovers_of_a_crash_are_swept(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    document = Document("folder", "a.txt", b"text")
    leftover = _root(archive) / document.sha256[:2] / f"{files.TEMPORARY_PREFIX}half"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"hal")
    archive.store([document], NOW)
    assert not leftover.exists()


def test_a_large_batch_does_not_flush_file_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes: list[int] = []
    fsync = os.fsync

    def counted(descriptor: int) -> None:
        flushes.append(descriptor)
        fsync(descriptor)

    documents = [Document("folder", f"{n}.txt", f"text {n}".encode()) for n in range(400)]
    Archive(tmp_path).store(documents[:1], NOW)
    monkeypatch.setattr(os, "fsync", counted)
    Archive(tmp_path).store(documents, NOW)
    assert len(flushes) < 10


def test_what_older_versions_wrote_is_read(tmp_path: Path) -> None:
    """The names of their files, and of what stands in them."""
    content = b"<p>a page"
    sha256 = Document("x", "x", content).sha256
    url, fetched, seen = "https://outlet.example/a", "2023-10-09T05:00:00+00:00", "2023-10-10"
    record = {
        "source": "outlet",
        "url": url,
        "redirects": [],
        "media_type": "text/html",
        "published_on": None,
        "fetched_at": fetched,
        "archived_at": fetched,
        "sha256": sha256,
        "size": len(content),
        "status": 200,
        "request_headers": {},
        "response_headers": {"etag": '"0"'},
        "tool_version": "0.1",
        "sightings": [{"url": url, "fetched_at": None, "archived_at": f"{seen}T05:00:00+00:00"}],
    }
    memory = {
        "source": "outlet",
        "url": url,
        "sha256": sha256,
        "etag": '"1"',
        "last_modified": None,
        "settled": True,
    }
    place = hashlib.sha256(f"outlet\n{url}".encode()).hexdigest()
    written = {
        f"archive/{sha256[:2]}/{sha256}.gz": gzip.compress(content, mtime=0),
        f"archive/{sha256[:2]}/{sha256}.outlet.json": json.dumps(record, indent=1).encode() + b"\n",
        f"seen/{place[:2]}/{place}.json": json.dumps(memory, indent=1).encode() + b"\n",
    }
    for name, old in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(old)
    archive = Archive(tmp_path)
    (archived,) = archive.load_all()
    assert archived.archived_at == datetime(2023, 10, 10, 5, tzinfo=UTC)
    copy = archive.copy_of("outlet", url)
    assert copy is not None
    assert (copy.content, copy.final, copy.validators) == (content, True, {"if-none-match": '"1"'})
    assert copy.headers == {"etag": '"1"'}
    assert archive.pending() == []
    exchange = Exchange(304, response_headers=(("etag", '"1"'),))
    archive.store([Document("outlet", url, content, fetched_at=NOW, exchange=exchange)], NOW)
    assert _all_files(tmp_path) == written, "nothing is written otherwise now"
