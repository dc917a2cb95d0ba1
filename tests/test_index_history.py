"""The whole war from the index portal: a request a month, every figure right, whatever kills it."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.lake.lake import open_lake
from tests import outlets, reference
from tests.conftest import TALLYBOOK, Command, wait_until
from tests.reference import Figures, Printed
from tests.webserver import Site, page, silence

pytestmark = pytest.mark.full

STUCK = "/losses/2024-06/"
SMALL: Figures = {
    "tanks": Printed(4823, 2),
    "artillery": Printed(6706, 1),
    "mlrs": Printed(808, 0),
    "personnel": Printed(282630, 350),
}


class Portal(NamedTuple):
    """The loopback copy of the index portal, and what is on it."""

    site: Site
    series: dict[date, Figures]
    months: int

    def asked(self) -> Counter[str]:
        return Counter(path for path, _ in self.site.requests)


@pytest.fixture
def portal(site: Site, tmp_path: Path) -> Portal:
    """A page for every month of the reference series, the last one being the current month."""
    series = dict(reference.load())
    months: dict[str, dict[date, Figures]] = {}
    for day, figures in series.items():
        months.setdefault(f"{day:%Y-%m}", {})[day] = figures
    current = max(months)
    for month, days in months.items():
        path = "/losses/" if month == current else f"/losses/{month}/"
        site.serve(path, page(outlets.month_page(days)))
    url = site.address + "/losses/{year}-{month}/"
    (tmp_path / "sources.toml").write_text(f'[minfin]\nkind = "minfin"\nurl = "{url}"\n')
    return Portal(site, series, len(months))


def test_the_whole_war_is_taken_in_after_a_kill(
    portal: Portal, tallybook: Command, tmp_path: Path, prefect_api: str
) -> None:
    answers = portal.site.pages[STUCK]
    portal.site.serve(STUCK, silence)
    arguments = ["backfill", "--since", "2022-02-24", "--source", "minfin", "--lake", "lake"]
    running = subprocess.Popen(
        [TALLYBOOK, *arguments],
        cwd=tmp_path,
        env=os.environ | {"PREFECT_API_URL": prefect_api},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: bool(portal.asked()[STUCK]), "the request that is not answered", running)
    running.send_signal(signal.SIGKILL)
    running.wait()
    archived = len(open_lake(tmp_path / "lake").archive.keys())
    assert archived == sum(portal.asked().values()) - 1
    portal.site.pages[STUCK] = answers

    done = tallybook(*arguments, PREFECT_API_URL=prefect_api)
    assert done.returncode == 0, done.stdout + done.stderr
    twice = {path for path, times in portal.asked().items() if times > 1}
    assert twice == {"/losses/", STUCK}, "only the open month and the one that was cut off"
    assert len(portal.asked()) == portal.months
    assert published(tmp_path / "lake") == printed(portal.series)


def published(lake: Path) -> dict[tuple[date, str], tuple[int, int | None]]:
    return {(r.report_date, r.category): (r.total, r.delta) for r in open_lake(lake).losses()}


def printed(series: dict[date, Figures]) -> dict[tuple[date, str], tuple[int, int | None]]:
    """What the pages print: where nothing was added, they print no delta."""
    return {
        (day, category): (figure.total, figure.delta or None)
        for day, figures in series.items()
        for category, figure in figures.items()
    }


def test_a_backfill_killed_while_it_fetches_asks_for_nothing_that_is_archived(
    site: Site, tmp_path: Path
) -> None:
    months = [date(2023, 9, 1), date(2023, 10, 1)]
    for month, path in zip(months, ("/losses/2023-09/", "/losses/"), strict=True):
        days = {month.replace(day=n): SMALL for n in (1, 2)}
        site.serve(path, page(outlets.month_page(days)))
    url = site.address + "/losses/{year}-{month}/"
    subprocess.run([sys.executable, "-m", "tests.crash_index", url, str(tmp_path)], check=True)
    lakes = [path.stem for path in tmp_path.glob("*.json")]
    assert len(lakes) > 2 * len(months), "a run changes at least this many things"
    expected = published(tmp_path / "undisturbed")
    assert len(expected) == 2 * len(months) * len(SMALL)
    assert all(published(tmp_path / lake) == expected for lake in lakes)
    # A page killed between its archiving and the note of its address is asked for once more.
    assert sum(asked_again(site, tmp_path, lake) for lake in lakes) <= 1


def asked_again(site: Site, folder: Path, lake: str) -> bool:
    """Whether the second run asked for the closed month although the first had archived it."""
    closed = "/losses/2023-09/"
    second = [path for path, by in site.requests if f"; {lake} again)" in by["User-Agent"]]
    kept = json.loads((folder / f"{lake}.json").read_text())
    return closed in second and site.address + closed in kept
