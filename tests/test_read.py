"""`from flows import read`: the tables as DataFrames whose dates are dates and counts integers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from flows import read
from flows.errors import LakeError, UsageError
from flows.lake.lake import open_lake
from tests.ledger import NOW, days, document, take_in

NEW_YEAR = date(2024, 1, 1)
LATER = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four days of tanks and a refused document; a later run finds 18 printed on the last day."""
    root = tmp_path_factory.mktemp("read") / "lake"
    last = NEW_YEAR - timedelta(days=1)
    refused = document(NEW_YEAR, {}, refused="no figures")
    take_in(root, [*days(last - timedelta(days=1), 10, 12, 15, 17), refused])
    newest = NEW_YEAR + timedelta(days=1)
    again = datetime(2024, 1, 2, 12, tzinfo=NOW.tzinfo)
    take_in(root, [document(newest, {"tanks": (18, 2)}, published_at=again)], now=LATER)
    return root


def test_dates_are_dates_and_counts_integers(lake: Path) -> None:
    frame = read.losses(lake)
    dates = ["report_date", "loss_date", "previous_date"]
    assert {str(frame[name].dtype.kind) for name in dates} == {"M"}
    assert frame["total"].dtype == frame["delta"].dtype == "Int64"
    assert frame["war_day"].dtype == "Int32"
    assert frame["approximate"].dtype == "boolean"
    assert frame["previous_date"].isna().sum() == 1
    on_the_day = frame[frame["report_date"] == "2023-12-31"]
    assert list(on_the_day["total"]) == [12]
    by_day = frame.set_index("report_date")
    assert list(by_day.loc["2024"]["total"]) == [15, 18]
    assert len(by_day["daily"].resample("MS").sum()) == 2


def test_it_is_what_the_lake_holds(lake: Path) -> None:
    opened = open_lake(lake)
    for frame, rows in (
        (read.losses(lake), opened.losses()),
        (read.figures(lake), opened.figures()),
        (read.bulletins(lake), opened.bulletins()),
        (read.revisions(lake), opened.revisions()),
    ):
        assert len(frame) == len(rows) > 0
        days_there = frame["report_date"].dropna().dt.date.tolist()
        assert sorted(days_there) == sorted(row.report_date for row in rows if row.report_date)
    assert read.figures(lake)["source"].tolist() == [row.source for row in opened.figures()]
    assert len(read.bulletins(lake, since=date.min)) < len(read.bulletins(lake))


def test_a_part_of_it(lake: Path) -> None:
    frame = read.losses(lake, since="2024-01-01", until=NEW_YEAR, categories=["tanks"])
    of_pandas = pd.Timestamp(NEW_YEAR)
    pd.testing.assert_frame_equal(frame, read.losses(lake, since=of_pandas, until=of_pandas))
    assert frame[["total", "delta"]].to_numpy().tolist() == [[15, 3]]
    assert read.losses(lake, categories=["uavs"]).empty
    assert list(read.losses(lake, categories=[]).columns) == list(frame.columns)


MOMENTS = [NOW.date(), NOW, NOW.astimezone(UTC).replace(tzinfo=None), NOW.isoformat()]


@pytest.mark.parametrize("moment", [*MOMENTS, NOW.date().isoformat()])
def test_as_it_stood(lake: Path, moment: date | str) -> None:
    then = read.losses(lake, as_of=moment)
    assert then["total"].tolist() == [10, 12, 15, 17]
    pd.testing.assert_series_equal(then.dtypes, read.losses(lake).dtypes)
    assert read.losses(lake, as_of=moment, since=NEW_YEAR)["total"].tolist() == [15, 17]
    pd.testing.assert_frame_equal(read.losses(lake, as_of=LATER), read.losses(lake))
    assert read.losses(lake, as_of=date(2022, 3, 1)).empty


def test_what_does_not_add_up_has_its_sentence(lake: Path) -> None:
    odd = read.check(lake)
    assert odd["report_date"].dt.date.tolist() == [date(2024, 1, 2)]
    assert odd["sentence"].str.contains("Tanks").all()
    assert odd["delta_status"].tolist() == ["mismatch"]
    assert read.check(lake, until=NEW_YEAR).empty


def test_what_is_wrong_is_said(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no category tnaks; known are personnel, tanks"):
        read.losses(lake, categories=["tnaks"])
    for as_of in (None, NOW):
        with pytest.raises(UsageError, match="is after the last one"):
            read.losses(lake, since=NEW_YEAR, until=date(2023, 1, 1), as_of=as_of)
    for wrong in ("1 January", "2023-13-01", ""):
        with pytest.raises(UsageError, match=f"'{wrong}' is no date"):
            read.losses(lake, since=wrong)
        with pytest.raises(UsageError, match=f"'{wrong}' is no moment"):
            read.losses(lake, as_of=wrong)
    with pytest.raises(LakeError, match="There is no lake"):
        read.losses(tmp_path / "none")


def test_the_lake_is_the_one_of_the_settings(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYBOOK_LAKE", str(lake))
    assert len(read.losses()) == 4
