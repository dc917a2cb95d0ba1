"""The alerts of a lake: what is kept, found again, and passed over."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from flows.lake.alerts import Alert, KeptAlert, kept, locked, write
from flows.lake.lake import Lake, open_lake
from schemas.codes import AlertCause
from tests.builders import DAY, NOW
from tests.reports import shown


def an_alert(day: date = DAY, cause: AlertCause = AlertCause.MISMATCH) -> KeptAlert:
    sent, unsent = {"env:SLACK_URL": NOW}, {"block:slack-webhook/ops": "error=503"}
    return KeptAlert(Alert(cause, day, ("Tanks: odd",), "https://x/"), "3f2a", NOW, sent, unsent)


def filled(root: Path, alerts: Sequence[KeptAlert]) -> Lake:
    lake = open_lake(root, create=True)
    with locked(lake.storage):
        write(lake.storage, alerts)
    return lake


def test_an_alert_is_kept_as_documented_and_found_by_day_and_cause(tmp_path: Path) -> None:
    old = an_alert(DAY - timedelta(days=400), AlertCause.TOTAL_FALLING)
    others = [an_alert(DAY - timedelta(days=n)) for n in (3, 2, 1, 0)]
    lake = filled(tmp_path / "lake", [old, *others])
    for one in others:
        shown(one)
    found = kept(lake.storage, [old.alert.key], DAY - timedelta(days=1))
    assert list(found.values()) == [old, *others[2:]]
    assert kept(lake.storage, [], date.max) == {}


def test_what_is_there_is_replaced_and_what_is_damaged_is_told_again(tmp_path: Path) -> None:
    one = an_alert()
    lake = filled(tmp_path / "lake", [one])
    (path,) = (tmp_path / "lake" / "alerts").iterdir()
    assert path.name == "2023-10-09.mismatch.json"
    for damage in (b"", b"[]", b'{"alert": 1}'):
        path.write_bytes(damage)
        assert kept(lake.storage, [one.alert.key], DAY) == {}
    write(lake.storage, [one])
    assert kept(lake.storage, [], DAY) == {one.alert.key: one}
    (path.parent / "notes.txt").write_text("by hand")
    assert list(kept(lake.storage, [], date.min)) == [one.alert.key]
