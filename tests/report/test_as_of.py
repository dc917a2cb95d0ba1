"""A day as it stood at an earlier moment, after real runs at different times."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import LakeError
from flows.lake.lake import open_lake
from flows.report.lake_text import show_text
from flows.report.show import show_day
from schemas.records import Document
from tests.ledger import NOW, document, rebuilt, take_in
from tests.reports import shown
from tests.tries import tries

pytestmark = pytest.mark.slow  # Each test fills a lake or more.

Report = dict[str, Any]

DAY = date(2023, 10, 9)
LATER = [NOW + timedelta(days=n) for n in range(5)]
TANKS = (4819, 4821, 4832, 4825)
"""Four days with a delta of 2 each; the third total is 4823 with its digits swapped."""


def on(number: int, total: int, delta: int | None = 2, source: str = "first") -> Document:
    """Return a document of the day that many days after DAY, published that morning."""
    day = DAY + timedelta(days=number)
    published = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    return document(day, {"tanks": (total, delta)}, source, published)


def stood(root: Path, when: datetime | None, number: int = 2) -> Report:
    return shown(show_day(open_lake(root), DAY + timedelta(days=number), when, order=()))


def tanks(report: Report) -> tuple[object, ...]:
    """Return what is said of the tanks: figures, check, diagnosis."""
    (row,) = (row for row in report["rows"] if row["category"] == "tanks")
    names = ("total", "delta", "change", "delta_status", "diagnosis", "suggested_total", "hint")
    return tuple(row[name] for name in names)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lake that took in one day a run."""
    for number, total in enumerate(TANKS):
        take_in(tmp_path, [on(number, total)], now=LATER[number])
    return tmp_path


def test_a_diagnosis_that_came_with_the_next_day_is_undone(root: Path) -> None:
    misprinted = ("misprinted_total", 4823, "digits_swapped")
    assert tanks(stood(root, None)) == (4832, 2, 11, "mismatch", *misprinted)
    assert tanks(stood(root, LATER[3])) == (4832, 2, 11, "mismatch", *misprinted)
    assert tanks(stood(root, LATER[2])) == (4832, 2, 11, "mismatch", "undecided", None, None)


def test_an_older_document_of_a_source_that_prints_another_figure_is_told(root: Path) -> None:
    """As far as both were there by then, and once for all that print the same."""
    assert not any("older document" in note for note in stood(root, None)["notes"])
    day = DAY + timedelta(days=2)
    for hour in (4, 5):
        published = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        printed = document(day, {"tanks": (4822, None)}, "first", published)
        take_in(root, [printed], now=LATER[4])
    said = "Tanks: an older document of first prints 4,822; the newer one counts: 4,832 (+2)"
    assert [note for note in stood(root, None)["notes"] if "document" in note] == [said]
    assert "Remarks:\n  Tanks: printed +2" in show_text(show_day(open_lake(root), day, order=()))
    assert not any("older document" in note for note in stood(root, LATER[3])["notes"])


def test_a_day_that_was_not_there_yet_says_so(root: Path) -> None:
    before = LATER[2] - timedelta(seconds=1)
    with pytest.raises(
        LakeError,
        match=r"2023-10-11 was not on record yet at 2026-11-03 09:29 UTC \(2026-11-03 11:29 EET\)",
    ):
        stood(root, before)
    assert str(show_day(open_lake(root), None, before, order=()).report_date) == "2023-10-10"
    with pytest.raises(LakeError, match="No day was on record yet"):
        show_day(open_lake(root), None, NOW - timedelta(days=1), order=())


def test_a_total_that_a_newer_document_changed_is_undone(root: Path) -> None:
    corrected = document(
        DAY + timedelta(days=2),
        {"tanks": (4823, 2), "mlrs": (9, None)},
        published_at=datetime(2023, 10, 11, 12, tzinfo=UTC),
    )
    take_in(root, [corrected], now=LATER[4])
    now, then = stood(root, None), stood(root, LATER[3])
    assert tanks(now) == (4823, 2, 2, "ok", None, None, None)
    assert [row["category"] for row in now["rows"]] == ["tanks", "mlrs"]
    assert tanks(then)[:6] == (4832, 2, 11, "mismatch", "misprinted_total", 4823)
    assert [row["category"] for row in then["rows"]] == ["tanks"]
    assert len(now["documents"]) == 2
    assert [one["url"] for one in then["documents"]] == [on(2, 4832).url]
    assert then["rows"][0]["document_sha256"] == on(2, 4832).sha256


def test_the_day_before_is_the_one_that_was_known_then(tmp_path: Path) -> None:
    take_in(tmp_path, [on(0, 4819), on(2, 4823)], now=LATER[0])
    take_in(tmp_path, [on(1, 4821)], now=LATER[1])
    take_in(tmp_path, [on(1, 4822, 3, "second")], now=LATER[2], order=("second", "first"))
    status = [tanks(stood(tmp_path, when))[3] for when in (LATER[0], LATER[1], None)]
    assert status == ["gap", "ok", "ok"]


def test_sources_count_as_far_as_they_had_spoken(tmp_path: Path) -> None:
    take_in(tmp_path, [on(2, 4823)], now=LATER[0])
    take_in(tmp_path, [on(2, 4823, None, "second"), on(2, 4832, None, "third")], now=LATER[1])
    found = [stood(tmp_path, when)["rows"][0] for when in (LATER[0], LATER[1])]
    counted = [(row["sources_agreeing"], row["sources_total"]) for row in found]
    assert counted == [(1, 1), (2, 3)]


def test_a_value_that_was_withdrawn_stands_again(tmp_path: Path) -> None:
    given_one = document(DAY, {"tanks": (4819, 2)}, reread={"refused": "no bulletin"})
    take_in(tmp_path, [given_one], now=LATER[0])
    rebuilt(tmp_path, now=LATER[2], parser=2)
    assert tanks(stood(tmp_path, LATER[1], 0))[:2] == (4819, 2)
    with pytest.raises(LakeError, match="2023-10-09 is not on record"):
        stood(tmp_path, LATER[2], 0)


def test_the_text_names_the_moment(root: Path) -> None:
    text = show_text(show_day(open_lake(root), DAY + timedelta(days=2), LATER[2], order=()))
    assert text.startswith(
        "Report date 2023-10-11, day 595 of the war\nAs published at 2026-11-03 09:30 UTC"
    )


def test_only_what_the_answer_needs_is_read(tmp_path: Path) -> None:
    """Other days' records and other years' tables may be damaged; nobody looks at them."""
    far = document(date(2022, 5, 1), {"tanks": (1000, 2)})
    take_in(tmp_path, [far, *(on(number, total) for number, total in enumerate(TANKS))])
    expected = {when: stood(tmp_path, when, 3) for when in (None, LATER[0])}
    for record in tmp_path.glob(f"archive/??/{far.sha256}.*.json"):
        record.write_text("{")
    for path in tmp_path.glob("*/**/year=2022/*.parquet"):
        path.write_text("")
    for when, report in expected.items():
        assert stood(tmp_path, when, 3) == report
        assert shown(show_day(open_lake(tmp_path), None, when, order=())) == report


READ = """
import sys
from datetime import UTC, date, datetime
from flows.lake.lake import open_lake
from flows.report.show import show_day
from flows.report.source_list import sources_report
from flows.report.status import status_report

lake = open_lake(sys.argv[1])
today = date(2023, 10, 12)
status_report(lake, today, 2), sources_report({}, lake, today, 2), show_day(lake, None, order=())
show_day(lake, date(2023, 10, 11), datetime(2026, 11, 4, 9, 30, tzinfo=UTC), order=())
assert lake.revisions() and any(row.published_at for row in lake.bulletins())
sys.exit("pandas" in sys.modules)
"""


def test_who_only_reads_does_not_wait_for_pandas(root: Path) -> None:
    """pyarrow imports it for some conversions, which takes half a second."""
    subprocess.run([sys.executable, "-c", READ, str(root)], check=True)


@settings(max_examples=tries(5), deadline=None)
@given(st.permutations(range(4)), st.data())
def test_it_is_what_show_said_at_that_time(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], data: st.DataObject
) -> None:
    """Days come in one by one, in any order, some with a second source."""
    root = tmp_path_factory.mktemp("lake")
    said: list[dict[int, Report]] = []
    for run, number in enumerate(order):
        documents = [on(number, TANKS[number])]
        if data.draw(st.booleans()):
            documents.append(on(number, 4819 + 2 * number, None, "second"))
        take_in(root, documents, now=LATER[run])
        said.append({n: stood(root, None, n) for n in order[: run + 1]})
    for run, days in enumerate(said):
        for number, report in days.items():
            then = stood(root, LATER[run], number)
            assert comparable(then) == comparable(report)


def comparable(report: Report) -> list[dict[str, object]]:
    """Return the rows without the hint, which is known only for what is said still."""
    return [{**row, "hint": None} for row in report["rows"]]
