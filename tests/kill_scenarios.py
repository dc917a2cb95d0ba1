"""What `tests.kills` kills: commands, each with a lake as it is before it.

`prepare` makes all of it once, without Prefect and always the same: days around the new year of
2024, among them one that comes late, one that is printed anew with another total, and no bulletin.
"""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flows.lake.lake import open_lake
from flows.report.site.build import build
from flows.settings import load_settings
from flows.storage.local import LocalStorage
from tests import history
from tests.plain_runs import folder, run_job
from tests.prefork import NOW
from tests.reference import Printed, official

FIRST, LAST = date(2023, 12, 21), date(2024, 1, 7)
"""Two days whose totals are on file; those in between rise evenly."""

LATE, REVISED = date(2023, 12, 27), date(2023, 12, 30)
NEW_YEAR = date(2024, 1, 1)

Figures = dict[str, Printed]


@dataclass(frozen=True)
class Scenario:
    """A command that is killed: `arguments` without its lake, whose folder is `lake` before it.

    `out`: the command writes there and not into the lake; `old` is what is there before it.
    """

    name: str
    arguments: tuple[str, ...]
    lake: Path
    out: str | None = None
    old: Path | None = None


def series() -> dict[date, Figures]:
    """Return what each day prints."""
    totals = {
        day: {category: one.total for category, one in official()[day].items()}
        for day in (FIRST, LAST)
    }
    length = (LAST - FIRST).days

    def total(category: str, number: int) -> int:
        first, last = totals[FIRST][category], totals[LAST][category]
        return first + (last - first) * number // length

    return {
        FIRST + timedelta(days=n): {
            c: Printed(total(c, n), total(c, n) - total(c, n - 1) if n else None)
            for c in totals[FIRST]
            if c in totals[LAST]
        }
        for n in range(length + 1)
    }


def prepare(work: Path) -> list[Scenario]:
    """Make the documents and the lakes in a folder; return what is to be killed."""
    days = series()
    wrong = days[REVISED]["tanks"]
    first_print = days[REVISED] | {"tanks": Printed(wrong.total - 3, wrong.delta)}
    known = {d: f for d, f in days.items() if d < NEW_YEAR and d != LATE} | {REVISED: first_print}
    coming = {LATE: days[LATE], REVISED: days[REVISED]}
    coming |= {d: f for d, f in days.items() if d >= NEW_YEAR}
    for name, some in (
        ("known", known),
        ("coming", coming),
        ("today", {NEW_YEAR: days[NEW_YEAR]}),
    ):
        history.write_archive(some, work / name)
    for name in ("coming", "today"):
        other = work / name / f"{NEW_YEAR}-other.txt"
        other.write_text("The weather will be fine tomorrow. " * 40)
    before, after, thinned = work / "before", work / "after", work / "thinned"
    _filled(before, work / "known")
    shutil.copytree(before, after)
    _filled(after, work / "coming")
    shutil.copytree(after, thinned)
    _lose_documents(thinned)
    site = work / "old-site"
    build(open_lake(before), LocalStorage(site), load_settings().sources)
    exports = {}
    for kind in ("sqlite", "csv", "community"):
        exports[kind] = work / f"old-{kind}"
        _export(before, kind, exports[kind])
    return [
        Scenario("run", ("run", "--date", f"{NEW_YEAR}", "--archive", str(work / "today")), before),
        Scenario("backfill", ("backfill", "--archive", str(work / "coming")), before),
        Scenario("rebuild", ("rebuild",), thinned),
        *(
            Scenario(f"export {kind}", ("export", kind, "--force"), after, out=place, old=old)
            for kind, old in exports.items()
            for place in ["out" if kind == "community" else f"out/losses.{kind}"]
        ),
        Scenario("report", ("report",), after, out="out", old=site),
    ]


def _filled(lake: Path, documents: Path) -> None:
    run_job("backfill", lake, folder(documents), now=NOW)


def _lose_documents(lake: Path) -> None:
    """Take documents out of the archive: a rebuild has another lake to make without them."""
    archive = open_lake(lake).archive
    for _, sha256 in sorted(archive.keys())[::5]:
        for path in (lake / "archive" / sha256[:2]).glob(f"{sha256}.*"):
            path.unlink()


def _export(lake: Path, kind: str, out: Path) -> None:
    from flows.report.exports.export import export

    place = out if kind == "community" else out / f"losses.{kind}"
    export(open_lake(lake), kind, place, force=True)
