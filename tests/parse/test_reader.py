"""The reader of a run: a document is extracted and parsed once, and no text is kept for long."""

import json
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.errors import NotThePage
from flows.extract.multi_day import Contents
from flows.extract.refusal import NotABulletin
from flows.extract.text import contents
from flows.parse import apart
from flows.parse import reader as module
from flows.parse.bulletin import read_all, read_contents
from flows.parse.reader import DocumentReader
from schemas.codes import Reason
from schemas.records import Bulletin, Document
from tests import outlets
from tests.reference import Figures, Printed
from tests.spreading import Sent

DAY = date(2023, 10, 9)
FIGURES: Figures = {"tanks": Printed(4823, 2), "mlrs": Printed(808, 1), "uavs": Printed(5243, 4)}
LIST = "as of 09.10.2023\ntanks - 4823 (+2);\nMLRS - 808 (+1);\nUAVs - 5243 (+4);\n"


def document(
    content: str | bytes, media_type: str = "text/html", on: date | None = None
) -> Document:
    body = content.encode() if isinstance(content, str) else content
    return Document("outlet", "https://outlet.example/", body, media_type, on)


def month(first: date, days: int = 3) -> Document:
    return document(outlets.month_page({first + timedelta(n): FIGURES for n in range(days)}))


def channel(day: date) -> Document:
    moment = datetime(day.year, day.month, day.day, 4, 30, tzinfo=UTC)
    return document(outlets.channel_page("channel", [(1, moment, outlets.post_text(day, FIGURES))]))


OF_ALL_KINDS = {
    "text": document(LIST, "text/plain"),
    "undated text": document(LIST.partition("\n")[2], "text/plain", DAY),
    "other page": document("<p>Nothing new.</p>"),
    "no text": document(b"%PDF-1.7"),
    "other JSON": document(b"[1]", "application/json"),
    "records": document(json.dumps([{"date": "2023-10-09", "tank": 4823}]), "application/json"),
    "API": document(outlets.api_answer([outlets.api_record(DAY, FIGURES)]), "application/json"),
    "month": month(DAY),
    "channel": channel(DAY),
}


def dates_read(asked: Document) -> tuple[date, ...]:
    """The report dates of what is accepted in a document."""
    dates = {bulletin.report_date for bulletin in read_all(asked) if bulletin.accepted}
    return tuple(sorted(day for day in dates if day))


class Counts:
    """How often each document was extracted and parsed by the reader's module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.extracted: Counter[str] = Counter()
        self.parsed: Counter[str] = Counter()

        def extract(document: Document) -> Contents:
            self.extracted[document.sha256] += 1
            return contents(document)

        def parse(found: Contents, document: Document) -> tuple[Bulletin, ...]:
            self.parsed[document.sha256] += 1
            return read_contents(found, document)

        monkeypatch.setattr(module, "contents", extract)
        monkeypatch.setattr(module, "read_contents", parse)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    return Counts(monkeypatch)


def ask_parts(reader: DocumentReader, asked: Document) -> None:
    try:
        reader.contents(asked)
    except NotABulletin:
        return


Question = Callable[[DocumentReader, Document], object]
ORDERS: dict[str, Sequence[Question]] = {
    "dates first": (DocumentReader.report_dates, DocumentReader.read_all),
    "parts first": (ask_parts, DocumentReader.read_all, DocumentReader.report_dates),
    "dates twice": (DocumentReader.report_dates, DocumentReader.report_dates),
    "read first": (DocumentReader.read_all, DocumentReader.report_dates, DocumentReader.read_all),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("most", [module.MOST_UNREAD, 0])
def test_a_document_is_extracted_once_and_parsed_at_most_once(
    order: str, most: int, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_UNREAD", most)
    reader = DocumentReader()
    for question in ORDERS[order]:
        for asked in OF_ALL_KINDS.values():
            question(reader, asked)
    assert counts.extracted == Counter(d.sha256 for d in OF_ALL_KINDS.values())
    assert max(counts.parsed.values()) == 1


def test_many_threads_read_a_document_once(counts: Counts) -> None:
    reader = DocumentReader()
    asked = [*OF_ALL_KINDS.values(), *map(month, (DAY + timedelta(3 * n) for n in range(10)))]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(reader.read_all, asked * 8))
        dates = list(pool.map(reader.report_dates, asked * 8))
    assert found == [read_all(document) for document in asked] * 8
    assert dates == [dates_read(document) for document in asked] * 8
    assert set(counts.extracted.values()) == {1}
    assert set(counts.parsed.values()) == {1}


@pytest.mark.parametrize("name", OF_ALL_KINDS)
def test_it_reads_what_is_read_without_it(name: str) -> None:
    reader, asked = DocumentReader(), OF_ALL_KINDS[name]
    assert reader.report_dates(asked) == dates_read(asked)
    assert reader.read_all(asked) == read_all(asked)


def test_the_dates_of_a_month_are_told_without_parsing_it(counts: Counts) -> None:
    unreadable = outlets.month_page({DAY: FIGURES, DAY + timedelta(1): FIGURES}).decode()
    page = document(unreadable.replace("Tanks", "Tinks").replace("MLRS", "M"))
    for first in (DocumentReader.report_dates, DocumentReader.read_all):
        reader = DocumentReader()
        first(reader, page)
        assert reader.report_dates(page) == (DAY, DAY + timedelta(1))
    assert counts.parsed[page.sha256] == 1
    assert not any(bulletin.accepted for bulletin in read_all(page))


def test_the_same_bytes_of_another_date_are_another_document() -> None:
    reader = DocumentReader()
    body = LIST.partition("\n")[2]
    for day in (DAY, DAY + timedelta(1)):
        assert reader.report_dates(document(body, "text/plain", day)) == (day,)
    assert reader.report_dates(document(body, "text/plain")) == ()


def test_what_holds_no_text_is_refused_with_its_code() -> None:
    reader, nothing = DocumentReader(), document(b"%PDF-1.7")
    for _ in range(2):
        with pytest.raises(NotThePage, match="PDF") as raised:
            reader.contents(nothing)
        assert isinstance(raised.value, NotABulletin)
        assert raised.value.reason_code is Reason.PDF
    assert [b.reason_code for b in reader.read_all(nothing)] == [Reason.PDF]


@pytest.mark.slow
def test_texts_are_not_kept() -> None:
    size, pages = 50_000, 40
    reader = DocumentReader()
    reader.read_all(document(LIST, "text/plain"))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for n in range(pages):
            asked = document(f"{LIST}\n{n}\n" + "lorem ipsum " * (size // 12), "text/plain")
            reader.report_dates(asked)
            assert reader.read_all(asked)[0].accepted
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < pages * size / 4


def ahead(reader: DocumentReader, documents: Sequence[Document]) -> list[Document]:
    return list(reader.ahead(documents, lambda document: document))


def test_workers_read_ahead_what_nobody_has_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_AHEAD", 2)
    documents = [*OF_ALL_KINDS.values()]
    workers = Sent()
    reader = DocumentReader(spread=workers)
    known = reader.read_all(documents[0])
    assert ahead(reader, documents) == documents
    assert workers.names[0] == "read documents 1-1"
    assert len(workers.names) == -(-len(documents) // 2)
    monkeypatch.setattr(module, "contents", None)
    assert reader.read_all(documents[0]) is known
    for one in documents:
        assert reader.read_all(one) == read_all(one)
        assert reader.report_dates(one) == dates_read(one)
    assert ahead(reader, documents) == documents
    assert len(workers.names) == -(-len(documents) // 2)


def test_without_workers_nothing_is_taken_ahead() -> None:
    def documents() -> Iterator[Document]:
        yield OF_ALL_KINDS["text"]
        raise AssertionError("it was asked for too early")

    reader = DocumentReader()
    assert not reader.has_workers
    assert next(reader.ahead(documents(), lambda document: document)) == OF_ALL_KINDS["text"]


def test_what_comes_before_an_error_is_given_before_it() -> None:
    def documents() -> Iterator[Document]:
        yield from OF_ALL_KINDS.values()
        raise OSError("the disk is gone")

    found: list[Document] = []
    with pytest.raises(OSError, match="gone"):
        found.extend(DocumentReader(spread=Sent()).ahead(documents(), lambda document: document))
    assert found == [*OF_ALL_KINDS.values()]


def test_what_workers_give_up_is_given_up_here() -> None:
    unusual = document("<p>5 6</p>" + "<p>other</p>" * apart.MOST_TAGS)
    reader = DocumentReader(given_up={unusual.sha256}, spread=Sent())
    ahead(reader, [unusual])
    assert [b.reason_code for b in reader.read_all(unusual)] == [Reason.INTERRUPTED]
