"""The daily run, cold, against its floor, and on a lake of 1,600 days against an empty one."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

from tests import history, reference
from tests.benchmarks.timing import interleaved, median_ratio, run_python, tallybook
from tests.reference import Figures, Printed

FLOOR = Path(__file__).with_name("floor.py")
LAKE_DAYS = 1600
SOURCES = '[folder]\nkind = "folder"\npath = "{path}"\n'


def long_history(days: int) -> dict[date, Figures]:
    """Return that many days of the reference series, continued by its last day's totals."""
    series = dict(reference.load())
    last = max(series)
    standing = {name: Printed(figure.total, 0) for name, figure in series[last].items()}
    for n in range(1, days + 1 - len(series)):
        series[last + timedelta(days=n)] = standing
    return dict(islice(series.items(), days))


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield the lines to print."""
    return Daily(work).compare(repeats)


def floor(home: Path) -> None:
    """Run an empty flow beside the bare imports."""
    run_python([str(FLOOR)], home)


class Daily:
    """The daily run of one document, each time in a fresh process and into a lake of its own.

    Each job has one home: Prefect builds its database there in the round that is not counted.
    """

    def __init__(self, work: Path) -> None:
        """Lay out the one document, and the lake of all days before it, under `work`."""
        series = long_history(LAKE_DAYS + 1)
        self._work = work
        self._day = max(series)
        history.write_archive({self._day: series.pop(self._day)}, work / "today")
        history.write_archive(series, work / "before")
        self._sources = work / "sources.toml"
        self._sources.write_text(SOURCES.format(path=work / "today"), "utf-8")
        self._full = work / "full"
        arguments = ["backfill", "--archive", str(work / "before"), "--lake", str(self._full)]
        tallybook(arguments, work / "home-backfill")

    def run(self, lake: Path, home: str) -> None:
        """Run the day into a lake."""
        arguments = ["run", "--date", str(self._day), "--source", "folder", "--lake", str(lake)]
        tallybook(arguments, self._work / home, TALLYBOOK_SOURCES=str(self._sources))

    def compare(self, repeats: int) -> Iterator[str]:
        """Yield the lines to print."""
        empties = iter([self._work / f"empty-{n}" for n in range(repeats + 1)])
        copies = iter([self._copy(n) for n in range(repeats + 1)])
        jobs = {
            "floor": lambda: floor(self._work / "home-floor"),
            "empty": lambda: self.run(next(empties), "home-empty"),
            "full": lambda: self.run(next(copies), "home-full"),
        }
        seconds = interleaved(jobs, repeats)
        middle = {name: median(found) for name, found in seconds.items()}
        cold = median_ratio(seconds, "empty", "floor")
        grown = median_ratio(seconds, "full", "empty")
        yield (
            f"daily: cold {middle['empty']:.2f} s, floor (empty flow beside the imports) "
            f"{middle['floor']:.2f} s: ratio {cold:.2f} (aim: at most 1.2)"
        )
        yield (
            f"daily: on a lake of {LAKE_DAYS} days {middle['full']:.2f} s, on an empty lake "
            f"{middle['empty']:.2f} s: ratio {grown:.2f} (aim: at most 1.05)"
        )

    def _copy(self, n: int) -> Path:
        return Path(shutil.copytree(self._full, self._work / f"full-{n}"))
