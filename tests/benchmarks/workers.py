"""A news crawl read by one process alone, by one worker and by two, beside an ideal job on two.

`python -m tests.benchmarks.workers [--pages 100000]` for the full size; `python -m ... FOLDER N`
is one run, N workers (0: none), which prints what it took.
"""

import argparse
import gc
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from contextvars import copy_context
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from flows.orchestration.environment import GC_THRESHOLD
from tests import newsweb, reference
from tests.benchmarks.timing import ROOT, peak_megabytes, prefect_server, run

PAGES = 10_000
BULLETINS = 0.003
FILES = 10
"""Web archives that the pages lie in."""

IDEAL = 12_000_000
"""Steps of the ideal job: some seconds of one core, in next to no memory."""

AIM, MOST_MB = 1.6, 500


def compare(work: Path, repeats: int, pages: int = PAGES) -> Iterator[str]:
    """Yield the lines to print; the ideal job is done before and after, for a busy machine."""
    write_crawl(work / "crawl", pages)
    before = ideal()
    with prefect_server(work / "server") as api:
        found = {workers: _measured(work, api, workers) for workers in (0, 1, 2)}
    two = (before + ideal()) / 2
    alone = found[0]["wall"]
    yield (
        f"workers: an ideal job on two processes is {two:.2f} times as quick as on one "
        f"(load {os.getloadavg()[0]:.1f})"
    )
    for workers, one in found.items():
        speed = alone / one["wall"]
        yield (
            f"workers: {pages} pages with {workers or 'no'} workers {one['wall']:.1f} s, "
            f"{pages / one['wall']:.0f} pages/s: {speed:.2f} times as quick as without; CPU "
            f"{one['own']:.1f} s here{_each(one, 'cpu', ' s')}; peak "
            f"{one['peak']:.0f} MB here{_each(one, 'peaks', ' MB')} (aim: below {MOST_MB})"
        )
    speed = alone / found[2]["wall"]
    longest = max(found[2]["own"], *found[2]["cpu"])
    yield (
        f"workers: two are {speed:.2f} times as quick as none, {speed / two:.0%} of the ideal job "
        f"(aim: {AIM} on two free cores); by CPU alone {found[0]['own'] / longest:.2f}"
    )


def _each(one: Mapping[str, Any], name: str, unit: str) -> str:
    return "".join(f", {value:.0f}{unit} a worker" for value in one[name])


def write_crawl(folder: Path, pages: int) -> None:
    """Write so many pages into some web archives, each with its share of bulletins."""
    folder.mkdir(parents=True)
    days = [item for item in reference.load().items() if item[0] >= date(2023, 9, 15)]
    each = max(int(pages * BULLETINS) // FILES, 1)
    for number in range(FILES):
        series = dict(islice(days, number * each, (number + 1) * each))
        crawl = newsweb.crawl(pages // FILES, series, seed=number)
        newsweb.write_warc(folder / f"news-{number:02}.warc.gz", crawl)


def ideal() -> float:
    """Return how many times as much two processes do in a time as one does."""
    _spin(IDEAL // 10)
    seconds = []
    for processes in (1, 2):
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            pool.map(_spin, [1] * processes)
            start = time.perf_counter()
            pool.map(_spin, [IDEAL] * processes, chunksize=1)
            seconds.append(time.perf_counter() - start)
    return 2 * seconds[0] / seconds[1]


def _spin(steps: int) -> int:
    total = 0
    for step in range(steps):
        total = (total * 31 + step) % 1_000_003
    return total


def _measured(work: Path, api: str, workers: int) -> dict[str, Any]:
    home = work / f"{workers}-workers"
    command = [sys.executable, "-m", "tests.benchmarks.workers", str(work / "crawl"), str(workers)]
    run(command, home, ROOT, {"PREFECT_API_URL": api})
    found: dict[str, Any] = json.loads((home / "output.txt").read_text().splitlines()[-1])
    return found


def warm_up() -> float:
    """Read a page and a bulletin, for what is done once in a process; its CPU seconds so far."""
    from flows.extract.prefilter_bytes import may_be_bulletins
    from flows.parse.bulletin import parse
    from schemas.records import Page
    from tests.history import style_of
    from tests.render import FORMS, render

    day, figures = next(iter(reference.load().items()))
    for form in FORMS:
        text = render(form, day, figures, style_of(day)[1])
        parse(Page(text))
        may_be_bulletins([text.encode()])
    return time.process_time()


def once(folder: Path, number: int) -> None:
    """Read the crawl into a new lake, and print what it took once all had warmed up."""
    gc.set_threshold(GC_THRESHOLD)  # as the command does
    from prefect import flow

    from flows.validate import checkpoints  # noqa: F401
    from tests.plain_runs import no_network

    @flow
    def reading() -> dict[str, Any]:
        from flows.job import Job
        from flows.lake.lake import open_lake
        from flows.orchestration import workers
        from flows.pipeline import run as run_job
        from flows.settings import SourceConfig

        spread, client = None, None
        with ExitStack() as stack, tempfile.TemporaryDirectory() as lake:
            if number:
                from flows.orchestration.dask_cluster import connected, places, task_runner

                runner = stack.enter_context(task_runner(number, None))
                client = connected(runner, None)
                spread = partial(workers.spread, runner, copy_context(), partial(places, client))
            before = client.run(warm_up) if client else {}
            own, start = warm_up(), time.perf_counter()
            source = SourceConfig("warc", "warc", path=str(folder))
            job = Job("backfill", "bench", datetime.now(UTC), ("warc",), (source,))
            run_job(job, open_lake(lake, create=True), no_network, spread=spread)
            wall = time.perf_counter() - start
            after = client.run(time.process_time) if client else {}
            return {
                "wall": wall,
                "own": time.process_time() - own,
                "cpu": [after[place] - before[place] for place in before],
                "peak": peak_megabytes(),
                "peaks": [*client.run(peak_megabytes).values()] if client else [],
            }

    print(json.dumps(reading()))


def main() -> None:
    """Measure and print; or do one run."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.workers")
    options.add_argument("--pages", type=int, default=100_000)
    options.add_argument("run", nargs="*", help="FOLDER N: one run")
    given = options.parse_args()
    if given.run:
        once(Path(given.run[0]), int(given.run[1]))
        return
    with tempfile.TemporaryDirectory(prefix="tallybook-workers-") as folder:
        for line in compare(Path(folder), 1, given.pages):
            print(line, flush=True)


if __name__ == "__main__":
    main()
