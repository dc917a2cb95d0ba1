"""Known errors of sources: loaded strictly, held against the lake, told beside the rows."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.lake.lake import open_lake
from flows.report.check import CheckReport, check_report
from flows.report.check_text import check_text
from flows.report.known_errors import check_corrections
from schemas.codes import CorrectionStatus, RevisionField
from schemas.corrections import Correction, load_corrections, parse_corrections
from schemas.registry import load_registry
from tests.ledger import NOW, document, row, take_in
from tests.reports import shown

REGISTRY = load_registry()
DAY = date(2023, 10, 9)
ENTRY = Correction(
    source="first",
    report_date=DAY,
    category="tanks",
    field=RevisionField.TOTAL,
    expect=4832,
    correct=4823,
    what="digits swapped",
    why="the days before and after lead to 4,823",
    link="https://example.org/data",
    status=CorrectionStatus.OPEN,
)
TEXT = """
[[correction]]
source = "first"
report_date = 2023-10-09
category = "tanks"
field = "total"
expect = 4832
correct = 4823
what = "digits swapped"
why = "the days before and after lead to 4,823"
link = "https://example.org/data"
status = "open"
"""


def test_an_entry_is_read_as_it_stands() -> None:
    assert parse_corrections(TEXT, REGISTRY) == (ENTRY,)
    without = TEXT.replace("correct = 4823\n", "")
    assert parse_corrections(without, REGISTRY) == (replace(ENTRY, correct=None),)
    assert parse_corrections("", REGISTRY) == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('status = "open"', "", "the key 'status' is missing"),
        (
            'status = "open"',
            'status = "done"',
            "unknown status 'done'; known are disputed",
        ),
        ("expect = 4832", 'expect = "4832"', "expect must be a whole number"),
        ("correct = 4823", "correct = true", "correct must be a whole number"),
        ("correct = 4823", "correct = 4832", "correct is the same as expect"),
        ("= 2023-10-09", "= 2023-10-09T08:00:00", "report_date must be a date as in 2023-10-09"),
        ('"tanks"', '"tank"', "unknown category 'tank' (did you mean 'tanks'?)"),
        ('"total"', '"change"', 'field must be "total" or "delta"'),
        ('"total"', '"diagnosis"', "field must be total or delta"),
        ('what = "digits swapped"', 'what = " "', "what must be a text in quotes"),
        ("link =", "url =", "unknown key 'url'; known are category"),
        ("link = ", "#", "the key 'link' is missing"),
        ("link =", 'note = ""\nlink =', "unknown key 'note'; known are category,"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_with_its_name(
    old: str, new: str, problem: str
) -> None:
    with pytest.raises(ValueError, match="entry 2 \\(first, 2023-10-09") as told:
        parse_corrections(OTHER + TEXT.replace(old, new), REGISTRY)
    assert problem in str(told.value)


OTHER = TEXT.replace("tanks", "mlrs")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT + TEXT, "two entries are about first 2023-10-09 tanks total"),
        (TEXT.replace("[[correction]]", "[correction]"), "write \\[\\[correction\\]\\] above each"),
        (
            TEXT.replace("[[correction]]", "[[corrections]]"),
            "unknown key 'corrections' .did you mean 'correction'",
        ),
        ("[[correction", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_corrections(text, REGISTRY)


def outcome(root: Path, entry: Correction = ENTRY) -> tuple[str, str | None] | None:
    """Return the outcome of an entry and its message; None where it is not applicable."""
    checked = check_corrections(open_lake(root), [entry])
    return (checked[0].outcome, checked[0].message) if checked else None


def test_it_applies_where_the_source_prints_what_it_expects(tmp_path: Path) -> None:
    take_in(tmp_path, [document(DAY, {"tanks": (4832, 2)})])
    assert outcome(tmp_path) == ("applies", None)
    assert outcome(tmp_path, replace(ENTRY, field=RevisionField.DELTA, expect=2)) == (
        "applies",
        None,
    )
    assert row(open_lake(tmp_path), DAY).total == 4832


def test_it_is_not_applicable_without_a_bulletin_of_its_source_and_date(tmp_path: Path) -> None:
    other_day = document(DAY + timedelta(days=1), {"tanks": (4832, 2)})
    refused = document(DAY, {"tanks": (4832, 2)}, refused="no bulletin")
    take_in(tmp_path, [other_day, refused, document(DAY, {"tanks": (1, 1)}, "second")])
    assert outcome(tmp_path) is None
    assert check(tmp_path, ENTRY).corrections.not_applicable == 1


@pytest.mark.parametrize(
    ("figures", "entry", "problem"),
    [
        ({"mlrs": (1, 1)}, ENTRY, "no total is printed there"),
        (
            {"tanks": (4832, None)},
            replace(ENTRY, field=RevisionField.DELTA),
            "no delta is printed there",
        ),
        ({"tanks": (4823, 2)}, ENTRY, 'right total now: set its status to "fixed"'),
        ({"tanks": (4833, 2)}, ENTRY, "the total is 4,833, and the entry expects 4,832"),
    ],
)
def test_it_fails_where_the_source_prints_something_else(
    tmp_path: Path, figures: dict[str, tuple[int, int | None]], entry: Correction, problem: str
) -> None:
    take_in(tmp_path, [document(DAY, figures)])
    report = check(tmp_path, entry)
    (failed,) = report.corrections.failed
    assert failed.message.startswith("schemas/corrections.toml, 2023-10-09 tanks (first): ")
    assert problem in failed.message
    assert report.exit_status == 1
    assert "Known errors of sources that do not fit any more: 1." in check_text(report)


def test_the_newest_document_of_the_source_counts(tmp_path: Path) -> None:
    for hour, total in ((6, 4832), (9, 4823)):
        published = datetime(2023, 10, 9, hour, tzinfo=NOW.tzinfo)
        take_in(tmp_path, [document(DAY, {"tanks": (total, 2)}, published_at=published)])
    found = outcome(tmp_path)
    assert found
    assert found[0] == "failed"
    assert outcome(tmp_path, replace(ENTRY, status=CorrectionStatus.FIXED)) == ("applies", None)


def check(root: Path, *known: Correction, since: date | None = None) -> CheckReport:
    return check_report(open_lake(root), since, None, known, order=())


def test_it_is_told_beside_the_row_and_changes_nothing(tmp_path: Path) -> None:
    totals: Sequence[int] = (4819, 4821, 4832, 4825)
    days = [DAY + timedelta(days=n - 2) for n in range(4)]
    given = [document(d, {"tanks": (t, 2)}) for d, t in zip(days, totals, strict=True)]
    take_in(tmp_path, given)
    report = check(tmp_path, ENTRY)
    note = "known error (open): first prints 4,832 where 4,823 is meant: digits swapped"
    assert report.explanations[0].known_errors == (note,)
    assert shown(report)["corrections"]["applied"][0]["why"] == ENTRY.why
    assert f"    - {note}" in check_text(report)
    assert report.exit_status == 0
    assert row(open_lake(tmp_path), DAY).total == 4832
    assert check(tmp_path, ENTRY, since=DAY + timedelta(days=1)).corrections.applied == ()


def test_what_comes_with_tallybook_is_sound() -> None:
    assert all(one.link.startswith("https://") for one in load_corrections())
