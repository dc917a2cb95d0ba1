"""What grows with a lake's age: 1,600 days and 20,000 run files against 10 days, by CPU time.

Run alone against another checkout: `python -m tests.benchmarks.aging [--checkout PATH]`.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from tests import history
from tests.benchmarks.daily import SOURCES, long_history
from tests.benchmarks.timing import HERE, Checkout, in_turn, prefect_server

AGES = {"old": (1_600, 20_000), "young": (10, 10)}
"""Days on record and run files: 12 runs a day for more than four years, and a first week."""

BETWEEN_RUNS = timedelta(hours=2)
AIM = 1.1


def compare(work: Path, repeats: int, checkout: Checkout = HERE) -> Iterator[str]:
    """Yield a line a command; each `run` takes in the next day."""
    days = AGES["old"][0]
    series = long_history(days + repeats + 1)
    past, coming = list(series)[: days - 1], list(series)[days - 1 :]
    history.write_archive({day: series[day] for day in coming}, work / "coming")
    (work / "sources.toml").write_text(SOURCES.format(path=work / "coming"), "utf-8")
    with prefect_server(work / "server") as api:
        settings = {"TALLYBOOK_SOURCES": str(work / "sources.toml"), "PREFECT_API_URL": api}
        lakes = {age: _Lake(work / age, checkout, settings, coming) for age in AGES}
        for age, (count, runs) in AGES.items():
            folder = work / f"{age}-days"
            history.write_archive({day: series[day] for day in past[1 - count :]}, folder)
            lakes[age].fill(folder, runs)
        for name in ("run", "status", "sources", "show --as-of"):
            jobs: dict[str, Callable[[], float]] = {
                age: partial(lake.seconds, name) for age, lake in lakes.items()
            }
            least = {age: min(found) for age, found in in_turn(jobs, repeats).items()}
            yield (
                f"aging: {name:<12} on {days} days and {AGES['old'][1]} run files "
                f"{least['old']:.2f} s of CPU, on {AGES['young'][0]} days {least['young']:.2f} s: "
                f"ratio {least['old'] / least['young']:.2f} (aim: at most {AIM})"
            )


class _Lake:
    """A lake of some age, with its own home."""

    def __init__(
        self, folder: Path, checkout: Checkout, settings: Mapping[str, str], coming: list[date]
    ) -> None:
        self._lake, self._home = folder / "lake", folder / "home"
        self._checkout = checkout
        self._settings = settings
        self._coming = iter(coming)

    def fill(self, archive: Path, runs: int) -> None:
        """Take in the documents of the past and a day more, whose run file is multiplied."""
        self._call("backfill", "--archive", str(archive))
        self.seconds("run")
        multiply(max((self._lake / "runs").rglob("*.json")), runs)

    def seconds(self, name: str) -> float:
        """Run a command; the CPU seconds that it took."""
        if name == "run":
            return self._call("run", "--date", str(next(self._coming)), "--source", "folder")
        if name == "show --as-of":
            return self._call("show", "--as-of", "2100-01-01")
        return self._call(name)

    def _call(self, *arguments: str) -> float:
        command = [*arguments, "--lake", str(self._lake)]
        return self._checkout.tallybook(command, self._home, self._settings)


def multiply(path: Path, runs: int) -> None:
    """Write so many copies of a run's summary as of earlier runs, each in the place of its time."""
    summary = json.loads(path.read_text("utf-8"))
    last = datetime.fromisoformat(summary["started_at"]).astimezone(UTC)
    for n in range(1, runs + 1):
        started = last - n * BETWEEN_RUNS
        times = {"started_at": started.isoformat(), "finished_at": started.isoformat()}
        copy = Path(re.sub(r"\d{8}T\d{6}", f"{started:%Y%m%dT%H%M%S}", str(path)))
        copy.write_text(json.dumps(summary | times | {"run_id": f"earlier-{n}"}), "utf-8")


def main() -> None:
    """Print the lines for this checkout or another."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.aging", description=__doc__)
    options.add_argument("--checkout", type=Path, default=HERE.root)
    options.add_argument("--repeats", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tallybook-aging-") as folder:
        for line in compare(Path(folder), given.repeats, Checkout(given.checkout.resolve())):
            print(line, flush=True)


if __name__ == "__main__":
    main()
