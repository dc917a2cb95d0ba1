"""One document fails alone: a mistake of ours refuses it, with a code, and stops nothing else."""

import json
import logging
import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flows.archive.store import Archive
from flows.cli.main import call
from flows.cli.parse import results
from flows.lake.lake import open_lake
from flows.parse import guard, page
from flows.parse import reader as module
from flows.parse.bulletin import read_contents
from flows.parse.lexicon import lexicon
from flows.parse.reader import DocumentReader
from flows.publish import publish
from flows.report.check import check_report
from flows.sources import warc
from schemas.codes import Reason, Unread
from schemas.languages import load_languages
from schemas.records import Document
from schemas.typed import NotValid
from tests import newsweb
from tests.conftest import SAMPLES
from tests.plain_runs import folder, run_job
from tests.reports import status_of
from tests.test_pipeline import last_run

ODD = b"Report of October 9, 2023. Tanks: many. MLRS: some. Odd page 7."
"""A document that the reader of these tests makes a mistake on."""

NAMES = ("2023-10-08-update.txt", "2023-10-09-update.txt", "2023-10-10-update.txt")


class Unforeseen(Exception):
    """What nobody has thought of."""


@pytest.fixture
def mistaken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make the reader fail on `ODD`; return the hashes of what it was asked to read."""
    asked: list[str] = []

    def parse(found: Any, document: Document) -> Any:
        asked.append(document.sha256)
        if b"Odd page" in document.content:
            raise Unforeseen("with the text of the page: \x1b[2J")
        return read_contents(found, document)

    monkeypatch.setattr(module, "read_contents", parse)
    return asked


def three(source: Path) -> Path:
    """Copy three samples into a folder."""
    for path in sorted(SAMPLES.glob("2023-10-0[789]*"))[:3]:
        shutil.copy(path, source)
    return source


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Three samples and the odd document, in a folder."""
    (tmp_path / "pages").mkdir()
    source = three(tmp_path / "pages")
    (source / "odd.txt").write_bytes(ODD)
    return source


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the three samples, to be copied."""
    root = tmp_path_factory.mktemp("taken in") / "lake"
    run_job("backfill", root, folder(three(tmp_path_factory.mktemp("three"))))
    return root


def odd_of(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return [q for q in summary["quarantined"] if "Unforeseen" in q["reason"]]


@pytest.mark.slow
def test_the_rest_is_published_and_the_document_named(
    pages: Path, tmp_path: Path, mistaken: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "lake"
    with caplog.at_level(logging.ERROR):
        summary = run_job("backfill", root, folder(pages))
    assert summary.exit_status == 1
    assert len(summary.days) == 3
    (held,) = odd_of(last_run(root))
    assert (held["url"], held["source"]) == ("odd.txt", "folder")
    assert "\x1b" not in json.dumps(last_run(root))
    (row,) = [row for row in open_lake(root).bulletins() if row.reason_code is Reason.READER_ERROR]
    assert row.document_sha256 == held["sha256"] == Document("f", "u", ODD).sha256
    assert row.reason is not None
    assert "Traceback" not in row.reason
    assert any(record.exc_info and held["sha256"] in record.message for record in caplog.records)


@pytest.mark.slow
def test_it_alarms_and_no_later_run_is_stopped(
    pages: Path, tmp_path: Path, mistaken: list[str]
) -> None:
    root = tmp_path / "lake"
    run_job("backfill", root, folder(pages))
    lake = open_lake(root)
    assert lake.archive.pending() == []
    status, check = status_of(lake), check_report(lake, None, None, order=())
    assert status.exit_status == check.exit_status == 1
    assert [d.reason_code for d in status.quarantined] == ["reader_error"]
    assert [d.reason_code for d in check.quarantined] == ["reader_error"]
    (pages / "odd.txt").unlink()
    again = run_job("backfill", root, folder(pages))
    assert again.exit_status == 0


@pytest.mark.slow
def test_another_version_of_the_parser_alone_reads_it_again(
    pages: Path, tmp_path: Path, mistaken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, odd = tmp_path / "lake", Document("f", "u", ODD).sha256
    run_job("backfill", root, folder(pages))
    before = {path: path.read_bytes() for path in root.rglob("*.parquet")}
    mistaken.clear()
    assert run_job("rebuild", root).exit_status == 1
    assert odd not in mistaken
    assert before == {path: path.read_bytes() for path in root.rglob("*.parquet")}
    for used in (publish, __import__("flows.pipeline", fromlist=["pipeline"])):
        monkeypatch.setattr(used, "parser_version", lambda: "another")
    run_job("rebuild", root)
    assert odd in mistaken
    monkeypatch.setattr(module, "read_contents", read_contents)
    for used in (publish, __import__("flows.pipeline", fromlist=["pipeline"])):
        monkeypatch.setattr(used, "parser_version", lambda: "a third")
    run_job("rebuild", root)
    assert status_of(open_lake(root)).exit_status == 0


@pytest.mark.slow
def test_a_range_of_dates_is_published_and_what_breaks_is_kept(
    pages: Path, tmp_path: Path, mistaken: list[str]
) -> None:
    since, until = date(2023, 10, 1), date(2023, 10, 31)
    summary = run_job("backfill", tmp_path / "lake", folder(pages), since=since, until=until)
    assert len(summary.days) == 3
    assert len(odd_of(last_run(tmp_path / "lake"))) == 1


def test_a_web_archive_with_an_odd_page_gives_the_others(
    pages: Path, tmp_path: Path, mistaken: list[str]
) -> None:
    texts = [path.read_bytes() for path in sorted(pages.iterdir())]
    crawl = [
        newsweb.NewsPage(f"https://outlet.example/{n}", text, "text/plain")
        for n, text in enumerate(texts)
    ]
    newsweb.write_warc(tmp_path / "a.warc.gz", crawl)
    found = list(warc.documents(tmp_path / "a.warc.gz", "warc", None, None, DocumentReader()))
    assert len(found) == len(texts)


def test_a_part_that_breaks_costs_its_day_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.parse import bulletin
    from tests.parse.test_reader import month

    page = month(date(2023, 10, 7), 4)
    parse = bulletin.parse

    def odd(*args: Any) -> Any:
        if args[1] == date(2023, 10, 8):
            raise Unforeseen
        return parse(*args)

    monkeypatch.setattr(bulletin, "parse", odd)
    read = {b.report_date: b for b in DocumentReader().read_all(page)}
    assert [b.accepted for _, b in sorted(read.items())] == [True, False, True, True]
    assert read[date(2023, 10, 8)].reason_code is Reason.READER_ERROR


def test_a_line_of_parse_that_breaks_gives_its_line(mistaken: list[str]) -> None:
    lines = [json.dumps({"id": n, "text": text}) for n, text in enumerate(["a", ODD.decode(), "b"])]
    answers = [*map(json.loads, results((line.encode() for line in lines), None))]
    assert [answer["id"] for answer in answers] == [0, 1, 2]
    assert [answer["reason_code"] for answer in answers] == ["no_list", "reader_error", "no_list"]


@pytest.mark.slow
def test_rows_that_no_table_can_hold_cost_their_bulletin_alone(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    def unfit(found: Any, document: Document) -> Any:
        bulletins = read_contents(found, document)
        title: Any = ["a list"]
        return (
            tuple(replace(b, title=title) for b in bulletins)
            if document.url[:4] == "2023"
            else bulletins
        )

    monkeypatch.setattr(module, "read_contents", unfit)
    first = min(pages.glob("2023*"))
    first.rename(pages / "b.txt")
    summary = run_job("backfill", tmp_path / "lake", folder(pages))
    assert summary.exit_status == 1
    assert len(summary.days) == 1
    held = {row.reason_code for row in open_lake(tmp_path / "lake").bulletins()}
    assert Reason.READER_ERROR in held


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../../../out", "/tmp/out", "a/b", "..", "A", "a.b", ""])
def test_a_record_whose_source_is_a_path_makes_a_rebuild_write_nothing_outside(
    taken_in: Path, tmp_path: Path, name: str
) -> None:
    root = Path(shutil.copytree(taken_in, tmp_path / "deep" / "lake"))
    (source, sha256) = min(Archive(root).keys())
    record = root / "archive" / sha256[:2] / f"{sha256}.{source}.json"
    record.write_text(json.dumps(json.loads(record.read_bytes()) | {"source": name}))
    outside = sorted(path for path in tmp_path.rglob("*") if root not in path.parents)
    summary = run_job("rebuild", root)
    assert [left.sha256 for left in summary.unread] == [sha256]
    assert len(summary.days) >= 2
    assert outside == sorted(path for path in tmp_path.rglob("*") if root not in path.parents)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["bytes", "record", "odd record", "folder"])
def test_what_is_damaged_in_the_archive_is_named_and_stops_no_other(
    pages: Path, taken_in: Path, tmp_path: Path, what: str
) -> None:
    (pages / "odd.txt").unlink()
    root = Path(shutil.copytree(taken_in, tmp_path / "lake"))
    archive = Archive(root)
    key = min(archive.keys())
    record = root / "archive" / key[1][:2] / f"{key[1]}.{key[0]}.json"
    if what == "bytes":
        record.with_name(f"{key[1]}.gz").write_bytes(b"nothing")
    elif what == "record":
        record.write_text(record.read_text().replace("+00:00", ""))
    elif what == "odd record":
        record.write_text("[" * 100_000)
    else:
        record.unlink()
        record.mkdir()
    before = {path: path.read_bytes() for path in root.rglob("*.parquet")}
    summary = run_job("rebuild", root)
    assert [(left.source, left.sha256) for left in summary.unread] == [key]
    assert summary.unread[0].code is Unread.DAMAGED
    assert summary.exit_status == 1
    assert before == {path: path.read_bytes() for path in root.rglob("*.parquet")}
    archive.mark_pending([key])
    summary = run_job("backfill", root, folder(pages))
    assert len(summary.days) == (2 if what == "folder" else 3)
    assert (summary.exit_status, archive.pending()) == ((1, [key]) if what == "folder" else (0, []))


def test_the_version_of_the_parser_is_that_of_its_files() -> None:
    assert guard.parser_version() == guard.parser_version.__wrapped__()
    assert len(guard.parser_version()) == 16


@pytest.fixture
def no_expression(monkeypatch: pytest.MonkeyPatch) -> str:
    """A pattern of English that is none; it is compiled when a word of a text asks for it."""
    english = load_languages()["en"]
    wrong = msgspec.structs.replace(english, labels={**english.labels, "tanks": ("tank(s",)})
    monkeypatch.setattr(lexicon, "load_languages", lambda: {**load_languages(), "en": wrong})
    monkeypatch.setattr(page, "_lexicons", cache(lexicon.Lexicons))
    return "a pattern is no regular expression (.*): tank\\(s"


def test_a_pattern_that_is_none_is_named_and_no_document_is_blamed(
    no_expression: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = SAMPLES / "2023-10-10-update.txt"
    with pytest.raises(NotValid, match=no_expression):
        DocumentReader().read_all(Document("folder", "x", sample.read_bytes()))
    with pytest.raises(NotValid, match=no_expression):
        run_job("backfill", tmp_path / "lake", folder(SAMPLES))
    assert call(["parse", str(sample)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(f"tallybook: languages: {no_expression}\n", err)
