"""Run the benchmarks and print a line each: `python -m tests.benchmarks [NAME ...]`.

NAMEs are those of the lines; without one all are run but `perturbation`, the table of misprints.
`--against PATH [COMMAND ...]` compares the commands with those of another checkout instead.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.benchmarks import (
    aging,
    backfill,
    commands,
    daily,
    formats,
    growth,
    meanwhile,
    memory,
    newcomer,
    objects,
    parsing,
    perturbation,
    reconciling,
    site,
    soup,
    validating,
    warc,
    workers,
)

BENCHMARKS: Mapping[str, Callable[[Path, int], Iterator[str]]] = {
    "parsing": parsing.compare,
    "soup": soup.compare,
    "daily": daily.compare,
    "backfill": backfill.compare,
    "aging": aging.compare,
    "objects": objects.compare,
    "memory": memory.compare,
    "reconciling": reconciling.compare,
    "validating": validating.compare,
    "site": site.compare,
    "formats": formats.compare,
    "meanwhile": meanwhile.compare,
    "warc": lambda work, _: warc.compare(work),
    "workers": workers.compare,
    "growth": growth.compare,
}
AGAINST = [*commands.COMMANDS, *newcomer.AIMS]
"""What two checkouts can be compared by; the last two, which ask the package registry, by name."""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--repeats", type=int, default=5, help="counted repeats of each job")
    options.add_argument("--trials", type=int, default=1000, help="misprints of each kind")
    options.add_argument("--against", type=Path, metavar="PATH", help="another checkout")
    options.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}, perturbation; "
                         f"with --against of {', '.join(AGAINST)}")  # fmt: skip
    given = options.parse_args()
    known = AGAINST if given.against else {*BENCHMARKS, "perturbation"}
    if unknown := [name for name in given.names if name not in known]:
        options.error(f"unknown: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    with tempfile.TemporaryDirectory(prefix="tallybook-bench-") as folder:
        for line in _lines(given, Path(folder)):
            print(line, flush=True)


def _lines(given: argparse.Namespace, work: Path) -> Iterator[str]:
    if given.against:
        names = given.names or commands.COMMANDS
        if told := [name for name in names if name in commands.COMMANDS]:
            yield from commands.compare(work, given.against, given.repeats, told)
        if told := [name for name in names if name in newcomer.AIMS]:
            yield from newcomer.compare(work, given.against, given.repeats, told)
        return
    for name in given.names or BENCHMARKS:
        if name == "perturbation":
            yield from perturbation.table(given.trials)
        else:
            yield from BENCHMARKS[name](work / name, given.repeats)


if __name__ == "__main__":
    main()
