"""How much memory a backfill and a rebuild take as the archive grows tenfold.

`python -m tests.benchmarks.memory KIND LAKE [DOCUMENTS]` runs one and prints its peak in MB; it has
no Prefect in it, which takes the same however large the archive is.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests import history, kill_scenarios, render
from tests.benchmarks.timing import ROOT, peak_megabytes, run
from tests.plain_runs import folder, run_job
from tests.prefork import NOW

FEW, TIMES = 150, 10
"""Documents of the small archive, and by how much the other is larger."""

PAGE = 40_000
"""Bytes of a page around its bulletin, as articles have them."""

AIM = 1.5
"""What is read of so many stays in memory until all is reconciled, their pages do not."""


def write_documents(number: int, place: Path) -> None:
    """Write pages about the days around a new year, one document each, none like another."""
    place.mkdir(parents=True)
    days = list(kill_scenarios.series().items())
    menu = "<p>Some words of a menu.</p>\n"
    for n in range(number):
        day, figures = days[n % len(days)]
        form, style = history.style_of(day)
        text = render.render(form, day, figures, style)
        page = f"{text}\n\n<p>Edition {n}</p>\n{menu * (PAGE // len(menu))}"
        suffix = "txt" if render.media_type(style) == "text/plain" else "html"
        (place / f"{day}-{n}.{suffix}").write_text(page, "utf-8")


def peaks(work: Path) -> dict[str, tuple[int, int]]:
    """Return the peaks in MB of each kind of run, on few documents and on many."""
    found: dict[str, list[int]] = {"backfill": [], "rebuild": []}
    for number in (FEW, FEW * TIMES):
        documents, lake = work / f"{number}-documents", work / f"{number}-lake"
        write_documents(number, documents)
        for kind, given in (("backfill", [str(documents)]), ("rebuild", [])):
            home = work / f"{number}-{kind}"
            command = [sys.executable, "-m", __name__, kind, str(lake), *given]
            run(command, home, ROOT, {})
            found[kind].append(int((home / "output.txt").read_text().split()[-1]))
    return {kind: (few, many) for kind, (few, many) in found.items()}


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield a line for each kind of run; once is enough, memory is not time."""
    for kind, (few, many) in peaks(work).items():
        yield (
            f"memory: a {kind} of {FEW * TIMES} documents takes {many} MB, of {FEW} {few} MB: "
            f"ratio {many / few:.2f} (aim: at most {AIM})"
        )


def main(kind: str, lake: str, *documents: str) -> None:
    """Do one run and print the largest size that this process had."""
    run_job(kind, lake, *(folder(Path(place)) for place in documents), now=NOW)
    print(round(peak_megabytes()))


if __name__ == "__main__":
    main(*sys.argv[1:])
