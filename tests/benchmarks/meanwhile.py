"""Readers of a partition that is replaced all the while: how many reads fail, is one ever wrong?"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks.formats import READERS
from tests.ledger import document, take_in

SECONDS = 2.0
"""How long each reader reads, a repeat."""

_REPLACE = """
import os, shutil, sys, time
target, *versions = sys.argv[1:]
new = os.path.join(os.path.dirname(target), ".tallybook-new")
while True:
    for version in versions:
        shutil.copyfile(version, new)
        os.replace(new, target)
        time.sleep(0.001)
"""


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield a line a reader: its reads, those that raise, the errors, and what is neither version.

    The partition has the rows of 200 days or of 300, in turn. It is replaced as a run does it: by
    a rename, from a name that readers do not look at.
    """
    versions = [_version(work / f"lake-{days}", days) for days in (200, 300)]
    right = {200, 300}
    target = work / "losses" / "year=2023" / "part-0.parquet"
    target.parent.mkdir(parents=True)
    target.write_bytes(versions[0].read_bytes())
    writer = subprocess.Popen([sys.executable, "-c", _REPLACE, str(target), *map(str, versions)])
    try:
        for name, read in READERS.items():
            if name == "fastparquet":  # it is given a file, not a folder
                continue
            found: Counter[str] = Counter()
            until = time.monotonic() + SECONDS * repeats
            while time.monotonic() < until:
                found[_outcome(read, work / "losses", right)] += 1
            errors = {what: n for what, n in found.items() if what not in ("right", "wrong")}
            yield (
                f"meanwhile: {name}: {found.total():,} reads, {sum(errors.values()):,} raise "
                f"({', '.join(sorted(errors)) or 'nothing'}), {found['wrong']} are wrong"
            )
    finally:
        writer.kill()
        writer.wait()


def _version(lake: Path, days: int) -> Path:
    first = date(2023, 1, 5)
    take_in(lake, [document(first + timedelta(n), {"tanks": (3000 + n, 1)}) for n in range(days)])
    return lake / "losses" / "year=2023" / "part-0.parquet"


def _outcome(read: Callable[[Path], Any], losses: Path, right: set[int]) -> str:
    try:
        return "right" if len(read(losses)) in right else "wrong"
    except BaseException as error:  # Polars panics with what is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return type(error).__name__
