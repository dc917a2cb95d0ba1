"""What a run leaves in the tables and in quarantine."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from schemas.records import Document
from tests.ledger import NOW, days, document, row, statuses, take_in
from tests.reports import shown

NEW_YEAR = date(2024, 1, 1)
DAY = timedelta(days=1)


class TestTables:
    def test_a_day_is_in_every_table(self, tmp_path: Path) -> None:
        (given,) = documents = days(NEW_YEAR, 4823)
        found = take_in(tmp_path, documents)
        assert found.partitions_written == (
            "bulletins/year=2024",
            "figures/source=first/year=2024",
            "losses/year=2024",
        )
        lake = open_lake(tmp_path)
        assert lake.losses() == list(found.rows)
        assert (found.rows[0].total, found.rows[0].document_sha256) == (4823, given.sha256)
        (figure,) = lake.figures()
        assert (figure.source, figure.category, figure.end) == ("first", "tanks", 9)
        (bulletin,) = lake.bulletins()
        assert bulletin.status == "accepted"
        assert bulletin.headlines == ("A headline", "Another")
        assert bulletin.url == given.url
        assert (lake.revisions(), lake.quarantined(), lake.archive.pending()) == ([], [], [])

    def test_a_second_time_nothing_is_written(self, tmp_path: Path) -> None:
        documents = days(NEW_YEAR, 10, 12)
        first = take_in(tmp_path, documents)
        again = take_in(tmp_path, documents, now=NOW + DAY)
        assert again.partitions_written == ()
        assert again.rows == first.rows

    def test_nothing_to_publish_is_no_error(self, tmp_path: Path) -> None:
        found = take_in(tmp_path, [])
        assert (found.rows, found.partitions_written) == ((), ())

    def test_warnings_of_parser_and_gate_are_kept_once_each(self, tmp_path: Path) -> None:
        take_in(tmp_path, [document(NEW_YEAR, {"tanks": (1, 1)}, warnings=["odd", "odd", "so"])])
        (bulletin,) = open_lake(tmp_path).bulletins()
        assert [warning.text for warning in bulletin.warnings] == ["odd", "so"]

    def test_a_figure_without_a_total_makes_no_row(self, tmp_path: Path) -> None:
        take_in(tmp_path, [document(NEW_YEAR, {"tanks": (None, 3), "mlrs": (5, None)})])
        lake = open_lake(tmp_path)
        assert [r.category for r in lake.losses()] == ["mlrs"]
        assert [f.total for f in lake.figures()] == [None, 5]

    def test_half_a_surrogate_pair_does_not_stop_the_presses(self, tmp_path: Path) -> None:
        take_in(tmp_path, [document(NEW_YEAR, {"tanks": (1, 1)}, warnings=["caf\udce9"])])
        (bulletin,) = open_lake(tmp_path).bulletins()
        assert [warning.text for warning in bulletin.warnings] == ["caf?"]

    def test_the_same_bytes_from_two_sources_are_two_documents(self, tmp_path: Path) -> None:
        (first,) = days(NEW_YEAR, 10)
        second = Document("second", "elsewhere", first.content, first.media_type)
        take_in(tmp_path, [first])
        take_in(tmp_path, [second])
        lake = open_lake(tmp_path)
        assert [b.source for b in lake.bulletins()] == ["first", "second"]
        assert [f.source for f in lake.figures()] == ["first", "second"]
        assert (row(lake, NEW_YEAR).sources_agreeing, row(lake, NEW_YEAR).sources_total) == (2, 2)


class TestTheNextDay:
    def test_the_check_crosses_the_border_of_the_partitions(self, tmp_path: Path) -> None:
        for one in days(NEW_YEAR - 2 * DAY, 10, 12, 15, 16):
            take_in(tmp_path, [one])
        assert statuses(tmp_path) == ["first", "ok", "ok", "ok"]
        assert row(open_lake(tmp_path), NEW_YEAR).previous_date == NEW_YEAR - DAY

    def test_a_late_day_fills_the_gap_and_the_day_after_is_decided_again(
        self, tmp_path: Path
    ) -> None:
        before, late, after = days(NEW_YEAR - 2 * DAY, 10, 12, 15)
        take_in(tmp_path, [before, after])
        assert statuses(tmp_path) == ["first", "gap"]
        found = take_in(tmp_path, [late])
        assert statuses(tmp_path) == ["first", "ok", "ok"]
        assert [r.report_date for r in found.rows] == [NEW_YEAR - DAY, NEW_YEAR]
        assert {"losses/year=2023", "losses/year=2024"} <= set(found.partitions_written)

    def test_the_record_before_may_lie_years_back(self, tmp_path: Path) -> None:
        early, late = (document(date(year, 6, 1), {"tanks": (year, 1)}) for year in (2022, 2024))
        between = document(date(2023, 6, 1), {"mlrs": (5, 1)})
        for order in ((early, between, late), (late, between, early)):
            lake = tmp_path / order[0].sha256
            for one in order:
                take_in(lake, [one])
            found = row(open_lake(lake), date(2024, 6, 1))
            assert (found.delta_status, found.previous_date) == ("gap", date(2022, 6, 1))

    def test_an_earlier_first_day_makes_the_former_first_a_second(self, tmp_path: Path) -> None:
        earlier, later = days(NEW_YEAR - DAY, 10, 12)
        take_in(tmp_path, [later])
        take_in(tmp_path, [earlier])
        assert statuses(tmp_path) == ["first", "ok"]

    def test_a_republished_bulletin_decides_the_next_day_again(self, tmp_path: Path) -> None:
        first, _, third = days(NEW_YEAR - DAY, 10, 12, 15)
        take_in(tmp_path, [first, document(NEW_YEAR, {"tanks": (13, 2)}), third])
        assert statuses(tmp_path) == ["first", "mismatch", "mismatch"]
        later = datetime.combine(NEW_YEAR, time(12), UTC)
        found = take_in(tmp_path, [document(NEW_YEAR, {"tanks": (12, 2)}, published_at=later)])
        assert statuses(tmp_path) == ["first", "ok", "ok"]
        assert [(r.report_date, r.change) for r in found.rows] == [
            (NEW_YEAR, 2),
            (NEW_YEAR + DAY, 3),
        ]

    @pytest.mark.parametrize("late", [0, 1, 2, 3])
    def test_a_newer_one_that_the_days_on_both_sides_contradict_replaces_nothing(
        self, tmp_path: Path, late: int
    ) -> None:
        """Whichever comes last: a bulletin of May that is dated October, by its month and day."""
        later = datetime.combine(NEW_YEAR, time(12), UTC)
        stray = document(NEW_YEAR, {"tanks": (99, 4)}, published_at=later)
        documents = [*days(NEW_YEAR - DAY, 10, 12, 15), stray]
        take_in(tmp_path, documents[:late] + documents[late + 1 :])
        found = take_in(tmp_path, [documents[late]])
        assert [r.total for r in open_lake(tmp_path).losses()] == [10, 12, 15]
        assert statuses(tmp_path) == ["first", "ok", "ok"]
        assert {f.total for f in open_lake(tmp_path).figures()} == {10, 12, 15, 99}
        assert [one.figure.total for one in found.overruled] == [99]

    @pytest.mark.parametrize("together", [False, True])
    def test_an_older_one_that_comes_late_is_told_and_one_that_was_replaced_is_a_revision(
        self, tmp_path: Path, together: bool
    ) -> None:
        """Nothing is said of an older one that prints the same, nor where it comes again."""
        older, same, newer = (
            document(
                NEW_YEAR, {"tanks": tanks}, published_at=datetime(2024, 1, 1, hour, tzinfo=UTC)
            )
            for hour, tanks in ((6, (13, 2)), (7, (12, 2)), (12, (12, 2)))
        )
        if together:
            found = take_in(tmp_path, [older, same, newer])
            assert [r.old_value for r in found.revisions] == [13]
            assert found.overruled == ()
            return
        assert take_in(tmp_path, [newer]).overruled == ()
        found = take_in(tmp_path, [same, older])
        assert (found.revisions, open_lake(tmp_path).losses()[0].total) == ((), 12)
        (told,) = found.overruled
        assert (told.figure.total, told.by.total, told.is_newest) == (13, 12, False)
        assert take_in(tmp_path, [older]).overruled == ()

    def test_only_the_category_that_is_affected_is_decided_again(self, tmp_path: Path) -> None:
        take_in(tmp_path, [document(NEW_YEAR, {"tanks": (10, 1), "mlrs": (5, 0)})])
        found = take_in(tmp_path, [document(NEW_YEAR - DAY, {"tanks": (9, 1)})])
        assert [(r.report_date, r.category) for r in found.rows] == [
            (NEW_YEAR - DAY, "tanks"),
            (NEW_YEAR, "tanks"),
        ]

    def test_a_new_category_is_first_and_then_checked(self, tmp_path: Path) -> None:
        day = date(2023, 9, 14)
        take_in(tmp_path, [document(day - DAY, {"tanks": (10, 1)})])
        take_in(tmp_path, [document(day, {"tanks": (11, 1), "submarines": (1, 1)})])
        take_in(tmp_path, [document(day + DAY, {"tanks": (12, 1), "submarines": (1, 0)})])
        assert statuses(tmp_path, "submarines") == ["first", "ok"]
        assert statuses(tmp_path) == ["first", "ok", "ok"]

    def test_the_merger_in_either_order(self, tmp_path: Path) -> None:
        eve = document(date(2022, 4, 30), {"military_vehicles": (1701, 6), "fuel_tanks": (76, 0)})
        day = document(date(2022, 5, 1), {"vehicles_fuel_tanks": (1796, 19)})
        for order in ([eve, day], [day, eve]):
            root = tmp_path / order[0].url
            for one in order:
                take_in(root, [one])
            merged = row(open_lake(root), date(2022, 5, 1), "vehicles_fuel_tanks")
            assert (merged.previous_total, merged.change) == (1777, 19)
            assert merged.delta_status == "ok"


class TestQuarantine:
    def test_what_blocks_is_kept_with_the_reason_and_not_published(self, tmp_path: Path) -> None:
        blocked = document(NEW_YEAR, {"tanks": (-1, 0)}, blocked="the total is below zero")
        found = take_in(tmp_path, [blocked])
        (held,) = found.quarantined
        assert (held.source, held.sha256, held.url) == ("first", blocked.sha256, blocked.url)
        assert (held.reason_code, held.reason) == ("total_negative", "the total is below zero")
        folder = tmp_path / held.path
        assert (folder / "document.json").read_bytes() == blocked.content
        reason = json.loads((folder / "reason.json").read_text())
        assert (reason["status"], reason["reason_code"]) == ("quarantined", "total_negative")
        assert reason["report_date"] == "2024-01-01"
        assert reason["findings"][0]["rows"] == [{"total": -1}]
        assert reason["provenance"]["url"] == blocked.url
        lake = open_lake(tmp_path)
        assert (lake.losses(), lake.figures(), lake.archive.pending()) == ([], [], [])
        (bulletin,) = lake.bulletins()
        assert bulletin.status == "quarantined"
        assert bulletin.reason == "the total is below zero"
        del reason["checksum"]  # of the file, and none of its record
        assert [shown(held) for held in lake.quarantined()] == [reason]

    def test_a_refused_document_without_a_date_lies_in_the_year_it_was_archived(
        self, tmp_path: Path
    ) -> None:
        found = take_in(tmp_path, [document(NEW_YEAR, {}, refused="no figures")])
        assert found.partitions_written == ("bulletins/year=2026",)
        (bulletin,) = open_lake(tmp_path).bulletins()
        assert (bulletin.status, bulletin.reason) == ("refused", "no figures")
        assert open_lake(tmp_path).quarantined()[0].status == "refused"

    def test_it_leaves_quarantine_when_it_is_accepted_later(self, tmp_path: Path) -> None:
        given = document(NEW_YEAR, {"tanks": (5, 1)}, refused="??", reread={"refused": None})
        take_in(tmp_path, [given])
        found = take_in(tmp_path, [given], parser=2)
        lake = open_lake(tmp_path)
        assert not (tmp_path / "quarantine").exists()
        assert [b.status for b in lake.bulletins()] == ["accepted"]
        assert (row(lake, NEW_YEAR).total, found.revisions) == (5, ())

    def test_it_leaves_the_tables_when_it_is_blocked_later(self, tmp_path: Path) -> None:
        one, two = days(NEW_YEAR - DAY, 10, 12)
        bad = document(NEW_YEAR - DAY, {"tanks": (10, 0)}, reread={"blocked": "now it is"})
        take_in(tmp_path, [bad, two])
        assert statuses(tmp_path) == ["first", "ok"]
        take_in(tmp_path, [bad], parser=2)
        assert statuses(tmp_path) == ["first"]
        assert not (tmp_path / "losses/year=2023").exists()
        assert not (tmp_path / "figures/source=first/year=2023").exists()
        assert one.sha256 != bad.sha256
