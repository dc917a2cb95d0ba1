"""A document that holds many days: each of them is a bulletin of its own in every table."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from tests.ledger import NOW, days, document, files, month, rebuilt, row, statuses, take_in

LAST_DAY = date(2023, 12, 31)
NEW_YEAR = date(2024, 1, 1)
LATER = NOW + timedelta(days=1)


def test_every_day_is_in_every_table_and_names_the_one_document(tmp_path: Path) -> None:
    given = month(LAST_DAY, 10, 12, 15)
    take_in(tmp_path, [given])
    lake = open_lake(tmp_path)
    assert statuses(tmp_path) == ["first", "ok", "ok"]
    assert {r.document_sha256 for r in lake.losses()} == {given.sha256}
    assert [b.report_date for b in lake.bulletins()] == [
        LAST_DAY,
        NEW_YEAR,
        NEW_YEAR + timedelta(days=1),
    ]
    assert {b.bulletins for b in lake.bulletins()} == {3}
    assert len(lake.figures()) == 3
    assert lake.archive.pending() == []


def test_it_says_the_same_as_one_document_a_day(tmp_path: Path) -> None:
    take_in(tmp_path / "month", [month(LAST_DAY, 10, 12, 15, 15)])
    take_in(tmp_path / "days", days(LAST_DAY, 10, 12, 15, 15))
    found = [
        [(r.report_date, r.total, r.delta, r.delta_status) for r in open_lake(lake).losses()]
        for lake in (tmp_path / "month", tmp_path / "days")
    ]
    assert found[0] == found[1]


def test_a_later_copy_of_the_month_brings_the_new_days_and_changes_no_old_one(
    tmp_path: Path,
) -> None:
    take_in(tmp_path, [month(LAST_DAY, 10, 12)])
    found = take_in(tmp_path, [month(LAST_DAY, 10, 12, 15)], now=LATER)
    assert statuses(tmp_path) == ["first", "ok", "ok"]
    assert found.revisions == ()


@pytest.mark.slow
def test_any_order_and_a_rebuild_give_the_same_bytes(tmp_path: Path) -> None:
    documents = [
        month(LAST_DAY, 10, 12, 15, tag="early"),
        month(LAST_DAY, 10, 13, 15, source="second"),
        *days(NEW_YEAR + timedelta(days=2), 18, 20),
    ]
    for name, order in (("one", documents), ("other", documents[::-1])):
        for n, one in enumerate(order):
            take_in(tmp_path / name, [one], now=NOW + timedelta(days=n))
    assert files(tmp_path / "one") == files(tmp_path / "other")
    before = files(tmp_path / "one")
    rebuilt(tmp_path / "one", now=LATER)
    assert files(tmp_path / "one") == before


def test_a_day_that_cannot_be_published_holds_back_none_of_the_others(tmp_path: Path) -> None:
    bad = {"day": NEW_YEAR.isoformat(), "figures": {"tanks": (12, 2)}, "blocked": "too many"}
    good = {"day": "2024-01-02", "figures": {"tanks": (15, 3)}}
    found = take_in(tmp_path, [document(LAST_DAY, {"tanks": (10, 1)}, also=[bad, good])])
    lake = open_lake(tmp_path)
    assert statuses(tmp_path) == ["first", "gap"]
    assert [b.status for b in lake.bulletins()] == ["accepted", "quarantined", "accepted"]
    assert [q.reason for q in found.quarantined] == ["too many"]
    assert lake.archive.pending() == []


def test_several_bad_days_are_told_apart_in_the_reason(tmp_path: Path) -> None:
    bad = [
        {"day": f"2024-01-0{n}", "figures": {"tanks": (12, 2)}, "blocked": f"bad {n}"}
        for n in (1, 2)
    ]
    (held,) = take_in(tmp_path, [document(LAST_DAY, {"tanks": (10, 1)}, also=bad)]).quarantined
    assert held.reason == "2024-01-01: bad 1; 2024-01-02: bad 2"
    assert open_lake(tmp_path).quarantined()[0].report_date is None


def test_a_misprint_in_one_source_does_not_get_past_the_series(tmp_path: Path) -> None:
    wrong = {"day": NEW_YEAR.isoformat(), "figures": {"tanks": (21, 2)}}
    after = {"day": "2024-01-02", "figures": {"tanks": (15, 3)}}
    take_in(tmp_path, [document(LAST_DAY, {"tanks": (10, 1)}, also=[wrong, after])])
    assert row(open_lake(tmp_path), NEW_YEAR).diagnosis == "misprinted_total"
    take_in(tmp_path, [month(LAST_DAY, 10, 12, 15, source="second")], now=LATER)
    published = row(open_lake(tmp_path), NEW_YEAR)
    assert (published.total, published.source, published.diagnosis) == (12, "second", None)
    assert (published.sources_agreeing, published.sources_total) == (1, 2)
