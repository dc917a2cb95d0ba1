"""The archive keeps every document untouched, once, with its first provenance."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows import files
from flows.archive.store import Archive
from flows.errors import LakeError, UsageError
from schemas.records import Document

NOW = datetime(2026, 11, 1, 9, 30, 0, 123456, tzinfo=UTC)
NOISE = bytes(range(256)) * 9


def _all_files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_the_bytes_come_back_untouched_with_their_provenance(tmp_path: Path) -> None:
    given = Document(
        "article",
        "https://example.org/a?b=ü",
        NOISE,
        media_type="application/octet-stream",
        published_on=date(2023, 10, 9),
        fetched_at=NOW - timedelta(seconds=3),
    )
    (stored,) = Archive(tmp_path).store([given], NOW)
    (loaded,) = Archive(tmp_path).load_all()
    assert stored == loaded
    assert loaded.document == given
    assert loaded.archived_at == NOW
    found = Archive(tmp_path).provenance(("article", given.sha256))
    assert (found.sha256, found.size) == (given.sha256, len(NOISE))
    assert found.tool_version


def test_the_layout_is_content_addressed(tmp_path: Path) -> None:
    given = Document("folder", "a.txt", b"text")
    Archive(tmp_path).store([given], NOW)
    place = f"archive/{given.sha256[:2]}/{given.sha256}"
    marker = f"archive/.pending/{given.sha256}.folder"
    assert set(_all_files(tmp_path)) == {f"{place}.gz", f"{place}.folder.json", marker}
    record = json.loads((tmp_path / f"{place}.folder.json").read_text())
    assert record["url"] == "a.txt"
    assert record["fetched_at"] is None
    assert record["archived_at"] == "2026-11-01T09:30:00.123456+00:00"


def test_two_sources_with_the_same_bytes_share_them(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    given = [Document("folder", "a.txt", b"text"), Document("article", "https://x", b"text")]
    assert [a.document for a in archive.store(given, NOW)] == given
    sha256 = given[0].sha256
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
    given = [Document("folder", f"{n}.txt", f"text {n}".encode()) for n in range(40)]
    Archive(tmp_path / "one").store(given, NOW)
    for one in reversed(given):
        Archive(tmp_path / "other").store([one], NOW)
    assert _all_files(tmp_path / "one") == _all_files(tmp_path / "other")


def test_documents_come_in_the_order_given_and_load_sorted(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    given = [Document("folder", f"{n}.txt", f"text {n}".encode()) for n in range(9)]
    assert [a.document for a in archive.store(given, NOW)] == given
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
        next(archive.root.glob("??")).joinpath(name).write_text("{}")
    assert len(archive.keys()) == 1


@pytest.mark.parametrize("source", ["", "../up", "a/b", "A", "a b", "dot.dot", "ü", "x" * 65])
def test_a_source_name_cannot_leave_the_lake(tmp_path: Path, source: str) -> None:
    with pytest.raises(UsageError, match="name of a source"):
        Archive(tmp_path).store([Document(source, "a.txt", b"text")], NOW)
    assert list(tmp_path.iterdir()) == []


def test_damage_is_noticed_and_can_be_mended(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    given = Document("folder", "a.txt", b"text")
    archive.store([given, Document("folder", "b.txt", b"other")], NOW)
    blob = archive.root / given.sha256[:2] / f"{given.sha256}.gz"
    other = next(path for path in archive.root.rglob("*.gz") if path != blob)
    key = ("folder", given.sha256)
    for damage in (b"", b"no gzip", blob.read_bytes()[:-9], other.read_bytes()):
        blob.write_bytes(damage)
        with pytest.raises(LakeError, match=given.sha256):
            archive.load(key)
    blob.unlink()
    archive.store([given], NOW + timedelta(days=1))
    assert archive.load(key).document == given
    assert archive.load(key).archived_at == NOW


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
    given = Document("folder", "a.txt", b"text")
    leftover = archive.root / given.sha256[:2] / f"{files.TEMPORARY_PREFIX}half"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"hal")
    archive.store([given], NOW)
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
