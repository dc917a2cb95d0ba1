"""Every published value that changed is on record: once, with its cause."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from schemas.codes import RevisionCause, RevisionField
from schemas.records import Document
from schemas.tables import RevisionRow
from tests.ledger import NOW, ORDER, document, rebuilt, row, take_in

TODAY = date(2023, 10, 9)
LATER = NOW + timedelta(days=1)


def at(hour: int, total: int, delta: int | None = 2, source: str = "first") -> Document:
    published = datetime(2023, 10, 9, hour, tzinfo=UTC)
    return document(TODAY, {"tanks": (total, delta)}, source, published, tag=hour)


def recorded(root: Path) -> list[RevisionRow]:
    return open_lake(root).revisions()


def changes(root: Path) -> list[tuple[str, int | None, int | None, str]]:
    return [(r.field, r.old_value, r.new_value, r.cause) for r in recorded(root)]


MORNING, NOON, EVENING = at(6, 4823), at(12, 4832), at(18, 4833, 3)


def test_a_first_publication_is_no_revision(tmp_path: Path) -> None:
    take_in(tmp_path, [MORNING])
    assert not recorded(tmp_path)


def test_a_newer_document_of_the_source_revises(tmp_path: Path) -> None:
    take_in(tmp_path, [MORNING])
    found = take_in(tmp_path, [NOON], now=LATER)
    assert recorded(tmp_path) == list(found.revisions)
    assert recorded(tmp_path) == [
        RevisionRow(
            report_date=TODAY,
            category="tanks",
            field=RevisionField.TOTAL,
            old_value=4823,
            new_value=4832,
            old_text=None,
            new_text=None,
            seen_at=LATER,
            cause=RevisionCause.NEWER_DOCUMENT,
            old_document_sha256=MORNING.sha256,
            new_document_sha256=NOON.sha256,
        )
    ]
    assert row(open_lake(tmp_path), TODAY).total == 4832


@pytest.mark.parametrize("documents", [(MORNING, NOON, EVENING), (EVENING, NOON, MORNING)])
def test_in_one_run_the_documents_are_told_in_the_order_of_publication(
    tmp_path: Path, documents: tuple[Document, ...]
) -> None:
    take_in(tmp_path, documents)
    assert changes(tmp_path) == [
        ("delta", 2, 3, "newer_document"),
        ("total", 4823, 4832, "newer_document"),
        ("total", 4832, 4833, "newer_document"),
    ]


def test_a_page_that_goes_back_to_an_older_version_stays_there(tmp_path: Path) -> None:
    """The day after, taken in later, does not bring the version between back."""
    for n, total in enumerate((4823, 4832, 4823)):
        when = NOW + timedelta(days=n)
        page = document(TODAY, {"tanks": (total, None)})
        take_in(tmp_path, [replace(page, url="https://example.org", fetched_at=when)], now=when)
    take_in(tmp_path, [document(TODAY + timedelta(days=1), {"tanks": (4830, None)})], now=when)
    assert row(open_lake(tmp_path), TODAY).total == 4823
    assert [(r.new_value, r.cause) for r in recorded(tmp_path)] == [
        (4832, "newer_document"),
        (4823, "newer_document"),
    ]


def test_a_late_older_document_changes_nothing_that_was_published(tmp_path: Path) -> None:
    take_in(tmp_path, [NOON])
    take_in(tmp_path, [MORNING], now=LATER)
    assert not recorded(tmp_path)
    assert row(open_lake(tmp_path), TODAY).total == 4832


def test_another_source_that_takes_precedence_revises(tmp_path: Path) -> None:
    take_in(tmp_path, [at(6, 4832, source="second")])
    take_in(tmp_path, [MORNING], now=LATER)
    assert changes(tmp_path) == [("total", 4832, 4823, "other_source")]


def test_another_source_of_lower_rank_revises_nothing(tmp_path: Path) -> None:
    take_in(tmp_path, [MORNING])
    take_in(tmp_path, [at(6, 4832, source="second")], now=LATER)
    assert not recorded(tmp_path)


def test_a_document_with_the_same_values_revises_nothing(tmp_path: Path) -> None:
    take_in(tmp_path, [MORNING])
    take_in(tmp_path, [at(12, 4823)], now=LATER)
    assert not recorded(tmp_path)


def test_a_delta_that_appears_is_a_revision_from_null(tmp_path: Path) -> None:
    take_in(tmp_path, [at(6, 4823, None)])
    take_in(tmp_path, [at(12, 4823, 2)], now=LATER)
    assert changes(tmp_path) == [("delta", None, 2, "newer_document")]


REREAD = document(TODAY, {"tanks": (4823, 2)}, reread={"figures": {"tanks": (4828, 2)}})


def test_a_newer_parser_revises_once(tmp_path: Path) -> None:
    take_in(tmp_path, [REREAD])
    for _ in range(2):
        take_in(tmp_path, [REREAD], now=LATER, parser=2)
        rebuilt(tmp_path, now=LATER + timedelta(days=1), parser=2)
    assert changes(tmp_path) == [("total", 4823, 4828, "parser")]
    (found,) = recorded(tmp_path)
    assert (found.seen_at, found.old_document_sha256) == (LATER, found.new_document_sha256)


def test_a_parser_that_changes_its_mind_is_told_each_time(tmp_path: Path) -> None:
    for n, parser in enumerate([1, 2, 1, 2]):
        take_in(tmp_path, [REREAD], now=NOW + timedelta(days=n), parser=parser)
    assert [r.new_value for r in recorded(tmp_path)] == [4828, 4823, 4828]


def test_a_value_that_is_withdrawn_is_a_revision_to_null(tmp_path: Path) -> None:
    given = document(TODAY, {"tanks": (4823, 2)}, reread={"refused": "no bulletin"})
    take_in(tmp_path, [given])
    rebuilt(tmp_path, now=LATER, parser=2)
    assert changes(tmp_path) == [("delta", 2, None, "parser"), ("total", 4823, None, "parser")]
    assert not open_lake(tmp_path).losses()


def test_a_parser_that_corrects_the_date_withdraws_and_publishes(tmp_path: Path) -> None:
    given = document(TODAY, {"tanks": (4823, None)}, reread={"day": "2024-01-01"})
    take_in(tmp_path, [given])
    take_in(tmp_path, [given], now=LATER, parser=2)
    assert changes(tmp_path) == [("total", 4823, None, "parser")]
    assert [r.report_date for r in open_lake(tmp_path).losses()] == [date(2024, 1, 1)]
    assert [b.report_date for b in open_lake(tmp_path).bulletins()] == [date(2024, 1, 1)]


def test_another_order_of_the_sources_is_told_when_it_takes_effect(tmp_path: Path) -> None:
    take_in(tmp_path, [MORNING, at(6, 4832, source="second")])
    rebuilt(tmp_path, now=LATER, order=("second", "first"))
    assert changes(tmp_path) == [("total", 4823, 4832, "other_source")]
    assert row(open_lake(tmp_path), TODAY).source == "second"


def test_revisions_outlive_a_rebuild_and_are_not_told_twice(tmp_path: Path) -> None:
    take_in(tmp_path, [MORNING])
    take_in(tmp_path, [NOON], now=LATER)
    before = recorded(tmp_path)
    for path in [*tmp_path.glob("losses/*/*"), *tmp_path.glob("figures/*/*/*")]:
        path.unlink()
    rebuilt(tmp_path, now=LATER + timedelta(days=9))
    assert recorded(tmp_path) == before


def test_lost_tables_are_told_again_as_the_archive_saw_them(tmp_path: Path) -> None:
    take_in(tmp_path, [NOON])
    take_in(tmp_path, [MORNING], now=LATER)
    take_in(tmp_path, [EVENING], now=LATER + timedelta(days=1))
    before = recorded(tmp_path)
    for path in tmp_path.glob("[bflr]*/**/*.parquet"):
        path.unlink()
    rebuilt(tmp_path, now=LATER + timedelta(days=9))
    assert recorded(tmp_path) == before
    assert len(before) == 2


def test_sources_that_arrive_together_revise_nothing(tmp_path: Path) -> None:
    day = TODAY + timedelta(days=30)
    both = [document(day, {"tanks": (n, 1)}, source) for n, source in enumerate(ORDER)]
    take_in(tmp_path, both[::-1])
    assert recorded(tmp_path) == []


def test_a_source_that_takes_precedence_later_revises(tmp_path: Path) -> None:
    day = TODAY + timedelta(days=30)
    preferred, other = (document(day, {"tanks": (n, 1)}, source) for n, source in enumerate(ORDER))
    take_in(tmp_path, [other])
    take_in(tmp_path, [preferred], now=LATER)
    assert [(r.old_value, r.new_value, r.cause) for r in recorded(tmp_path)] == [
        (1, 0, "other_source")
    ]
