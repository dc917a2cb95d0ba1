"""The first and the second `make run` of a fresh clone, of two checkouts in turn, by the clock.

`python -m tests.benchmarks --against PATH first second`. What a checkout has committed is cloned,
`make setup` is run there (from the package registry) and not counted, then `make run` twice in a
home that no Prefect has seen.
"""

import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.benchmarks.timing import ROOT, run

AIMS: Mapping[str, float] = {"first": 0.70, "second": 0.85}
"""The most that a run here may take of one there; the first makes Prefect's database."""


def compare(work: Path, there: Path, repeats: int, names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each of `names`, keys of `AIMS`; `there` is the other checkout."""
    checkouts = {"here": ROOT, "there": there.resolve()}
    seconds: dict[str, list[tuple[float, float]]] = {side: [] for side in checkouts}
    for turn in range(repeats):
        for side in list(checkouts)[:: -1 if turn % 2 else 1]:
            seconds[side].append(_two_runs(checkouts[side], work / f"{side}-{turn}"))
    for name in names:
        index = list(AIMS).index(name)
        ours, theirs = (min(pair[index] for pair in seconds[side]) for side in ("here", "there"))
        ratio = ours / theirs
        yield (
            f"make run, {name:<6} {ours:6.1f} s here, {theirs:6.1f} s there: "
            f"ratio {ratio:.2f} (aim: at most {AIMS[name]:.2f}){' ABOVE' * (ratio > AIMS[name])}"
        )


def _two_runs(checkout: Path, folder: Path) -> tuple[float, float]:
    """Clone and set up, then time two runs; the seconds of each by the clock."""
    clone, home = folder / "clone", folder / "home"
    subprocess.run(
        ["git", "-c", "advice.detachedHead=false", "clone", "-q", str(checkout), str(clone)],
        check=True,
    )
    _make("setup", clone, home)
    return _make("run", clone, home), _make("run", clone, home)


def _make(target: str, clone: Path, home: Path) -> float:
    start = time.perf_counter()
    run(["make", "-C", str(clone), target], home, clone, {})
    return time.perf_counter() - start
