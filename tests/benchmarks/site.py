"""What the site costs: all pages of the whole war, the refresh of a day, opening the first page."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from flows.lake.lake import open_lake
from flows.report.site.build import Built, build
from flows.settings import SourceConfig
from flows.storage.local import LocalStorage
from tests import history, reference
from tests.plain_runs import folder, run_job

SOURCES = {"folder": SourceConfig("folder", "folder")}


def compare(work: Path, _: int) -> Iterator[str]:
    """Yield the line to print: seconds of wall and of CPU time, imports left out, and the size."""
    series = dict(reference.load())
    *before, last = series
    archive, lake = work / "archive", work / "lake"
    history.write_archive({day: series[day] for day in before}, archive)
    run_job("backfill", lake, folder(archive), now=_noon(last))
    whole, built = _timed(lambda: _build(lake, work / "site"))
    history.write_archive({last: series[last]}, work / "more")
    run_job("daily", lake, folder(work / "more"), now=_noon(last))
    refresh, renewed = _timed(lambda: _build(lake, work / "site"))
    yield (
        f"site: {len(before):,} days, {built.size / 1e6:.1f} MB: {whole}; one more day: {refresh}, "
        f"{renewed.written} of {renewed.written + renewed.unchanged} files (aim: 5 s, under 5 MB)"
    )
    if program := shutil.which("chromium") or shutil.which("chromium-browser"):
        seconds = min(_opened(program, work / "site" / "index.html") for _ in range(3))
        yield f"site: the overview is interactive in Chromium after {seconds:.2f} s (aim: 1 s)"
    else:
        yield "site: there is no Chromium here to open the overview: make browser"


def _opened(program: str, page: Path) -> float:
    """Return the seconds until a page is loaded and answers, in a browser that was just started."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.goto(page.as_uri())
        loaded: float = opened.evaluate(
            "performance.getEntriesByType('navigation')[0].loadEventEnd"
        )
        browser.close()
    return loaded / 1000


def _build(lake: Path, out: Path) -> Built:
    return build(open_lake(lake), LocalStorage(out), SOURCES)


def _timed(job: Callable[[], Built]) -> tuple[str, Built]:
    wall, cpu = time.perf_counter(), time.process_time()
    built = job()
    return f"{time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} s of CPU)", built


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
