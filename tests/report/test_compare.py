"""The lake compared with a file of totals: what differs, who is right, and what cannot be read."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.errors import UsageError
from flows.lake.lake import open_lake
from flows.report import compare_file
from flows.report.compare import against_report
from flows.report.compare_file import columns, read_outside
from flows.report.compare_text import against_text
from flows.report.exports.export import export
from schemas.registry import load_registry
from tests import reference
from tests.ledger import document, take_in
from tests.reports import shown

DAY = date(2023, 10, 9)
OURS = ((4819, 2), (4821, 2), (4832, 2), (4825, 2), (4827, 2), (4834, 2), (4836, 2), (4838, None))
"""Digits swapped on the third day, a revision by +5 on the sixth."""

Cells = Mapping[tuple[str, str], tuple[str, int, int]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of eight days of tanks."""
    root = tmp_path_factory.mktemp("lake")
    take_in(root, [document(DAY + timedelta(days=n), {"tanks": t}) for n, t in enumerate(OURS)])
    return root


def compared(root: Path, tmp_path: Path, text: str, name: str = "file.csv") -> dict[str, Any]:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return shown(against_report(open_lake(root), path, None, None, order=()))


def with_total(number: int, total: int) -> str:
    """Return a CSV with our totals, one of them another."""
    lines = [f"{DAY + timedelta(days=n)},{t}" for n, (t, _) in enumerate(OURS)]
    lines[number] = f"{DAY + timedelta(days=number)},{total}"
    return "\n".join(["date,tanks", *lines])


def test_the_same_totals_give_no_difference(root: Path, tmp_path: Path) -> None:
    report = compared(root, tmp_path, with_total(0, 4819))
    assert (report["equal"], report["differences"]) == (8, [])
    assert report["days"] == {"both": 8, "only_ours": [], "only_theirs": []}
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize(
    ("number", "theirs", "verdict", "hint", "why"),
    [
        (2, 4823, "theirs", "digits_swapped", "ours is misprinted; the days around it lead to"),
        (2, 4824, "neither", None, "ours is misprinted; the days around it lead to 4,823"),
        (5, 4829, "ours", None, "the General Staff revised the past, and the next day agrees"),
        (4, 4832, "ours", None, "the file has it as the General Staff revised it the day after"),
        (1, 4812, "ours", "digits_swapped", "first prints it, the day before leads to it"),
        (4, 4825, "ours", "total_repeated", "first prints it, the day before leads to it"),
        (7, 4840, "not_decided", None, "the evidence is even: for ours, first prints it; for"),
    ],
)
def test_the_verdict_follows_the_series(
    root: Path, tmp_path: Path, number: int, theirs: int, verdict: str, hint: str, why: str
) -> None:
    (found,) = compared(root, tmp_path, with_total(number, theirs))["differences"]
    assert found["report_date"] == (DAY + timedelta(days=number)).isoformat()
    assert (found["ours"], found["theirs"]) == (OURS[number][0], theirs)
    assert (found["verdict"], found["hint"]) == (verdict, hint)
    assert found["why"].startswith(why)


def test_a_file_is_no_source_of_its_own_where_a_source_prints_the_same(tmp_path: Path) -> None:
    """The file is a copy of what `second` prints: that counts once."""
    day = document(DAY, {"tanks": (4823, None)})
    take_in(tmp_path / "lake", [day, document(DAY, {"tanks": (4832, None)}, "second")])
    (found,) = compared(tmp_path / "lake", tmp_path, f"date,tanks\n{DAY},4832")["differences"]
    assert found["verdict"] == "not_decided"
    assert found["why"] == (
        "the evidence is even: for ours, first prints it; for theirs, second prints it"
    )


@pytest.mark.parametrize("number", [0, 1])
def test_there_is_no_verdict_beside_a_row_that_is_undecided(tmp_path: Path, number: int) -> None:
    """The first day on record is never guessed, and the second hangs on it."""
    lake, second = tmp_path / "lake", DAY + timedelta(days=1)
    take_in(lake, [document(DAY, {"tanks": (4832, 2)}), document(second, {"tanks": (4825, 2)})])
    day = DAY + timedelta(days=number)
    for path_range in ((None, None), (day, day)):
        path = tmp_path / "file.csv"
        path.write_text(f"date,tanks\n{day},4823")
        report = against_report(open_lake(lake), path, *path_range, order=())
        (found,) = report.differences
        assert found.verdict == "not_decided"
        assert found.why == f"the row of {second} is not decided, and this one hangs on it"


def test_the_ends_of_a_lasting_difference_decide_it(tmp_path: Path) -> None:
    """The second source lost one and found it again: between, it adds up as the first does."""
    ours = [(100, 3), (103, 3), (106, 3), (109, 3), (112, 3), (115, 3)]
    theirs = [(100, 3), (103, 3), (105, 3), (108, 3), (111, 3), (115, 3)]
    days = [DAY + timedelta(days=n) for n in range(6)]
    printed = [(ours, "first"), (theirs, "second")]
    lake = tmp_path / "lake"
    take_in(
        lake,
        [
            document(days[n], {"tanks": t}, source)
            for figures, source in printed
            for n, t in enumerate(figures)
        ],
    )
    text = "\n".join(["date,tanks", *(f"{days[n]},{t}" for n, (t, _) in enumerate(theirs))])
    report = compared(lake, tmp_path, text)
    assert [one["verdict"] for one in report["differences"]] == ["ours"] * 3
    assert report["differences"][1]["why"] == (
        "first prints it, the days before and after lead to it"
    )


RECORDS = [
    {"date": "2023-10-09", "day": 593, "tank": 4819, "MRL": 7, "navy": 1},
    {"date": "2023-10-10", "day": 594, "tank": 4822, "MRL": None, "navy": 1},
    {"date": "2023-10-20", "day": 604, "tank": 4900, "MRL": 8, "navy": 1},
]


def test_the_shape_of_the_community_file(root: Path, tmp_path: Path) -> None:
    report = compared(root, tmp_path, json.dumps(RECORDS), "losses.json")
    (found,) = report["differences"]
    assert (found["category"], found["theirs"]) == ("tanks", 4822)
    assert report["days"]["both"] == 2
    assert report["days"]["only_theirs"] == ["2023-10-20"]
    assert report["days"]["only_ours"][0] == "2023-10-11"
    assert report["figures_only_theirs"] == {"mlrs": 1}
    assert report["unknown_columns"] == ["navy"]
    path = tmp_path / "losses.json"
    text = against_text(against_report(open_lake(root), path, None, None, order=()))
    assert "Days on record here only:\n  2023-10-11 to 2023-10-16" in text
    assert "Columns of the file that we do not know:\n  navy" in text
    assert "Multiple launch rocket systems: 1" in text


@pytest.mark.parametrize("name", ["csv", "jsonl", "wide"])
def test_what_is_exported_can_be_compared(root: Path, tmp_path: Path, name: str) -> None:
    done = export(open_lake(root), name, tmp_path / "out.csv")
    report = shown(against_report(open_lake(root), Path(done.files[0].path), None, None, order=()))
    assert (report["equal"], report["differences"]) == (8, [])
    assert report["unreadable"] == []


@pytest.mark.parametrize("name", ["", "losses", "losses/year=2023/part-0.parquet", "wide.parquet"])
def test_parquet_is_compared_as_it_is_published(root: Path, tmp_path: Path, name: str) -> None:
    """A lake, its folder, a file of it, and the wide form that `export` writes."""
    if name == "wide.parquet":
        export(open_lake(root), "wide", tmp_path / name)
    path = tmp_path / name if name == "wide.parquet" else root / name
    report = shown(against_report(open_lake(root), path, None, None, order=()))
    assert (report["equal"], report["differences"], report["unreadable"]) == (8, [], [])
    assert (report["days"]["both"], report["unknown_columns"]) == (8, [])


def test_parquet_that_cannot_be_compared_is_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "empty").mkdir()
    for name, said in (("cut.parquet", "cannot be read as Parquet"), ("empty", "name a file, or")):
        with pytest.raises(UsageError, match=said):
            against_report(open_lake(root), tmp_path / name, None, None, order=())


def test_a_row_a_category_is_compared_as_a_column(root: Path, tmp_path: Path) -> None:
    report = compared(root, tmp_path, f"date,category,total\n{DAY},tanks,4818\n{DAY},trains,3\n")
    assert [(d["category"], d["theirs"]) for d in report["differences"]] == [("tanks", 4818)]
    assert report["unknown_columns"] == ["trains"]


def test_the_range_is_that_of_the_report_dates(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(with_total(2, 4823))
    lake, second = open_lake(root), DAY + timedelta(days=1)
    report = against_report(lake, path, second, second, order=())
    assert (report.differences, report.days.both, report.equal) == ((), 1, 1)
    with pytest.raises(UsageError, match="is after the last one"):
        against_report(lake, path, second, DAY, order=())


def test_what_only_one_side_has_is_counted(root: Path, tmp_path: Path) -> None:
    report = compared(root, tmp_path, f"report_date,tanks,mlrs\n{DAY},,5")
    assert report["figures_only_ours"] == {"tanks": 1}
    assert report["figures_only_theirs"] == {"mlrs": 1}
    report = compared(root, tmp_path, f"date,mlrs\n{DAY},5")
    assert report["categories_not_in_file"] == ["tanks"]
    assert report["figures_only_ours"] == {}


def test_values_that_are_no_counts_are_left_out_and_told(root: Path, tmp_path: Path) -> None:
    rows = ["4819.0", "about 4821", "4832.5", "-1", "4827"]
    lines = [f"{DAY + timedelta(days=n)},{value}" for n, value in enumerate(rows)]
    report = compared(root, tmp_path, "\n".join(["date,tanks", *lines, *NOISE, lines[4] + "0"]))
    assert [(one["value"], one["problem"]) for one in report["unreadable"]] == [
        ("about 4821", "no whole number"),
        ("4832.5", "no whole number"),
        ("-1", "below zero"),
        ("48270", "another value for that day, 4,827, comes before it"),
    ]
    assert report["equal"] == 2
    text = against_text(
        against_report(open_lake(root), tmp_path / "file.csv", None, None, order=())
    )
    assert "2023-10-10 tanks: 'about 4821': no whole number" in text


ONE = '{"date": "2023-10-09", "tanks": 4819}'
TWICE = '{"date": "2023-10-10", "tanks": 4821, "tanks": 4821}'
NOISE = [f"{date(2024, 1, 1) + timedelta(days=n)}," for n in range(30)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "neither a JSON list of records nor a CSV"),
        ("a,b\n1,2", "neither a JSON list of records nor a CSV"),
        ("date,day\n2023-10-09,593", "no column is a category that we know; its columns: none"),
        ("date,ships\n2023-10-09,593", "no column is a category that we know; its columns: ships"),
        ("date,tanks", "holds no record"),
        ("date,tanks\n09.10.2023,1", "record 1: '09.10.2023' is not a date"),
        ("date,tanks\n2023-10-09,1,2", "line 2 has 3 values, and there are 2 columns"),
        ("date,tanks,tanks\n2023-10-09,1,2", "two columns are named 'tanks'"),
        ('{"date": "2023-10-09"}', "no column is a category that we know; its columns: none"),
        ('{"tanks":\n[1]}', "not a list of records"),
        ("[1]", "not a list of records"),
        ("[{", ": cannot be read as JSON: it is not valid JSON"),
        ('[{"tank": 3}]', "record 1: '' is not a date"),
        (f"[{ONE}, {TWICE}]", "record 2: the key 'tanks' stands twice in it"),
        (f"{ONE}\n{TWICE}\n", "record 2: the key 'tanks' stands twice in it"),
        ("date,tanks\n2023-10-09,-5", "a list of changes or corrections"),
    ],
)
def test_another_shape_is_refused(root: Path, tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        compared(root, tmp_path, text)


def test_one_day_is_one_day(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(f"date,tanks\n{DAY},{OURS[0][0]}\n", "utf-8")
    report = against_report(open_lake(root), tmp_path / "file.csv", None, None, order=())
    assert ", 1 day on both sides:" in against_text(report)


def test_a_file_that_is_no_text_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "image.csv").write_bytes(b"\xff\xfe\x00\x81")
    for name in ("image.csv", "absent.csv"):
        with pytest.raises(UsageError, match=r"cannot be read( as text)?: "):
            against_report(open_lake(root), tmp_path / name, None, None, order=())


def test_what_never_ends_is_not_read_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device has no size that would tell."""
    monkeypatch.setattr(compare_file, "_MOST_BYTES", 1000)
    with pytest.raises(UsageError, match="too large to compare with"):
        against_report(open_lake(root), Path("/dev/zero"), None, None, order=())


def test_every_name_counts_a_category() -> None:
    assert set(columns().values()) == set(load_registry().categories)
    assert {**columns(), **reference.CATEGORY_OF_FIELD} == columns()


def test_the_public_copies_are_read_whole(tmp_path: Path) -> None:
    series = reference.load()
    for name in ("losses_equipment.json", "index_totals.csv"):
        (tmp_path / name).write_bytes(reference.published(name))
    found = read_outside(tmp_path / "losses_equipment.json")
    assert list(found.unknown_columns) == []
    assert list(found.unreadable) == []
    printed = {(d, c): f.total for d, figures in series.items() for c, f in figures.items()}
    assert {cell: printed[cell] for cell in found.totals} == found.totals
    other = read_outside(tmp_path / "index_totals.csv")
    assert (list(other.unknown_columns), list(other.unreadable)) == ([], [])
    assert len(other.categories) == 14
