"""Web archives: every bulletin of thousands of pages is found, nothing else, in little memory."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.errors import SourceError, Unreachable
from flows.extract.prefilter_bytes import may_be_bulletins
from flows.parse.reader import DocumentReader
from flows.settings import SourceConfig
from flows.sources import folder, warc
from flows.sources.base import Found
from schemas.records import Bulletin, Document
from tests import examples, newsweb
from tests.reference import Figures, Printed
from tests.sources.test_sources import no_network

FIGURES: Figures = {
    "tanks": Printed(4823, 2),
    "artillery": Printed(6706, 1),
    "mlrs": Printed(808, 0),
    "personnel": Printed(282630, 350),
}
SERIES = {date(2023, 10, n): FIGURES for n in range(1, 31)}


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[newsweb.NewsPage]]:
    pages = list(newsweb.crawl(2_000, SERIES))
    path = tmp_path_factory.mktemp("crawl") / "news.warc.gz"
    newsweb.write_warc(path, pages)
    return path, pages


def found(path: Path, since: date | None = None, until: date | None = None) -> list[Document]:
    config = SourceConfig("warc", "warc", path=str(path))
    items = list(warc.find(config, since, until, no_network, DocumentReader()))
    assert all(isinstance(item, Document) for item in items), items
    return [item for item in items if isinstance(item, Document)]


@pytest.mark.slow
def test_every_bulletin_of_a_crawl_is_found_and_nothing_else(
    crawl: tuple[Path, list[newsweb.NewsPage]],
) -> None:
    path, pages = crawl
    bulletins = [page for page in pages if page.report_date]
    assert len(bulletins) == len(SERIES)
    assert [(d.url, d.content) for d in found(path)] == [(p.url, p.content) for p in bulletins]


@pytest.mark.slow
def test_a_range_of_a_crawl(crawl: tuple[Path, list[newsweb.NewsPage]]) -> None:
    path, pages = crawl
    some = found(path.parent, date(2023, 10, 5), date(2023, 10, 7))
    assert {d.url for d in some} == {
        page.url for page in pages if page.report_date and 5 <= page.report_date.day <= 7
    }
    assert warc.state(SourceConfig("warc", "warc", path=str(path.parent))) == "ready, 1 archives"


@pytest.mark.slow
def test_a_folder_may_hold_web_archives(
    crawl: tuple[Path, list[newsweb.NewsPage]], tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "news.warc.gz").symlink_to(crawl[0])
    (tmp_path / "2023-11-01.txt").write_text("Losses on 01.11.2023: nothing is known.")
    config = SourceConfig("folder", "folder", path=str(tmp_path))
    items = list(folder.find(config, None, None, no_network, DocumentReader()))
    assert len(items) == len(SERIES) + 1
    assert folder.state(config) == "ready, 2 documents"


def record(content: bytes, length: object = None, **headers: str) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + content
    head = {"WARC-Type": "response", "WARC-Target-URI": "https://outlet.example/"} | headers
    lines = [*(f"{name}: {value}" for name, value in head.items())]
    lines.append(f"Content-Length: {len(block) if length is None else length}")
    return ("WARC/1.0\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + block + b"\r\n\r\n"


def bulletin(n: int) -> bytes:
    words = f"Day {584 + n}, October {n}, 2023: tanks 4,82{n} (+1), aircraft 315 (+0)"
    return f"<p>{words}, helicopters 316 (+0), artillery systems 6,713 (+7)</p>".encode()


OTHER = record(b"<p>nothing of the kind</p>")
DAMAGED = {
    "a head without an end": record(b"x", **{"WARC-Target-URI": "a" * 100_000}),
    "an unknown version": OTHER.replace(b"WARC/1.0", b"WARC/9.9"),
    "no version": OTHER.removeprefix(b"WARC/1.0\r\n"),
    "words": b"hello\r\n\r\n",
    "bytes": bytes(range(256)) * 40,
    "a length below zero": record(b"x", -5),
    "a length beyond all": record(b"x", 10**30),
    "a length that is none": record(b"x", "abc"),
    "too short a length": record(b"x" * 500, 60),
    "no length": record(b"x" * 500, 0),
}


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_record_stops_no_other(tmp_path: Path, damaged: str, zipped: bool) -> None:
    good = [record(bulletin(n)) for n in range(1, 5)]
    request = record(b"x", **{"WARC-Type": "request"})
    parts = [good[0], request, good[1], request, DAMAGED[damaged], request, good[2], good[3]]
    path = tmp_path / ("a.warc.gz" if zipped else "a.warc")
    path.write_bytes(b"".join(gzip.compress(part, mtime=0) if zipped else part for part in parts))
    found = list(warc.documents(path, "warc", None, None, DocumentReader()))
    assert [one.content for one in found if isinstance(one, Document)] == [
        bulletin(n) for n in range(1, 5)
    ]
    (error,) = (one for one in found if isinstance(one, SourceError))
    assert "what could be read was taken" in str(error)


def test_what_is_all_damage_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"WARC/1.0\r\n" * 5_000)
    (error,) = warc.documents(path, "warc", None, None, DocumentReader())
    assert "in 1000 places" in str(error)


def test_no_password_of_a_long_address_is_kept(tmp_path: Path) -> None:
    address = f"https://desk:{'sesame' * 2_000}@outlet.example/"
    path = tmp_path / "a.warc"
    path.write_bytes(record(bulletin(9), **{"WARC-Target-URI": address}))
    (document,) = found(path)
    assert "sesame" not in document.url


def some_pages(count: int = 12) -> list[newsweb.NewsPage]:
    return list(newsweb.crawl(count, {date(2023, 10, 9): FIGURES}, near_misses=100))


def test_an_archive_without_compression(tmp_path: Path) -> None:
    path = tmp_path / "news.warc"
    newsweb.write_warc(path, some_pages())
    assert len(found(path)) == 1


def damaged(path: Path) -> list[Found]:
    return list(warc.documents(path, "warc", None, None, DocumentReader()))


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_an_archive_that_is_cut_off_gives_what_it_has_and_says_so(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"news{suffix}"
    newsweb.write_warc(path, some_pages())
    whole = path.read_bytes()
    (bulletin,) = found(path)
    path.write_bytes(whole[: len(whole) - 2_000])
    *documents, error = damaged(path)
    assert isinstance(error, Unreachable)
    assert "cannot be read to its end" in str(error)
    assert documents == [bulletin], "it stands before the last page"


def test_an_archive_that_is_damaged_or_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "news.warc.gz"
    newsweb.write_warc(path, some_pages())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert isinstance(damaged(path)[-1], Unreachable)
    path.write_bytes(b"this is no archive" * 99)
    assert [type(item) for item in damaged(path)] == [Unreachable]
    config = SourceConfig("warc", "warc", path=str(tmp_path / "none"))
    with pytest.raises(SourceError, match="no such file"):
        list(warc.find(config, None, None, no_network, DocumentReader()))


def test_a_mistake_of_the_reader_is_not_taken_for_a_damaged_archive(tmp_path: Path) -> None:
    class BrokenReader(DocumentReader):
        def read_all(self, document: Document) -> tuple[Bulletin, ...]:
            raise OSError("a mistake")

    path = tmp_path / "news.warc"
    newsweb.write_warc(path, some_pages())
    with pytest.raises(OSError, match="a mistake"):
        list(warc.documents(path, "warc", None, None, BrokenReader()))


def answers(*blocks: bytes) -> Iterator[bytes]:
    """Yield WARC records with these answers to a request, byte for byte."""
    for block in blocks:
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <https://outlet.example/a>\r\n"
            "WARC-Record-ID: <urn:example:1>\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}"
        )
        yield head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def test_answers_that_are_compressed_or_in_chunks_and_those_that_are_no_pages(
    tmp_path: Path,
) -> None:
    (page,) = (page for page in some_pages() if page.report_date)
    packed = gzip.compress(page.content)
    chunks = b"%x\r\n" % len(packed) + packed + b"\r\n0\r\n\r\n"
    ok, html = b"HTTP/1.1 200 OK\r\n", b"Content-Type: text/html\r\n"
    blocks = (
        ok + html + b"Content-Encoding: gzip\r\n\r\n" + packed,
        ok + html + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
        ok + b"\r\n" + page.content,
        ok + html + b"Content-Encoding: gzip\r\n\r\n" + packed[:99],
        ok + html + b"Content-Encoding: unheard-of\r\n\r\n" + packed,
        ok + b"Content-Type: image/png\r\n\r\n" + page.content,
        b"HTTP/1.1 404 Not Found\r\n" + html + b"\r\n" + page.content,
        b"no answer at all",
    )
    (tmp_path / "a.warc").write_bytes(b"".join(answers(*blocks)))
    documents = found(tmp_path / "a.warc")
    assert [document.content for document in documents] == [page.content] * 3
    assert {document.url for document in documents} == {"https://outlet.example/a"}


SEARCH = """
import resource, sys
from pathlib import Path
from flows.parse.reader import DocumentReader
from flows.sources import warc
reader = DocumentReader()
found = sum(1 for _ in warc.documents(Path(sys.argv[1]), "warc", None, None, reader))
print(found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    peaks = []
    for count in (1_000, 4_000):
        path = tmp_path / f"{count}.warc.gz"
        newsweb.write_warc(path, newsweb.crawl(count, SERIES, near_misses=0))
        done = subprocess.run(
            [sys.executable, "-c", SEARCH, str(path)], capture_output=True, text=True, check=True
        )
        bulletins, peak = map(int, done.stdout.split())
        assert bulletins == len(SERIES)
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 30, f"{peaks} MB; the pages are some 17 and 73 MB"


def spellings(text: str) -> Iterator[bytes]:
    """Yield a page in every way that its letters can be written with."""
    yield from (text.encode(), text.upper().encode(), text.encode("utf-16"))
    yield text.encode("ascii", "xmlcharrefreplace")
    yield "".join(c if c.isascii() else f"&#x{ord(c):04X};" for c in text).encode()
    for encoding in ("windows-1251", "koi8-u", "iso-8859-5", "windows-1250", "iso-8859-1"):
        yield text.encode(encoding, "xmlcharrefreplace")
    for encoding in ("windows-1252", "windows-1253", "windows-1254", "windows-1256", "gb18030"):
        yield text.encode(encoding, "xmlcharrefreplace")


@pytest.mark.slow
def test_the_glance_loses_no_example_however_it_is_encoded() -> None:
    accepted = [p for p in examples.paths() if not p.name.startswith("not-")]
    assert len(accepted) > 100
    lost = [
        path.name
        for path in accepted
        for page in [list(spellings(path.read_text("utf-8")))]
        if not all(may_be_bulletins(page))
    ]
    assert lost == []


def test_the_glance_passes_over_pages_of_other_news() -> None:
    pages = [page.content for page in newsweb.crawl(500, near_misses=0)]
    assert sum(may_be_bulletins(pages)) == 0
    assert may_be_bulletins([b'<meta charset="utf-8"> a long distance, a carrier', b""]) == [
        False,
        False,
    ]


ANOTHER_LIST = "10.10.2023\nDay 100 of the war\nTanks in stock: 11\nPears: 12\nPlums: 13\n"
UNREADABLE = "09.10.2023\nDay 101 of the war\nTanks: 4823\nMLRS: 808\nSubmarines: 1\n"
"""Two days of a page whose dates contradict themselves; the second lists losses."""


@pytest.mark.parametrize("page", [ANOTHER_LIST + UNREADABLE, UNREADABLE + ANOTHER_LIST])
def test_a_page_of_another_list_and_an_unreadable_bulletin_is_told_of(
    page: str, tmp_path: Path
) -> None:
    path = tmp_path / "news.warc"
    pages = [newsweb.NewsPage("https://one.example/", page.encode(), "text/plain")]
    newsweb.write_warc(path, pages)
    assert [document.url for document in found(path)] == ["https://one.example/"]


def test_no_secret_of_an_address_is_kept_and_pages_stay_apart(tmp_path: Path) -> None:
    content = b"<p>Day 593, October 9, 2023: tanks 4,823 (+2), aircraft 315 (+0), MLRS 808 (+1)</p>"
    addresses = [f"https://desk:sesame{n}@outlet.example/a?token=open{n}&p=1" for n in range(2)]
    pages = [newsweb.NewsPage(url, content, "text/html") for url in addresses]
    newsweb.write_warc(tmp_path / "a.warc", pages)
    urls = [
        document.url for document in found(tmp_path / "a.warc") if isinstance(document, Document)
    ]
    assert len(set(urls)) == 2
    for url in urls:
        assert url.startswith("https://***@outlet.example/a?token=***&p=1#")
        assert "sesame" not in url
        assert "open" not in url
