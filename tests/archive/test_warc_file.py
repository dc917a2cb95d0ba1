"""The archive can be verified, and carried elsewhere as a web archive that other tools read."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from flows.archive.store import Archive
from flows.archive.verify import verify
from flows.archive.warc_file import export, import_file
from flows.errors import LakeError, UsageError
from flows.files import sealed
from flows.lake.lake import open_lake
from schemas.records import Document, Exchange
from tests.conftest import SAMPLES, Command
from tests.plain_runs import folder, run_job

NOW = datetime(2026, 11, 1, 9, 30, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://outlet.example/новини?day=1"


def fetched(content: bytes, hours: int = 0) -> Document:
    exchange = Exchange(
        status=200,
        redirects=(URL, "https://outlet.example/b"),
        request_headers=(("user-agent", "Tallybook"),),
        response_headers=(("content-encoding", "gzip"), ("etag", '"1"'), ("x", "a\x85b")),
    )
    return Document("outlet", URL, content, "text/html", None, NOW + hours * HOUR, exchange)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return an archive with a file, a page that went back to its first version, an old record."""
    found = Archive(tmp_path / "lake")
    found.store([Document("folder", "ü/a b.txt", b"text", "text/plain", date(2023, 10, 9))], NOW)
    for hours, content in enumerate((b"<p>one", b"<p>two", b"<p>one")):
        found.store([fetched(content, hours)], NOW + hours * HOUR)
    found.store([Document("other", "https://x.example/", b"<p>two", fetched_at=NOW)], NOW)
    return found


def root_of(archive: Archive) -> Path:
    return Path(archive.storage.where("archive"))


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file() and path.name[0] != ".")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", ["out.warc.gz", "out.warc"])
def test_an_export_comes_back_as_it_was(archive: Archive, tmp_path: Path, name: str) -> None:
    out = tmp_path / "deep" / name
    assert export(archive, out) == 4
    before = out.read_bytes()
    export(archive, out)
    assert out.read_bytes() == before
    other = Archive(tmp_path / "other")
    found = import_file(other, out)
    assert (found.documents, found.new, found.problems) == (4, 4, ())
    assert files(root_of(other)) == files(root_of(archive))
    assert list(other.load_all()) == list(archive.load_all())
    assert import_file(other, out).new == 0
    assert [path.name for path in out.parent.iterdir()] == [name]


def test_another_tool_reads_the_export(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out.warc.gz"
    export(archive, out)
    found = []
    with out.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            content = record.content_stream().read()
            if record.rec_type in ("response", "resource"):
                uri = record.rec_headers.get_header("WARC-Target-URI")
                said = record.http_headers and record.http_headers.get_header("content-length")
                found.append((record.rec_type, uri, content, said))
    page = "https://outlet.example/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8?day=1"
    assert sorted(found) == [
        ("resource", "file:///%C3%BC/a%20b.txt", b"text", None),
        ("resource", "https://x.example/", b"<p>two", None),
        ("response", page, b"<p>one", "6"),
        ("response", page, b"<p>two", "6"),
    ]


def test_what_is_on_record_stays_as_it_is(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out.warc.gz"
    export(archive, out)
    other = Archive(tmp_path / "other")
    mine = Document("folder", "mine.txt", b"text")
    other.store([mine], NOW - HOUR)
    assert import_file(other, out).new == 3
    assert other.load(("folder", mine.sha256)).document == mine


def test_a_file_that_was_cut_off_gives_what_it_holds_and_says_so(
    archive: Archive, tmp_path: Path
) -> None:
    out = tmp_path / "out.warc"
    export(archive, out)
    whole = out.read_bytes()
    for number, cut in enumerate(range(0, len(whole) - 20, 400)):
        out.write_bytes(whole[:cut])
        other = Archive(tmp_path / str(number))
        try:
            found = import_file(other, out)
        except UsageError:
            assert cut < 600
            continue
        assert found.problems
        assert found.new == found.documents < 4
        assert not verify(other).problems


def test_a_file_that_was_changed_gives_nothing_wrong(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out.warc"
    export(archive, out)
    out.write_bytes(out.read_bytes().replace(b"<p>one", b"<p>0ne"))
    other = Archive(tmp_path / "other")
    found = import_file(other, out)
    assert (found.documents, found.new) == (3, 3)
    assert "damaged: not taken" in found.problems[0]
    assert not verify(other).problems


def test_a_file_made_by_somebody_else_cannot_write_elsewhere(
    archive: Archive, tmp_path: Path
) -> None:
    out = tmp_path / "out.warc"
    export(archive, out)
    evil = out.read_bytes().replace(b'"source": "outlet"', b'"source": "../out"')
    record = re.compile(rb'(\{\n "source".*?),\n "checksum": "[0-9a-f]{64}"(\n\}\n)', re.DOTALL)
    out.write_bytes(record.sub(lambda found: sealed(found[1] + found[2]), evil))
    other = Archive(tmp_path / "a" / "b")
    with pytest.raises(UsageError, match="name of a source"):
        import_file(other, out)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "content",
    [b"", gzip.compress(b"", mtime=0), b"noise" * 50],
    ids=["empty", "empty gzip", "noise"],
)
def test_a_file_without_our_documents(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(content)
    if content[:5] == b"noise":
        assert "no web archive" in import_file(Archive(tmp_path / "lake"), path).problems[0]
    else:
        with pytest.raises(UsageError, match="backfill --archive"):
            import_file(Archive(tmp_path / "lake"), path)
    assert not (tmp_path / "lake").exists()


def test_names_and_places_that_cannot_be(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in \.warc"):
        export(archive, tmp_path / "out.zip")
    with pytest.raises(LakeError, match="nothing to export"):
        export(Archive(tmp_path / "empty"), tmp_path / "out.warc")
    with pytest.raises(UsageError, match="cannot be read"):
        import_file(archive, tmp_path / "none.warc")
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match="Cannot write"):
        export(archive, tmp_path / "file" / "out.warc")


def test_a_whole_archive_verifies(archive: Archive) -> None:
    found = verify(archive)
    assert (found.documents, found.records, found.bytes, found.problems) == (3, 4, 16, ())


def test_every_damage_is_named(archive: Archive) -> None:
    one, two, text = (
        root_of(archive) / sha[:2] / sha for sha in map(sha256_of, (b"<p>one", b"<p>two", b"text"))
    )
    damages: dict[str, Callable[[Path], object]] = {
        f"{one}.gz": lambda path: path.write_bytes(gzip.compress(b"<p>0ne")),
        f"{two}.gz": lambda path: path.unlink(),
        f"{text}.gz": lambda path: path.write_bytes(path.read_bytes()[:-3]),
        f"{text}.folder.json": lambda path: path.unlink(),
        f"{one}.outlet.json": lambda path: path.write_text("{"),
        f"{one.parent}/notes.txt": lambda path: path.write_text("?"),
    }
    for path, damage in damages.items():
        damage(Path(path))
    problems = [(Path(p.path).name.partition(".")[2], p.problem) for p in verify(archive).problems]
    for name, sentence in (
        ("gz", "SHA-256 is not the one in its name"),
        ("gz", "cannot be unpacked"),
        ("gz", "no provenance record is about it"),
        ("outlet.json", "cannot be read"),
        ("outlet.json", "is not there"),
        ("other.json", "is not there"),
        ("txt", "no part of an archive"),
    ):
        assert any(name == n and sentence in p for n, p in problems), (name, sentence, problems)


def sha256_of(content: bytes) -> str:
    return Document("x", "x", content).sha256


def test_no_byte_of_a_document_changes_unnoticed(archive: Archive) -> None:
    for path in sorted(root_of(archive).glob("??/*.gz")):
        whole = path.read_bytes()
        for place in range(10, len(whole)):  # before that is gzip's own head
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert verify(archive).problems, (path, place)
        path.write_bytes(whole)
    assert not verify(archive).problems


@pytest.mark.slow
def test_a_rebuild_of_the_import_gives_the_same_tables(tmp_path: Path) -> None:
    lake, other, out = tmp_path / "lake", tmp_path / "other", tmp_path / "out.warc.gz"
    run_job("backfill", lake, folder(SAMPLES), now=NOW)
    export(open_lake(lake).archive, out)
    import_file(open_lake(other, create=True).archive, out)
    run_job("rebuild", other, now=NOW, order=("folder",))
    for table in ("losses", "figures", "bulletins", "archive"):
        assert files(other / table) == files(lake / table)
        assert files(lake / table)


def test_the_commands(archive: Archive, tallybook: Command, tmp_path: Path) -> None:
    lake, other = root_of(archive).parent, tmp_path / "other"
    open_lake(tmp_path / "empty", create=True)
    (tmp_path / "empty" / "lake.json").rename(lake / "lake.json")
    done = tallybook("archive", "verify", "--lake", lake, "--json")
    expected = {"documents": 3, "records": 4, "bytes": 16, "problems": []}
    assert (done.returncode, json.loads(done.stdout)) == (0, expected)
    done = tallybook("archive", "export", "--out", "a.warc.gz", "--lake", lake)
    assert (done.returncode, "4 documents" in done.stdout) == (0, True)
    done = tallybook("archive", "import", "a.warc.gz", "--lake", other)
    assert (done.returncode, "tallybook rebuild" in done.stdout) == (0, True)
    blob = next((other / "archive").glob("??/*.gz"))
    blob.unlink()
    done = tallybook("archive", "verify", "--lake", other)
    assert done.returncode == 1
    assert "the document that it is about is not there" in done.stdout
    assert "Whole are 2 documents" in done.stdout
