"""Run all benchmarks and print one line each: `python -m tests.benchmarks [--repeats N]`."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests import reference
from tests.benchmarks import backfill, parsing, soup
from tests.benchmarks.daily import Daily


def main() -> int:
    """Measure and print; return 1 where the reference series is absent."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    options.add_argument("--repeats", type=int, default=5, help="counted repeats of each job")
    repeats = options.parse_args().repeats
    if not reference.FOLDER.is_dir():
        print(f"The benchmarks need the reference series: {reference.FOLDER} does not exist.")
        return 1
    for line in (*parsing.compare(repeats), *soup.compare(repeats)):
        print(line, flush=True)
    with tempfile.TemporaryDirectory(prefix="tallybook-bench-") as folder:
        floor, lines = Daily(Path(folder) / "daily").compare(repeats)
        print(*lines, sep="\n", flush=True)
        print(backfill.compare(Path(folder) / "backfill", floor, repeats), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
