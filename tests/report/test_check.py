"""What `tallybook check`, `status` and `show` say of a real lake."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.errors import LakeError, UsageError
from flows.lake.lake import Lake, open_lake
from flows.report.check import check_report
from flows.report.check_text import check_text
from flows.report.lake_text import show_text, status_text
from flows.report.run_summary import Summary
from flows.report.show import show_day
from flows.validate.gate import validate
from schemas.codes import BulletinWarningCode, DeltaStatus
from schemas.records import Bulletin, BulletinWarning, Figure, Unrecognized
from schemas.registry import load_registry
from schemas.tables import LOSSES
from tests.builders import DAY, NOW, bulletin, complete_figures, reading
from tests.ledger import document, published, take_in
from tests.reports import shown, status_of

pytestmark = pytest.mark.slow  # The gate judges what is published here.

REGISTRY = load_registry()
TODAY = date(2023, 12, 31)


def day(number: int) -> date:
    """Return the date that many days after 2023-10-09."""
    return DAY + timedelta(days=number)


def change(figures: Sequence[Figure], category: str, **new: int | None) -> tuple[Figure, ...]:
    """Return the figures with other numbers for one category."""
    return tuple(replace(f, **new) if f.category == category else f for f in figures)  # type: ignore[arg-type]


def publish_all(lake: Lake, bulletins: Sequence[Bulletin]) -> None:
    """Publish the bulletins, each from a document of its own."""
    readings = [reading(parsed, f"{n}.txt") for n, parsed in enumerate(bulletins)]
    lake.archive.store([one.archived.document for one in readings], NOW)
    verdicts = validate(readings, registry=REGISTRY, today=TODAY)
    published(lake, verdicts, order=("folder",), now=NOW)


@pytest.fixture
def empty(tmp_path: Path) -> Lake:
    """An empty lake."""
    return open_lake(tmp_path / "lake", create=True)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of days 0 to 5 without day 4: a revision on 1, no UAVs on 2, day 6 in quarantine."""
    steady = complete_figures()
    revised = change(steady, "tanks", total=15)
    fallen = change(revised, "tanks", total=14, delta=None)
    lake = open_lake(tmp_path_factory.mktemp("original") / "lake", create=True)
    publish_all(
        lake,
        [
            bulletin(day(0)),
            bulletin(day(1), figures=revised),
            bulletin(
                day(2),
                figures=tuple(f for f in revised if f.category != "uavs"),
                unrecognized=(Unrecognized("hovercraft", 7, 1),),
            ),
            bulletin(day(3), figures=fallen),
            bulletin(day(5), figures=fallen),
            bulletin(day(6), figures=change(fallen, "tanks", total=-1)),
        ],
    )
    return lake.root


@pytest.fixture
def lake(original: Path, tmp_path: Path) -> Lake:
    """A copy of that lake."""
    shutil.copytree(original, tmp_path / "copy")
    return open_lake(tmp_path / "copy")


def cells(rows: Sequence[dict[str, object]]) -> list[tuple[object, object]]:
    return [(row["report_date"], row["category"]) for row in rows]


def test_a_mismatch_is_listed_with_its_evidence(lake: Lake) -> None:
    (row,) = shown(check_report(lake, None, None, order=()))["mismatches"]
    assert set(row) == set(LOSSES.columns)
    assert (row["report_date"], row["category"]) == ("2023-10-10", "tanks")
    assert (row["delta"], row["change"], row["discrepancy"]) == (0, 5, 5)
    assert (row["previous_total"], row["total"]) == (10, 15)
    assert (row["diagnosis"], row["suggested_total"]) == ("undecided", None)


def test_gaps_falls_missing_categories_and_days_are_listed(lake: Lake) -> None:
    report = shown(check_report(lake, None, None, order=()))
    gaps = cells(report["gaps"])
    assert ("2023-10-12", "uavs") in gaps
    assert len([cell for cell in gaps if cell[0] == "2023-10-14"]) == len(complete_figures())
    assert cells(report["falling"]) == [("2023-10-12", "tanks")]
    assert report["missing"] == [{"report_date": "2023-10-11", "categories": ["uavs"]}]
    assert report["missing_days"] == ["2023-10-13"]
    assert report["days"] == 5
    assert report["rows"] == sum(report["by_status"].values())
    assert list(report["by_status"]) == list(DeltaStatus)


def test_what_could_not_be_checked_has_its_code(lake: Lake) -> None:
    report = shown(check_report(lake, None, None, order=()))
    notes = {(note["report_date"], note["code"]) for note in report["notes"]}
    assert notes == {
        ("2023-10-09", "first_day"),
        ("2023-10-11", "category_not_printed"),
        ("2023-10-12", "category_skipped"),
        ("2023-10-14", "day_before_missing"),
    }


def test_remarks_and_quarantined_documents_are_listed(lake: Lake) -> None:
    report = shown(check_report(lake, None, None, order=()))
    (warned,) = report["warnings"]
    assert (warned["report_date"], warned["url"]) == ("2023-10-11", "2.txt")
    (label,) = (w for w in warned["warnings"] if w["code"] == "label_unrecognized")
    assert "hovercraft 7 (+1)" in label["text"]
    assert report["unrecognized"] == [
        {
            "report_date": "2023-10-11",
            "source": "folder",
            "url": "2.txt",
            "label": "hovercraft",
            "total": 7,
            "delta": 1,
        }
    ]
    (held,) = report["quarantined"]
    assert (held["report_date"], held["status"]) == ("2023-10-15", "quarantined")
    assert held["reason"] == "a total is below zero: tanks -1"


def test_a_range_leaves_out_the_rest_and_needs_its_order(lake: Lake) -> None:
    report = shown(check_report(lake, day(1), day(1), order=()))
    assert (report["days"], len(report["mismatches"]), report["gaps"]) == (1, 1, [])
    assert report["quarantined"] == []
    assert (report["since"], report["until"]) == ("2023-10-10", "2023-10-10")
    with pytest.raises(UsageError, match="2023-10-11"):
        shown(check_report(lake, day(2), day(1), order=()))


def test_the_reports_are_json_as_they_are(lake: Lake) -> None:
    for report in (
        check_report(lake, None, None, order=()),
        status_of(lake),
        show_day(lake, None, order=()),
    ):
        assert shown(report)


def test_the_text_of_check_says_it_in_words(lake: Lake) -> None:
    text = check_text(check_report(lake, None, None, order=()))
    assert (
        "  2023-10-10\n    Tanks: printed 0, total changed by +5 (10 -> 15): not decided: the next "
        in text
    )
    assert "2023-10-12: no check for Operational-tactical UAVs: not printed the day before" in text
    assert "Totals that fell:\n  2023-10-12\n    Tanks: 15 -> 14, -1 since 2023-10-11" in text
    assert "Not on record at all:\n  2023-10-13" in text
    assert "  hovercraft: 7 (+1), last on 2023-10-11; 2023-10-11 (folder)" in text
    assert "2023-10-15 folder 5.txt: a total is below zero: tanks -1" in text
    assert "does not print every category" not in text
    assert text.endswith("Not decided for more than two days: 2023-10-10 Tanks.")


def test_consecutive_missing_days_are_one_line(empty: Lake) -> None:
    publish_all(empty, [bulletin(day(n)) for n in (0, 2, 6)])
    text = check_text(check_report(empty, None, None, order=()))
    assert "Not on record at all:\n  2023-10-10\n  2023-10-12 to 2023-10-14" in text


def test_what_repeats_is_counted_and_not_listed(empty: Lake) -> None:
    figures = tuple(f for f in complete_figures() if f.category != "uavs")
    quiet = change(figures, "tanks", delta=None)
    odd = BulletinWarning(BulletinWarningCode.DATE_CONTRADICTED, "odd dates")
    publish_all(
        empty,
        [
            bulletin(day(n), figures=change(quiet, "tanks", total=10 + n), warnings=(odd,))
            for n in range(60)
        ],
    )
    text = check_text(check_report(empty, None, None, order=()))
    assert "60 days, 2023-10-09 to 2023-12-07: odd dates" in text
    assert "60 days, 2023-10-09 to 2023-12-07: not printed: Operational-tactical UAVs" in text
    assert "59  no daily change printed (not_printed)" in text
    assert len(text.splitlines()) < 25


def test_the_exit_status_waits_two_days_for_a_decision(tmp_path: Path) -> None:
    printed = [(10, None), (15, 0), (15, 0), (15, 0), (15, 0)]
    statuses = []
    for number, tanks in enumerate(printed):
        take_in(tmp_path, [document(day(number), {"tanks": tanks})])
        statuses.append(check_report(open_lake(tmp_path), None, None, order=()).exit_status)
    assert statuses == [0, 0, 0, 0, 1]
    report = shown(check_report(open_lake(tmp_path), day(1), day(1), order=()))
    assert report["undecided"] == [
        {"report_date": "2023-10-10", "category": "tanks", "days": 3, "overdue": True}
    ]
    assert report["exit_status"] == 1
    assert shown(check_report(open_lake(tmp_path), day(2), None, order=()))["exit_status"] == 0


def test_each_mismatch_is_explained_in_a_sentence(tmp_path: Path) -> None:
    """Swapped digits on day 2, a revision on day 5, a misprinted delta on day 8."""
    printed = [
        *((4819, 2), (4821, 2), (4832, 2), (4825, 2), (4827, 2)),
        *((4835, 3), (4837, 2), (4839, 2), (4853, 41), (4855, 2)),
    ]
    take_in(tmp_path, [document(day(n), {"tanks": tanks}) for n, tanks in enumerate(printed)])
    report = shown(check_report(open_lake(tmp_path), None, None, order=()))
    assert [(one["report_date"], one["sentence"]) for one in report["explanations"]] == [
        (
            "2023-10-11",
            "Tanks: printed +2, total changed by +11 (4,821 -> 4,832): the total is misprinted: "
            "4,832 should be 4,823 (digits swapped); the days before and after agree on it",
        ),
        (
            "2023-10-12",
            "Tanks: printed +2, total changed by -7 (4,832 -> 4,825): this total is in order, "
            "that of the day before is misprinted",
        ),
        (
            "2023-10-14",
            "Tanks: printed +3, total changed by +8 (4,827 -> 4,835): the General Staff revised "
            "the past by +5; the next day agrees",
        ),
        (
            "2023-10-17",
            "Tanks: printed +41, total changed by +14 (4,839 -> 4,853): the daily change is "
            "misprinted: +41 should be +14 (digits swapped); the totals are confirmed",
        ),
    ]
    counted = {name: number for name, number in report["by_diagnosis"].items() if number}
    assert counted == {
        "revision": 1,
        "misprinted_total": 1,
        "previous_misprinted": 1,
        "misprinted_delta": 1,
    }
    assert report["exit_status"] == 0
    text = check_text(check_report(open_lake(tmp_path), None, None, order=()))
    assert "         1  the General Staff revised the past (revision)" in text
    assert text.endswith("Everything is explained.")


def test_every_disagreement_names_the_sources_and_the_reason(tmp_path: Path) -> None:
    days = [(100, None), (102, 2), (105, 3), (109, 4)]
    others = [(100, None), (120, 2), (105, None), (190, None)]
    last = {"tanks": (105, None), "mlrs": (7, None)}
    take_in(
        tmp_path,
        [
            *(document(day(n), {"tanks": tanks}) for n, tanks in enumerate(days)),
            *(document(day(n), {"tanks": tanks}, "second") for n, tanks in enumerate(others)),
            document(day(4), {"tanks": (109, None), "mlrs": (8, None)}),
            document(day(4), last, "second"),
        ],
    )
    report = shown(check_report(open_lake(tmp_path), None, None, order=()))
    found = {(one["report_date"], one["category"]): one for one in report["disagreements"]}
    told = found["2023-10-10", "tanks"]
    assert (told["published"], told["source"]) == (102, "first")
    assert [(value["total"], value["sources"]) for value in told["values"]] == [
        (102, ["first"]),
        (120, ["second"]),
    ]
    assert told["sentence"] == (
        "Tanks: 102 is published (first), second prints 120; the evidence is better: first prints "
        "it, the days before and after lead to it"
    )
    even = found["2023-10-13", "mlrs"]["reason"]
    assert even == "the evidence is even; of the sources first comes first in the order"
    assert {row["report_date"] for row in report["disagreeing"]} == {day for day, _ in found}
    assert "Sources that disagree:\n  2023-10-10\n    Tanks: 102 is" in check_text(
        check_report(open_lake(tmp_path), None, None, order=())
    )


def test_a_disagreement_that_lasts_is_told_once(tmp_path: Path) -> None:
    for source, total in (("first", 10), ("second", 11)):
        days = [document(day(n), {"tanks": (total, 0)}, source) for n in (0, 1, 2, 4)]
        take_in(tmp_path, days)
    report = shown(check_report(open_lake(tmp_path), None, None, order=()))
    assert len(report["disagreements"]) == 4
    told = " ".join(check_text(check_report(open_lake(tmp_path), None, None, order=())).split())
    assert told.count("is published (first)") == 2
    assert "comes first in the order (the same until 2023-10-11, 3 days) 2023-10-13" in told


def test_a_choice_that_would_come_out_otherwise_today_says_so(tmp_path: Path) -> None:
    given = [document(day(0), {"tanks": (n, None)}, s) for n, s in ((1, "first"), (2, "second"))]
    take_in(tmp_path, given, order=("second", "first"))
    (told,) = shown(check_report(open_lake(tmp_path), None, None, order=()))["disagreements"]
    assert told["published"] == 2
    assert "`tallybook rebuild` decides it anew" in told["reason"]


def test_an_empty_lake_is_no_error(empty: Lake) -> None:
    assert "No day is on record" in check_text(check_report(empty, None, None, order=()))
    report = shown(status_of(empty))
    assert (report["days"], report["first_date"], report["last_run"]) == (0, None, None)
    assert "No day is on record yet." in status_text(status_of(empty))
    with pytest.raises(LakeError, match="tallybook run"):
        shown(show_day(empty, None, order=()))


def test_status_counts_what_is_there(lake: Lake) -> None:
    lake.write_run(
        Summary("daily", "r1", NOW, NOW, str(lake.root), error="the disk is full").record()
    )
    report = shown(status_of(lake))
    assert (report["first_date"], report["last_date"]) == ("2023-10-09", "2023-10-14")
    assert (report["days"], report["missing_days"], report["pending"]) == (5, 1, 0)
    assert report["documents"] == {"accepted": 5, "refused": 0, "quarantined": 1}
    assert report["last_run"]["state"] == "failed"
    text = status_text(status_of(lake))
    assert "Days on record: 5, 2023-10-09 to 2023-10-14, 1 between them missing" in text
    assert "Last run: daily, failed, 2023-10-10 12:00 EEST: the disk is full" in text
    assert "a total is below zero" in text


def test_status_counts_what_the_rows_say(lake: Lake) -> None:
    report = shown(status_of(lake))
    statuses = Counter(row.delta_status for row in lake.losses())
    assert report["by_status"] == {status: statuses[status] for status in DeltaStatus}
    assert report["rows"] == len(lake.losses())


def test_status_tells_of_documents_that_an_interrupted_run_left(lake: Lake) -> None:
    lake.archive.store([reading(bulletin(), "late.txt").archived.document], NOW)
    report = shown(status_of(lake))
    assert report["pending"] == 1
    assert "Left by an interrupted run: 1" in status_text(status_of(lake))


def test_show_prints_the_latest_day_in_the_order_of_the_registry(lake: Lake) -> None:
    report = shown(show_day(lake, None, order=()))
    assert report["report_date"] == "2023-10-14"
    names = [row["category"] for row in report["rows"]]
    assert names == [name for name in REGISTRY.categories if name in set(names)]
    assert [one["url"] for one in report["documents"]] == ["4.txt"]


def test_show_gives_the_documents_with_codes_and_labels(lake: Lake) -> None:
    (document,) = shown(show_day(lake, day(2), order=()))["documents"]
    assert (document["url"], document["status"], document["reason_code"]) == (
        "2.txt",
        "accepted",
        None,
    )
    assert document["unrecognized"] == [{"label": "hovercraft", "total": 7, "delta": 1}]
    codes = [warning["code"] for warning in document["warnings"]]
    assert codes == ["categories_missing", "label_unrecognized"]


def test_show_prints_a_day_as_a_table(lake: Lake) -> None:
    report = shown(show_day(lake, day(1), order=()))
    assert (report["figures"], report["checked"], report["adding_up"]) == (14, 14, 13)
    text = show_text(show_day(lake, day(1), order=()))
    (line,) = [line for line in text.splitlines() if line.startswith("Tanks ")]
    assert line.split() == ["Tanks", "15", "0", "+5", "does", "not", "add", "up"]
    assert "Tanks: printed 0, total changed by +5 (10 -> 15)" in text


def test_show_says_why_a_day_is_not_there(lake: Lake) -> None:
    with pytest.raises(LakeError, match="quarantine: a total is below zero"):
        shown(show_day(lake, day(6), order=()))
    with pytest.raises(LakeError, match="2023-10-13 is not on record"):
        shown(show_day(lake, day(4), order=()))
