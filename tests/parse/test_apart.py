"""What nobody foresaw is read in a process of its own, which is killed when it takes too long."""

from datetime import date
from pathlib import Path

import pytest

from flows.extract.refusal import NotABulletin
from flows.lake.lake import open_lake
from flows.parse import apart
from flows.parse.bulletin import read_all
from flows.parse.reader import DocumentReader
from schemas.codes import Reason, Unread
from schemas.records import Document
from schemas.typed import NotValid
from tests.plain_runs import folder, run_job

LIST = "<p>Day 594, October 10, 2023: tanks 4,829 (+6), aircraft 315 (+0), MLRS 808 (+1)</p>"
FILLING = "<p>other</p>" * (apart.MOST_TAGS // 2 + 1)
SLOW = f"{FILLING}<!--slow-->"
_ENDLESS = """
from flows.parse import apart
read = apart.contents
def endless(document):
    while b"<!--slow-->" in document.content:
        pass
    return read(document)
apart.contents = endless
apart.main()
"""
"""The limits foresee all that is known to be slow: what reads the page here never ends."""


_WRONG_DATA = """
from flows.parse import apart
from schemas.typed import NotValid
def wrong(document):
    raise NotValid("languages/xx.toml: wrong")
apart.contents = wrong
apart.main()
"""


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "CPU_SECONDS", 1)
    monkeypatch.setattr(apart, "_CODE", _ENDLESS)


def page(markup: str) -> Document:
    return Document("outlet", "https://outlet.example/", markup.encode())


@pytest.mark.slow
def test_an_unusual_page_reads_as_any_other() -> None:
    usual, unusual = page(LIST + "<i>x</i>"), page(LIST + FILLING)
    assert not apart.is_unusual(usual)
    assert apart.is_unusual(unusual)
    reader = DocumentReader()
    assert reader.report_dates(unusual) == (date(2023, 10, 10),)
    assert reader.read_all(unusual) == read_all(unusual)
    assert "Day 594" in reader.contents(unusual).page.text
    assert not reader.breaks(unusual)


@pytest.mark.slow
def test_a_package_of_the_same_name_where_it_is_started_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "__init__.py").write_text("raise SystemExit('another project')")
    monkeypatch.chdir(tmp_path)
    (bulletin,) = DocumentReader().read_all(page(LIST + FILLING))
    assert bulletin.accepted, bulletin.reason


@pytest.mark.parametrize(
    "content",
    [
        b"<p " + b"a " * apart.LONGEST_TAG,
        b"x" * (apart.MOST_BYTES + 1),
        b'{"html": "' + b"\\u003cp\\u003e" * 20_000 + b'"}',
    ],
)
def test_unusual_shapes(content: bytes) -> None:
    assert apart.is_unusual(Document("outlet", "u", content))


@pytest.mark.parametrize(
    "content", [b"", b"<p>" * 9_000, b"text " * 100_000, b"<p>" + b"x" * 30_000]
)
def test_usual_shapes(content: bytes) -> None:
    assert not apart.is_unusual(Document("outlet", "u", content))


def test_a_page_without_text_is_refused_as_any_other() -> None:
    reader, nothing = DocumentReader(), page("<p>5 6</p>" + "<p>other</p>" * apart.MOST_TAGS)
    assert [b.reason_code for b in reader.read_all(nothing)] == [Reason.NO_LIST]


@pytest.mark.slow
@pytest.mark.usefixtures("endless")
@pytest.mark.full
def test_what_takes_too_long_is_tried_a_few_times_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    real = apart.read_apart

    def counted(document: Document) -> apart.ReadApart:
        started.append(document.sha256)
        return real(document)

    monkeypatch.setattr("flows.parse.reader.read_apart", counted)
    source, root = tmp_path / "pages", tmp_path / "lake"
    source.mkdir()
    (source / "good.html").write_text(LIST)
    (source / "slow.html").write_text(SLOW + LIST)
    slow = page(SLOW + LIST).sha256
    for attempt in range(1, 6):
        summary = run_job("backfill", root, folder(source))
        assert summary.exit_status == 1
        assert len(summary.days) == 1
        assert [(u.sha256, u.code) for u in summary.unread] == [(slow, Unread.INTERRUPTED)]
        assert len(started) == min(attempt, 3)
        assert open_lake(root).archive.pending() == [("folder", slow)]
        assert slow not in {row.document_sha256 for row in open_lake(root).bulletins()}
    run_job("rebuild", root)
    assert len(started) == 3
    monkeypatch.setattr("flows.pipeline.parser_version", lambda: "another")
    run_job("rebuild", root)
    assert len(started) == 4


@pytest.mark.slow
@pytest.mark.usefixtures("endless")
def test_its_parts_are_not_asked_for_again() -> None:
    reader, slow = DocumentReader(), page(SLOW + LIST)
    for _ in range(2):
        with pytest.raises(NotABulletin) as raised:
            reader.contents(slow)
        assert raised.value.reason_code is Reason.INTERRUPTED
    assert reader.breaks(slow)


@pytest.mark.slow
def test_wrong_data_is_no_fault_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_CODE", _WRONG_DATA)
    with pytest.raises(NotValid, match=r"languages/xx\.toml: wrong"):
        DocumentReader().read_all(page(LIST + FILLING))
