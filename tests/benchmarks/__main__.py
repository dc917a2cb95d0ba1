"""Run all benchmarks and print one line each: `python -m tests.benchmarks [--repeats N]`.

`python -m tests.benchmarks perturbation [--trials N]` prints the table of misprints alone.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests import reference
from tests.benchmarks import backfill, parsing, perturbation, reconciling, soup, warc
from tests.benchmarks.daily import Daily


def main() -> int:
    """Measure and print; return 1 where the reference series is absent."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    options.add_argument("--repeats", type=int, default=5, help="counted repeats of each job")
    options.add_argument("--trials", type=int, default=1000, help="misprints of each kind")
    options.add_argument("what", nargs="?", choices=["perturbation"], help="this one alone")
    given = options.parse_args()
    repeats = given.repeats
    if not reference.FOLDER.is_dir():
        print(f"The benchmarks need the reference series: {reference.FOLDER} does not exist.")
        return 1
    if given.what:
        for line in perturbation.table(given.trials):
            print(line, flush=True)
        return 0
    for line in (*parsing.compare(repeats), *soup.compare(repeats)):
        print(line, flush=True)
    with tempfile.TemporaryDirectory(prefix="tallybook-bench-") as folder:
        floor, lines = Daily(Path(folder) / "daily").compare(repeats)
        print(*lines, sep="\n", flush=True)
        print(backfill.compare(Path(folder) / "backfill", floor, repeats), flush=True)
        for line in reconciling.compare(Path(folder) / "reconciling", repeats):
            print(line, flush=True)
        print(*warc.compare(Path(folder)), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
