"""What `tallybook check` and `show` take and their exit status says; wrong data files."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli import options
from flows.cli.main import call
from schemas import languages
from tests.conftest import SAMPLES
from tests.ledger import NOW, document, take_in

DAY = date(2023, 10, 9)


@pytest.fixture
def lake(tmp_path: Path) -> str:
    """A lake of five days; what does not add up on the second can never be decided."""
    printed = [(10, None), (15, 0), (15, 0), (15, 0), (15, 0)]
    days = [document(DAY + timedelta(days=n), {"tanks": tanks}) for n, tanks in enumerate(printed)]
    take_in(tmp_path / "lake", days)
    return str(tmp_path / "lake")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = call(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def test_check_fails_while_something_is_undecided(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = said(capsys, "check", "--lake", lake)
    assert status == 1
    assert out.endswith("Not decided for more than two days: 2023-10-10 Tanks.\n")
    assert said(capsys, "check", "--lake", lake, "--since", "2023-10-11")[0] == 1
    past = ("check", "--lake", lake, "--since", "2023-10-11", "--no-freshness")
    assert said(capsys, *past)[0] == 0


def test_check_as_json_has_the_documented_keys(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = said(capsys, "check", "--json", "--lake", lake)
    assert (status, json.loads(out)["exit_status"]) == (1, 1)
    assert list(json.loads(out)) == [
        *("since", "until", "exit_status", "days", "first_date", "last_date", "rows"),
        *("by_status", "by_diagnosis", "mismatches", "explanations", "undecided", "gaps"),
        *("falling", "disagreeing", "disagreements", "missing", "missing_days"),
        *("unrecognized", "warnings", "quarantined", "corrections", "remarks", "notes"),
        "freshness",
    ]


def test_check_against_a_file(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("date,tanks\n2023-10-11,51\n")
    status, out, _ = said(capsys, "check", "--against", str(path), "--lake", lake)
    assert status == 0
    told = " ".join(out.split())
    assert "Tanks: 15 here, 51 in the file (digits swapped): " in told
    assert "the row of 2023-10-10 is not decided, and this one hangs on it" in told
    status, out, _ = said(capsys, "check", "--against", str(path), "--json", "--lake", lake)
    assert list(json.loads(out)) == [
        *("file", "since", "until", "days", "equal", "by_verdict", "differences"),
        *("figures_only_ours", "figures_only_theirs", "categories_not_in_file"),
        *("unknown_columns", "unreadable"),
    ]
    path.write_text("something else")
    status, out, err = said(capsys, "check", "--against", str(path), "--lake", lake)
    assert (status, out) == (2, "")
    assert "neither a JSON list of records nor a CSV with a column date" in err


@pytest.mark.parametrize(
    ("when", "moment"),
    [
        ("2026-11-01", datetime(2026, 11, 1, 23, 59, 59, 999999, UTC)),
        ("2026-11-02T06:00", datetime(2026, 11, 2, 6, tzinfo=UTC)),
        ("2026-11-02T06:00+02:00", datetime(2026, 11, 2, 4, tzinfo=UTC)),
        ("2026-11-02T06:00:01Z", datetime(2026, 11, 2, 6, 0, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_utc_and_a_date_is_its_end(
    lake: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    moment: datetime,
) -> None:
    monkeypatch.setattr(options, "now", lambda: datetime(2026, 11, 3, tzinfo=UTC))
    arguments = ("show", "2023-10-10", "--json", "--lake", lake, "--as-of", when)
    status, out, _ = said(capsys, *arguments)
    assert status == 0
    assert datetime.fromisoformat(json.loads(out)["as_of"]) == moment


def test_a_moment_before_anything_was_on_record(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    early = (NOW - timedelta(days=1)).date().isoformat()
    status, _, err = said(capsys, "show", "2023-10-10", "--lake", lake, "--as-of", early)
    assert (status, "2023-10-10 was not on record yet" in err) == (1, True)
    assert f"its first document of that day came in at {NOW:%Y-%m-%d %H:%M} UTC (" in err
    status, _, err = said(capsys, "show", "--lake", lake, "--as-of", "yesterday")
    assert (status, "'yesterday' is no moment" in err) == (2, True)


def test_what_is_in_the_future_is_said_to_be(
    lake: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the rest of this day: that is how it stands now."""
    now = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    monkeypatch.setattr(options, "now", lambda: now)
    status, _, err = said(capsys, "show", "2026-11-04", "--lake", lake)
    assert (status, "2026-11-04 is in the future: today, in Kyiv, is 2026-11-03" in err) == (
        1,
        True,
    )
    for when in ("2026-11-04", "9999-12-31T23:59-12:00"):
        status, _, err = said(capsys, "show", "--lake", lake, "--as-of", when)
        assert (status, "is in the future" in err) == (2, True)
    status, _, err = said(capsys, "show", "--lake", lake, "--as-of", "0001-01-01T00:00+14:00")
    assert (status, "the first bulletin is that of 2022-02-25" in err) == (2, True)
    status, out, _ = said(capsys, "show", "--lake", lake, "--as-of", "2026-11-03")
    assert (status, "As published at 2026-11-03 09:30 UTC (" in out) == (0, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("parse", str(SAMPLES / "2023-10-10-update.txt")),
        ("run", "--archive", str(SAMPLES)),
        ("rebuild", "--dry-run"),
        ("rebuild",),
        ("verify",),
        ("sources", "--test", "novinite"),
    ],
)
def test_a_language_without_a_required_key_is_told_and_no_document_is_blamed(
    lake: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    broken = lambda: languages.parse_language("xx", "anchors = []")  # noqa: E731
    monkeypatch.setattr(languages, "load_languages", broken)
    monkeypatch.setenv("TALLYBOOK_LAKE", lake)
    status, out, err = said(capsys, *arguments)
    assert (status, out) == (1, "")
    assert err == "tallybook: languages/xx.toml: the key 'words' is missing\n"
