"""What a run asks of object storage does not grow with what the lake holds already."""

from collections import Counter
from datetime import date, timedelta
from urllib.parse import unquote

import pytest

from tests.ledger import NOW, days, document, take_in
from tests.objectstore import Proxy, Store

pytestmark = pytest.mark.slow

LAST = date(2026, 6, 20)


def asked(proxy: Proxy, store: Store, years: int, again: bool) -> tuple[Counter[str], list[str]]:
    """Run a day on a lake of so many years; the requests by method, and what was listed.

    `again`: a day that is on record already, as when a page has not changed.
    """
    lake = store.new_lake()
    *before, last = days(LAST - timedelta(days=3), 10, 12, 15, 19)
    history = [*before, document(LAST, {}, refused="no figures")]
    for year in range(2026 - years, 2026):
        history += [
            *days(date(year, 6, 1), 1, 2, 3),
            document(date(year, 6, 9), {}, refused="no figures"),
        ]
    take_in(lake, history)
    if again:
        take_in(lake, [last])
    proxy.reset()
    take_in(lake, [last], now=NOW + timedelta(days=1))
    paths = [unquote(path) for method, path in proxy.paths if method == "LIST"]
    return Counter(proxy.requests), paths


@pytest.mark.parametrize("again", [pytest.param(False, marks=pytest.mark.full), True])
def test_a_daily_run_asks_no_more_after_years(
    proxy: Proxy, object_store: Store, again: bool
) -> None:
    young, _ = asked(proxy, object_store, 1, again)
    old, listed = asked(proxy, object_store, 4, again)
    assert old == young
    assert sum(old.values()) < 80
    assert all("/archive/.pending" in path for path in listed if "/archive" in path), (
        "the archive is not listed"
    )
