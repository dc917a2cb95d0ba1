"""What the gate and the audit cost in CPU time: one document, a hundred, a whole ledger."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from flows.validate.audit import audit
from flows.validate.gate import validate
from schemas.registry import load_registry
from schemas.tables import LossRow
from tests.benchmarks.timing import ROOT
from tests.builders import DAY, bulletin, loss_row, reading

DOCUMENTS = 100
"""Of a batch; a run reads this many at a time."""

ROWS = 23_000
"""Rows of `losses` in the reference series."""

IMPORT = """
import time
start = time.process_time()
import flows.validate.checkpoints
print(time.process_time() - start)
"""


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield the lines to print; each number is the smallest CPU time of the repeats."""
    del work
    registry = load_registry()
    batch = [reading(bulletin(), str(n)) for n in range(DOCUMENTS)]
    rows = _ledger()
    one, hundred, ledger = (
        _smallest(job, repeats)
        for job in (
            lambda: validate(batch[:1], registry=registry, today=DAY),
            lambda: validate(batch, registry=registry, today=DAY),
            lambda: audit(rows, registry=registry),
        )
    )
    yield (
        f"validating: {DOCUMENTS} documents {1000 * hundred:.0f} ms, one {1000 * one:.0f} ms: "
        f"ratio {hundred / one:.2f} (aim: at most 1.5)"
    )
    yield f"validating: the audit of {ROWS} rows {1000 * ledger:.0f} ms"
    importing = min(_import() for _ in range(repeats))
    yield f"validating: importing Great Expectations and the suites {importing:.1f} s"


def _ledger() -> list[LossRow]:
    names = sorted(load_registry().required(DAY))
    days = ROWS // len(names) + 1
    rows = [loss_row(DAY - timedelta(days=n), name) for n in range(days) for name in names]
    return rows[:ROWS]


def _smallest(job: Callable[[], object], repeats: int) -> float:
    """Return the smallest CPU seconds of a job, the first run not counted: it makes the suites."""
    job()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        job()
        seconds.append(time.process_time() - start)
    return min(seconds)


def _import() -> float:
    command = [sys.executable, "-c", IMPORT]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
