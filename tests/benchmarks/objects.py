"""What a daily run asks of object storage, as the lake grows, and how long it takes beside a disk.

The store is a real one on loopback (`tests/objectstore.py`), the requests are counted in a proxy.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from statistics import median

from flows.storage.address import storage_at
from flows.storage.local import LocalStorage
from tests import history, objectstore
from tests.benchmarks.daily import SOURCES, long_history
from tests.benchmarks.timing import interleaved, median_ratio, tallybook
from tests.objectstore import Proxy, Store
from tests.plain_runs import folder, run_job
from tests.reference import Figures

LAST_DAY = date(2025, 12, 20)
"""Some way from a new year and a new category: for the totals before that all years are read."""

NOW = datetime.combine(LAST_DAY, time(9), UTC)
AIM = 1.3


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield the lines to print."""
    series = {day: figures for day, figures in long_history(1_600).items() if day <= LAST_DAY}
    today = {LAST_DAY: series.pop(LAST_DAY)}
    history.write_archive(today, work / "today")
    one_year = {day: figures for day, figures in series.items() if day.year == LAST_DAY.year}
    disks = {len(days): _filled(work, days) for days in (one_year, series)}
    with objectstore.running(work / "store") as store:
        with Proxy(store) as proxy:
            asked = {days: _asked(proxy, store, disk, work) for days, disk in disks.items()}
        young, old = asked.values()
        yield (
            f"objects: a daily run on {max(asked)} days asks {old}; "
            f"on {min(asked)} days of one year {young} (aim: no more)"
        )
        yield _times(work, disks[max(disks)], store, repeats)


def _filled(work: Path, series: Mapping[date, Figures]) -> Path:
    """Return a lake on disk that holds these days."""
    documents, lake = work / f"{len(series)}-days", work / f"{len(series)}-lake"
    history.write_archive(series, documents)
    run_job("backfill", lake, folder(documents), now=NOW)
    return lake


def _copied(disk: Path, store: Store) -> str:
    """Put a lake into the object store as it is; return its address there."""
    source, address = LocalStorage(disk), store.new_lake()
    storage_at(address).write_many(
        {name: source.read(name) for name in source.names() if not name.endswith(".lock")}
    )
    return address


def _asked(proxy: Proxy, store: Store, disk: Path, work: Path) -> str:
    """Run the day; say what it asked for."""
    os.environ.update(store.environment)
    address = _copied(disk, store)
    os.environ.update(proxy.environment)
    proxy.reset()
    run_job("daily", address, folder(work / "today"), now=NOW, since=LAST_DAY, until=LAST_DAY)
    listed = [path for method, path in proxy.paths if method == "LIST" and "%2Farchive" in path]
    assert all(".pending" in path for path in listed), "the archive is listed"
    return (
        f"{sum(proxy.requests.values())} times ({proxy.requests['LIST']} listings), "
        f"{proxy.received / 1000:.0f} kB down, {proxy.sent / 1000:.0f} kB up"
    )


def _times(work: Path, disk: Path, store: Store, repeats: int) -> str:
    sources = work / "sources.toml"
    sources.write_text(SOURCES.format(path=work / "today"), "utf-8")
    environment = {**store.environment, "TALLYBOOK_SOURCES": str(sources)}
    os.environ.update(store.environment)
    objects = iter([_copied(disk, store) for _ in range(repeats + 1)])
    copies = iter([shutil.copytree(disk, work / f"copy-{n}") for n in range(repeats + 1)])

    def run(lake: str, home: str) -> None:
        arguments = ["run", "--date", str(LAST_DAY), "--source", "folder", "--lake", lake]
        tallybook(arguments, work / home, **environment)

    seconds = interleaved(
        {
            "objects": lambda: run(next(objects), "home-objects"),
            "disk": lambda: run(str(next(copies)), "home-disk"),
        },
        repeats,
    )
    middle = {name: median(found) for name, found in seconds.items()}
    return (
        f"objects: a daily run in the object store {middle['objects']:.2f} s, on disk "
        f"{middle['disk']:.2f} s: ratio {median_ratio(seconds, 'objects', 'disk'):.2f} "
        f"(aim: at most {AIM})"
    )
