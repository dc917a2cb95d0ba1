"""How what a run costs grows with documents, days, sources, and run files: a line each, a picture.

`python -m tests.benchmarks.growth [--most 10000] [--svg docs/explanation/cost.svg]`. Each run is a
process of its own, without Prefect, which takes the same however much there is to do.
"""

import argparse
import gc
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from functools import partial
from pathlib import Path
from typing import Any

from flows.orchestration.environment import GC_THRESHOLD
from schemas.codes import DocumentStatus
from tests import history, objectstore
from tests.benchmarks.aging import multiply
from tests.benchmarks.daily import long_history
from tests.benchmarks.objects import _copied
from tests.benchmarks.timing import ROOT, peak_megabytes, run
from tests.objectstore import Proxy
from tests.plain_runs import folder, run_job
from tests.reference import Figures

MOST = 10_000
"""Documents of the largest lake: some minutes. 100,000 take an hour."""

MOST_DAYS = 10_000
"""Days of the largest lake, 27 years: more documents are of more sources. A history of 270 years
could not be printed as bulletins are, with two digits for the year."""

MOST_IN_STORE = 1_000
SOURCES = (1, 2, 5, 10, 20)
SOURCE_DAYS = 50
RUN_FILES = (10, 100, 1_000, 10_000)

Point = dict[str, Any]
"""What one run took: `what` grew to `size`, `run` is which run, then seconds, megabytes, ..."""


def compare(work: Path, repeats: int, most: int = MOST) -> Iterator[str]:
    """Yield a line a measurement; once is enough to see how it grows."""
    yield from map(line, points(work, most))


def line(point: Point) -> str:
    """Return what a run took as a line."""
    more = "".join(
        f", {point[name]:,.{digits}f} {unit}"
        for name, digits, unit in (
            ("seconds", 2, "s of CPU"),
            ("megabytes", 0, "MB at most"),
            ("lake_kilobytes", 0, "kB of lake"),
            ("requests", 0, "requests"),
            ("kilobytes", 0, "kB sent and received"),
        )
        if name in point
    )
    return f"growth: {point['what']} {point['size']:>7,}: {point['run']}{more}"


def points(work: Path, most: int = MOST) -> Iterator[Point]:
    """Yield what each run took, the small ones first."""
    series = long_history(min(most, MOST_DAYS) + 1)
    sizes = [size for size in (10, 100, 1_000, 10_000, 100_000) if size <= most]
    lakes = {}
    for size in sizes:
        days = list(series)[-min(size, MOST_DAYS) - 1 :]
        place = work / f"{size}"
        lakes[size] = place / "lake"
        sources = [place / f"documents-{n}" for n in range(max(size // MOST_DAYS, 1))]
        for source in sources:
            _write({day: series[day] for day in days[:-1]}, source)
            for page in source.iterdir() if len(sources) > 1 else ():
                page.write_text(f"{page.read_text('utf-8')}\n<!-- {source.name} -->\n", "utf-8")
        _write({days[-1]: series[days[-1]]}, place / "today")
        about = partial(_once, what="documents", size=size)
        yield about("backfill", lakes[size], *sources) | _lake_size(lakes[size])
        yield about("rebuild", lakes[size])
        kept = shutil.copytree(lakes[size], place / "kept")
        yield about("daily", lakes[size], place / "today", day=days[-1])
        lakes[size] = kept
    yield from _in_store(work, lakes, list(series)[-1])
    yield from _sources(work, series)
    yield from _run_files(work, lakes[100], list(series)[-1])


def _write(series: dict[date, Figures], place: Path) -> None:
    place.mkdir(parents=True)
    history.write_archive(series, place)


def _in_store(work: Path, lakes: dict[int, Path], day: date) -> Iterator[Point]:
    with objectstore.running(work / "store") as store:
        os.environ.update(store.environment)
        with Proxy(store) as proxy:
            for size, disk in lakes.items():
                if size > MOST_IN_STORE:
                    continue
                address = _copied(disk, store)
                os.environ.update(proxy.environment)
                proxy.reset()
                today = folder(work / f"{size}" / "today")
                now = datetime.combine(day, time_of_day(9), UTC)
                run_job("daily", address, today, now=now, since=day, until=day)
                os.environ.update(store.environment)
                yield {
                    "what": "documents",
                    "size": size,
                    "run": "daily in object storage",
                    "requests": sum(proxy.requests.values()),
                    "kilobytes": (proxy.received + proxy.sent) / 1000,
                }


def _sources(work: Path, series: dict[date, Figures]) -> Iterator[Point]:
    days = list(series)[-SOURCE_DAYS:]
    for number in SOURCES:
        place = work / f"sources-{number}"
        names = [place / f"s{n}" for n in range(number)]
        for name in names:
            _write({day: series[day] for day in days}, name)
        yield _once("backfill", place / "lake", *names, what="sources", size=number)


def _run_files(work: Path, lake: Path, day: date) -> Iterator[Point]:
    today = work / "100" / "today"
    for number in RUN_FILES:
        aged = shutil.copytree(lake, work / f"runs-{number}")
        multiply(max((aged / "runs").rglob("*.json")), number)
        yield _once("daily", aged, today, day=day, what="run files", size=number)


def _lake_size(lake: Path) -> Point:
    sizes = (path.stat().st_size for path in lake.rglob("*") if path.is_file())
    return {"lake_kilobytes": sum(sizes) / 1000}


def _once(
    kind: str, lake: Path, *documents: Path, what: str, size: int, day: date | None = None
) -> Point:
    home = lake.parent / f"home-{kind}-{size}"
    asked = ["--day", str(day)] if day else []
    command = [sys.executable, "-m", "tests.benchmarks.growth", "--once", kind, str(lake)]
    run([*command, *map(str, documents), *asked], home, ROOT, {})
    took: Point = json.loads((home / "output.txt").read_text().splitlines()[-1])
    return {"what": what, "size": size, "run": kind, **took}


def once(kind: str, lake: str, documents: list[str], day: date | None) -> None:
    """Do one run and print what it took beyond the imports: seconds of CPU, the peak of memory."""
    gc.set_threshold(GC_THRESHOLD)
    from flows.validate import checkpoints  # noqa: F401

    now = datetime.combine(day or date(2060, 1, 1), time_of_day(9), UTC)
    sources = [folder(Path(place), Path(place).name) for place in documents]
    start = time.process_time()
    summary = run_job(kind, lake, *sources, now=now, since=day, until=day)
    assert not summary.documents.counts.get(DocumentStatus.QUARANTINED)
    print(json.dumps({"seconds": time.process_time() - start, "megabytes": peak_megabytes()}))


def chart(found: list[Point]) -> str:
    """Return the measurements as an SVG picture, a field for each thing that grows."""
    import altair
    import vl_convert

    measures = {
        "seconds": "CPU (s)",
        "megabytes": "peak memory (MB)",
        "lake_kilobytes": "lake (kB)",
        "requests": "requests",
        "kilobytes": "sent and received (kB)",
    }
    fields = []
    for what in dict.fromkeys(point["what"] for point in found):
        for name, title in measures.items():
            rows = [
                {"size": p["size"], "run": p["run"], "value": p[name]}
                for p in found
                if p["what"] == what and name in p
            ]
            if not rows:
                continue
            fields.append(
                altair.Chart(altair.InlineData(values=rows), title=f"{title} by {what}")
                .mark_line(point=True)
                .encode(
                    x=altair.X("size:Q", scale=altair.Scale(type="log"), title=what),
                    y=altair.Y("value:Q", scale=altair.Scale(type="log"), title=title),
                    color=altair.Color("run:N", title=None),
                )
                .properties(width=260, height=170)
            )
    picture = altair.concat(*fields, columns=3).resolve_scale(x="independent", y="independent")
    svg: str = vl_convert.vegalite_to_svg(picture.to_dict())
    return svg


def main() -> None:
    """Measure, print, draw; or do one run."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth")
    options.add_argument("--most", type=int, default=MOST, help="documents of the largest lake")
    options.add_argument("--svg", type=Path, help="where the picture is written")
    options.add_argument("--once", nargs="+", help=argparse.SUPPRESS)
    options.add_argument("--day", type=date.fromisoformat, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.once:
        kind, lake, *documents = given.once
        once(kind, lake, documents, given.day)
        return
    found = []
    with tempfile.TemporaryDirectory(prefix="tallybook-growth-") as work:
        for point in points(Path(work), given.most):
            print(line(point), flush=True)
            found.append(point)
    if given.svg:
        given.svg.write_text(chart(found), "utf-8")


if __name__ == "__main__":
    main()
