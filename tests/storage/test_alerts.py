"""Alerts are kept in object storage as on a disk."""

from datetime import date

from msgspec.structs import replace

from flows.lake.alerts import kept, locked, write
from flows.lake.lake import open_lake
from tests.builders import DAY
from tests.lake.test_alerts import an_alert


def test_alerts_are_kept_and_replaced(place: str) -> None:
    storage, one = open_lake(place, create=True).storage, an_alert()
    for unsent in ({"env:HOOK": "error=503"}, {}):
        changed = replace(one, unsent=unsent)
        with locked(storage):
            kept(storage, [one.alert.key], DAY)
            write(storage, [changed])
        assert kept(storage, [one.alert.key], date.max) == {one.alert.key: changed}
        assert kept(storage, [], DAY) == {one.alert.key: changed}
